#include "engine/stage_ports.h"

#include "adapters/memory/memory_store.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/lock.h"
#include "engine/router.h"
#include "engine/stage.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "migration/server.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

using migration::RouteAmount;

using std::chrono::milliseconds;

constexpr milliseconds kPoll{10};

}  // namespace

// ---- locks -----------------------------------------------------------------------------------------

StageLock::StageLock(Stage& stage, Process& process, std::shared_ptr<bool> taken)
    : stage_(stage), process_(process), taken_(std::move(taken)) {}

Result<std::unique_ptr<Lock::Held>> StageLock::acquire(milliseconds wait) {
  struct Release : Held {
    explicit Release(std::shared_ptr<bool> taken) : taken_(std::move(taken)) {}
    Release(const Release&) = delete;
    Release& operator=(const Release&) = delete;
    ~Release() override { *taken_ = false; }
    std::shared_ptr<bool> taken_;
  };
  const Micros until = stage_.now + wait;
  stage_.pass(process_);
  while (*taken_) {
    if (stage_.now >= until) return fail(Code::locked, "the lock is held");
    stage_.pass(process_, std::min<Micros>(kPoll, until - stage_.now));
  }
  *taken_ = true;
  return std::unique_ptr<Held>(new Release(taken_));
}

// ---- the ledger ------------------------------------------------------------------------------------

namespace {

class StageBatch : public ledger::Batch {
 public:
  StageBatch(Stage& stage, Process& process, std::unique_ptr<ledger::Batch> under)
      : stage_(stage), process_(process), under_(std::move(under)) {}

  [[nodiscard]] const ledger::Head& head() const override { return under_->head(); }
  Result<std::optional<ledger::CommandRecord>> find_command(CommandId id) override {
    return under_->find_command(id);
  }
  Result<std::vector<ledger::Event>> append(
      std::span<const ledger::Draft> drafts, Time now, CommandId command, const Digest& digest
  ) override {
    return under_->append(drafts, now, command, digest);
  }
  Result<void> put_snapshot(const ledger::Snapshot& snapshot) override {
    return under_->put_snapshot(snapshot);
  }
  Result<void> thin_snapshots(std::string_view fold, std::uint64_t every) override {
    return under_->thin_snapshots(fold, every);
  }
  Result<void> swap_snapshots(std::string_view from, std::string_view into) override {
    return under_->swap_snapshots(from, into);
  }
  Result<void> commit() override {
    stage_.pass(process_);
    const auto lost = stage_.world.ledger_error;
    // A sync that failed says nothing of what is on the disk.
    if (lost && stage_.dice(2) == 0) return tl::unexpected<Error>(*lost);
    auto committed = under_->commit();
    if (!committed) return committed;
    stage_.committed(process_);
    stage_.pass(process_);
    if (lost) return tl::unexpected<Error>(*lost);
    return {};
  }

 private:
  Stage& stage_;
  Process& process_;
  std::unique_ptr<ledger::Batch> under_;
};

class StageStore : public ledger::Store {
 public:
  StageStore(Stage& stage, Process& process)
      : stage_(stage), process_(process), under_(memory::share(*stage.world.ledger)) {}

  [[nodiscard]] std::string name() const override { return under_->name(); }
  Result<ledger::Head> head() override {
    return looked<ledger::Head>([&] { return under_->head(); });
  }
  Result<void> scan(const ledger::Filter& filter, const ledger::LineVisitor& visit) override {
    return looked<void>([&] { return under_->scan(filter, visit); });
  }
  Result<void> scan_rows(ledger::Sequence from, const ledger::RowVisitor& visit) override {
    return under_->scan_rows(from, visit);
  }
  Result<ledger::Sequence> sequence_at(Time recorded) override {
    return under_->sequence_at(recorded);
  }
  Result<std::optional<ledger::CommandRecord>> find_command(CommandId id) override {
    return under_->find_command(id);
  }
  Result<void> scan_commands(const std::function<bool(const ledger::CommandRecord&)>& visit
  ) override {
    return under_->scan_commands(visit);
  }
  Result<std::optional<ledger::Snapshot>> snapshot_before(
      std::string_view fold, ledger::Sequence at
  ) override {
    return under_->snapshot_before(fold, at);
  }
  Result<void> scan_snapshots(const std::function<bool(const ledger::Snapshot&)>& visit) override {
    return under_->scan_snapshots(visit);
  }
  Result<Digest> node(std::uint32_t level, std::uint64_t index) override {
    return under_->node(level, index);
  }
  Result<void> scan_nodes(const std::function<bool(const ledger::Node&)>& visit) override {
    return under_->scan_nodes(visit);
  }
  Result<void> steady(const std::function<Result<void>()>& work) override {
    return under_->steady(work);
  }
  Result<std::optional<std::string>> structure_finding() override {
    return under_->structure_finding();
  }
  Result<std::unique_ptr<ledger::Batch>> begin(milliseconds wait) override {
    const Micros until = stage_.now + wait;
    stage_.pass(process_);
    while (true) {
      if (stage_.world.ledger_error) return tl::unexpected<Error>(*stage_.world.ledger_error);
      auto batch = under_->begin(wait);
      if (batch) {
        return std::unique_ptr<ledger::Batch>(
            std::make_unique<StageBatch>(stage_, process_, std::move(*batch))
        );
      }
      if (batch.error().code != Code::locked || stage_.now >= until) return pass_on(batch);
      stage_.pass(process_, std::min<Micros>(kPoll, until - stage_.now));
    }
  }

