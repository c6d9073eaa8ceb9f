// The ports of a process on a stage (stage.h).
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "engine/environment.h"
#include "engine/lock.h"
#include "engine/router.h"
#include "engine/spool.h"
#include "engine/stage.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/server.h"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::engine {

class StageEnvironment : public TestEnvironment {
 public:
  StageEnvironment(Stage& stage, Process& process)
      : TestEnvironment(stage.world.clocks), stage_(stage), process_(process) {}
  bool wait(Micros duration) override {
    stage_.pass(process_, duration);
    return false;
  }

 private:
  Stage& stage_;
  Process& process_;
};

// Free again when its holder lets go or is killed.
class StageLock : public Lock {
 public:
  StageLock(Stage& stage, Process& process, std::shared_ptr<bool> taken);
  Result<std::unique_ptr<Held>> acquire(std::chrono::milliseconds wait) override;

 private:
  Stage& stage_;
  Process& process_;
  std::shared_ptr<bool> taken_;
};

class StageSpool : public TestSpool {
 public:
  StageSpool(Stage& stage, Process& process)
      : TestSpool(stage.world.spooled, stage.world.spool_keeps), stage_(stage), process_(process) {}
  Result<void> append(const migration::Command& command) override {
    stage_.pass(process_);
    return TestSpool::append(command);
  }
  Result<Spooled> read() override {
    stage_.pass(process_);
    return TestSpool::read();
  }
  Result<void> remove(const Spooled& taken) override {
    stage_.pass(process_);
    return TestSpool::remove(taken);
  }

 private:
  Stage& stage_;
  Process& process_;
};

// The ledger of the world, which can be lost and found; a commit that fails may be there all the same.
std::unique_ptr<ledger::Store> make_stage_store(Stage& stage, Process& process);

// As HAProxy does it: the file first, then a look at the map and a `set` for each key that is above, and
// a look at what came of it. Nothing holds two processes apart in it but raise.lock.
class StageRouter : public Router {
 public:
  StageRouter(Stage& stage, Process& process, migration::Configuration configuration);

  [[nodiscard]] Capabilities capabilities() const override {
    return {true, true, true, true, true};
  }
  [[nodiscard]] std::string description() const override { return "maps on a stage"; }
  Result<Reading> read() override;
  Result<std::vector<migration::RouteAmount>> set_traffic(
      std::span<const migration::RouteAmount> routes, Toward toward
  ) override;
  Result<std::vector<migration::FeatureAmount>> set_features(
      std::span<const migration::FeatureAmount> features
  ) override;
  CutReport cut(std::chrono::milliseconds deadline) override;
  EndedSessions end_sessions(std::span<const std::string> unreachable) override;
  Result<void> prove_writable() override { return enter(); }
  Result<void> clear_halt(std::span<const migration::Server> servers) override;
  [[nodiscard]] std::vector<std::string> break_glass() const override { return {"socat ..."}; }

 private:
  Result<void> enter();
  void lower_files(std::span<const migration::RouteAmount> routes);

  Stage& stage_;
  Process& process_;
  migration::Configuration configuration_;
};

}  // namespace hal9::engine
