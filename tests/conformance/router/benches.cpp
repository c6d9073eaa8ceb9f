// The benches of the routers that need no set-up of their own file.
#include "adapters/exec/exec_router.h"
#include "adapters/haproxy/haproxy_router.h"
#include "adapters/haproxy/weight_router.h"
#include "adapters/ledger_only/ledger_only_router.h"
#include "conformance/router/bench.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/process.h"
#include "conformance/router/weight_setup.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/state.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hal9::testing {

namespace {

using migration::FeatureAmount;
using migration::RouteAmount;

class HaproxyBench final : public Bench {
 public:
  engine::Router& router() override { return *router_; }
  std::unique_ptr<engine::Router> another() override {
    return haproxy::make_router(setup_.configuration);
  }

 private:
  HaproxySetup setup_;
  std::unique_ptr<engine::Router> router_ = haproxy::make_router(setup_.configuration);
};

class WeightBench final : public Bench {
 public:
  engine::Router& router() override { return *router_; }
  std::unique_ptr<engine::Router> another() override {
    return haproxy::make_weight_router(setup_.configuration);
  }

 private:
  WeightSetup setup_;
  std::unique_ptr<engine::Router> router_ = haproxy::make_weight_router(setup_.configuration);
};

class LedgerOnlyBench final : public Bench {
 public:
  engine::Router& router() override { return *router_; }
  std::unique_ptr<engine::Router> another() override {
    return ledger_only::make_router(configuration_of(migration::RouterKind::ledger_only), [this] {
      return state_;
    });
  }
  void keep(const std::vector<RouteAmount>& observed) override {
    for (const auto& amount : observed) {
      auto& route = state_.routes[amount.route];
      if (amount.share) route.share.observed = *amount.share;
      if (amount.mirror) route.mirror.observed = *amount.mirror;
    }
  }
  void keep(const std::vector<FeatureAmount>& observed) override {
    for (const auto& amount : observed)
      state_.features[amount.feature].observed = amount.percentage;
  }

 private:
  migration::State state_;
  std::unique_ptr<engine::Router> router_ = another();
};

// A program and the file in which it keeps what it was told.
class ExecBench final : public Bench {
 public:
  ExecBench(std::vector<std::string> command, bool tells_before)
      : configuration_(configuration_of(migration::RouterKind::exec)), tells_before_(tells_before) {
    configuration_.exec.emplace();
    configuration_.exec->command = std::move(command);
    own(configuration_.exec->command);
    configuration_.exec->command.push_back((folder_.path() / "state.json").string());
    // The programs below start an interpreter, and the machine may be busy.
    configuration_.exec->timeout = std::chrono::seconds(20);
    router_ = another();
  }
  engine::Router& router() override { return *router_; }
  std::unique_ptr<engine::Router> another() override {
    return exec::make_router(configuration_, folder_.path());
  }
  [[nodiscard]] bool tells_before() const override { return tells_before_; }

 private:
  // Whoever owns the sources, what runs is ours.
  void own(std::vector<std::string>& command) const {
    for (std::string& word : command) {
      if (!word.starts_with(HAL9_SOURCE_DIR)) continue;
      const auto copy = folder_.path() / std::filesystem::path(word).filename();
      std::filesystem::copy_file(word, copy);
      std::filesystem::permissions(copy, std::filesystem::perms::owner_all);
      word = copy.string();
    }
  }
  Folder folder_;
  migration::Configuration configuration_;
  bool tells_before_;
  std::unique_ptr<engine::Router> router_;
};

const std::string kHere = HAL9_SOURCE_DIR "/tests/conformance/router/";

}  // namespace

std::unique_ptr<Bench> make_haproxy_bench() {
  return std::make_unique<HaproxyBench>();
}
std::unique_ptr<Bench> make_weight_bench() {
  return std::make_unique<WeightBench>();
}
std::unique_ptr<Bench> make_ledger_only_bench() {
  return std::make_unique<LedgerOnlyBench>();
}
std::unique_ptr<Bench> make_exec_bench() {
  return std::make_unique<ExecBench>(
      std::vector<std::string>{"/usr/bin/python3", kHere + "exec_program.py"}, true
  );
}
std::unique_ptr<Bench> make_exec_least_bench() {
  return std::make_unique<ExecBench>(
      std::vector<std::string>{"/usr/bin/python3", kHere + "exec_program.py", "--least"}, false
  );
}
std::unique_ptr<Bench> make_kubectl_bench() {
  return std::make_unique<ExecBench>(
      std::vector<std::string>{
          "/usr/bin/python3",
          HAL9_SOURCE_DIR "/tools/routers/kubectl-gateway",
          "--flat=flat",
          "--hierarchical=hierarchical",
          "--namespace=hal9",
          "--kubectl",
          kHere + "fake_kubectl.py",
          "--kubeconfig",
      },
      true
  );
}

}  // namespace hal9::testing