 private:
  template <class T>
  Result<T> looked(const std::function<Result<T>()>& look) {
    stage_.pass(process_);
    if (stage_.world.ledger_error) return tl::unexpected<Error>(*stage_.world.ledger_error);
    return look();
  }

  Stage& stage_;
  Process& process_;
  std::unique_ptr<ledger::Store> under_;
};

}  // namespace

std::unique_ptr<ledger::Store> make_stage_store(Stage& stage, Process& process) {
  return std::make_unique<StageStore>(stage, process);
}

// ---- the router ------------------------------------------------------------------------------------

StageRouter::StageRouter(Stage& stage, Process& process, migration::Configuration configuration)
    : stage_(stage), process_(process), configuration_(std::move(configuration)) {}

Result<void> StageRouter::enter() {
  stage_.pass(process_);
  if (!stage_.world.maps->reachable) return fail(Code::unreachable, "the maps do not answer");
  return {};
}

Result<Reading> StageRouter::read() {
  if (auto up = enter(); !up) return pass_on(up);
  Reading reading;
  for (const auto& route : migration::routes_of(configuration_)) {
    const Held held = stage_.in_router(route);
    stage_.read_back(route);
    reading.routes.push_back({route, held.share, held.mirror, false, 0, 0});
  }
  for (const auto& [feature, value] : stage_.world.maps->features) {
    reading.features.push_back({feature, value});
  }
  reading.halted = stage_.world.maps->kill;
  reading.maintenance = stage_.world.maps->maintenance;
  if (reading.maintenance) reading.in_maintenance = {kServer};
  reading.flat.servers_up = stage_.world.maps->flat_up;
  return reading;
}

void StageRouter::lower_files(std::span<const RouteAmount> routes) {
  auto text = stage_.files;
  stage_.pass(process_, Takes::brief);
  for (const auto& amount : routes) {
    Held& held = text[amount.route];
    held.share = std::min(held.share, amount.share.value_or(Share::all()));
    held.mirror = std::min(held.mirror, amount.mirror.value_or(Share::all()));
  }
  for (const auto& [route, held] : text) stage_.write(route, held, true);
}

Result<std::vector<RouteAmount>> StageRouter::set_traffic(
    std::span<const RouteAmount> routes, Toward toward
) {
  if (toward != Toward::flat) stage_.wrong("a way back raises");
  stage_.pass(process_);
  lower_files(routes);
  if (auto up = enter(); !up) return pass_on(up);
  std::map<migration::Route, Held> seen;
  for (const auto& amount : routes) seen[amount.route] = stage_.in_router(amount.route);
  for (const auto& amount : routes) {
    Held value = seen[amount.route];
    value.share = std::min(value.share, amount.share.value_or(Share::all()));
    value.mirror = std::min(value.mirror, amount.mirror.value_or(Share::all()));
    if (value == seen[amount.route]) continue;
    stage_.pass(process_, Takes::brief);
    stage_.write(amount.route, value, false);
  }
  stage_.pass(process_, Takes::brief);
  std::vector<RouteAmount> observed;
  for (const auto& amount : routes) {
    const Held held = stage_.in_router(amount.route);
    stage_.read_back(amount.route);
    observed.push_back({amount.route, held.share, held.mirror});
  }
  return observed;
}

Result<std::vector<migration::FeatureAmount>> StageRouter::set_features(
    std::span<const migration::FeatureAmount> features
) {
  if (auto up = enter(); !up) return pass_on(up);
  return std::vector<migration::FeatureAmount>(features.begin(), features.end());
}

CutReport StageRouter::cut(milliseconds) {
  CutReport report;
  if (auto up = enter(); !up) {
    report.unreachable = {"maps"};
    return report;
  }
  stage_.world.maps->kill = stage_.world.maps->maintenance = true;
  stage_.pass(process_, Takes::brief);
  for (const auto& route : migration::routes_of(configuration_)) {
    const Held before = stage_.in_router(route);
    report.before.push_back({route, before.share, before.mirror});
    stage_.write(route, {}, false);
    stage_.read_back(route);
    report.observed.push_back({route, Share::none(), Share::none()});
  }
  stage_.pass(process_);
  stage_.files_kill = true;
  for (const auto& route : migration::routes_of(configuration_)) stage_.write(route, {}, true);
  report.halted = report.maintenance = true;
  report.servers = {kServer};
  return report;
}

EndedSessions StageRouter::end_sessions(std::span<const std::string>) {
  stage_.pass(process_);
  return {};
}

Result<void> StageRouter::clear_halt(std::span<const migration::Server>) {
  stage_.wrong("a way back clears a halt");
  return {};
}

}  // namespace hal9::engine
