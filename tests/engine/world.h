// A world for the engine's tests: a router in memory that obeys the port's contract and can be told
// to fail, clocks that move only when somebody waits, locks and a spool in memory, and one ledger
// that several services (processes, so to say) open.
#pragma once

#include "adapters/memory/memory_store.h"
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/environment.h"
#include "engine/hooks.h"
#include "engine/lock.h"
#include "engine/map_router.h"
#include "engine/objects_in_memory.h"
#include "engine/router.h"
#include "engine/seals_in_memory.h"
#include "engine/service.h"
#include "engine/spool.h"
#include "engine/views.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/server.h"
#include "migration/state.h"
#include "migration/valid_lines.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::engine {

// Clocks that several environments share; the wall clock can be set, the steady one only grows.
struct Clocks {
  Time wall{std::chrono::seconds{1'700'000'000}};
  Micros steady{};
  std::uint64_t random = 0;
  bool interrupted = false;
  std::function<void()> on_wait;  // what other people do meanwhile
  std::function<void()> on_look;  // the same, whenever a process looks whether it was interrupted
};

class TestEnvironment : public Environment {
 public:
  explicit TestEnvironment(std::shared_ptr<Clocks> clocks) : clocks_(std::move(clocks)) {}
  Time now() override { return clocks_->wall; }
  std::chrono::steady_clock::time_point steady() override {
    return std::chrono::steady_clock::time_point{clocks_->steady};
  }
  Bytes16 random() override {
    Bytes16 bytes{};
    const std::uint64_t number = ++clocks_->random;
    for (std::size_t i = 0; i < 8; ++i) {
      bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return bytes;
  }
  bool wait(Micros duration) override {
    clocks_->wall += duration;
    clocks_->steady += duration;
    if (clocks_->on_wait) clocks_->on_wait();
    return clocks_->interrupted;
  }
  bool interrupted() override {
    if (clocks_->on_look) clocks_->on_look();
    return clocks_->interrupted;
  }

 private:
  std::shared_ptr<Clocks> clocks_;
};

// What hooks were asked to do, and answer.
struct HookLog {
  std::vector<std::string> ran;
  std::vector<std::string> inputs;
  HookAttempt answer;
  std::function<void()> meanwhile;  // what others do while one runs
};

class TestHooks : public HookRunner {
 public:
  TestHooks(std::shared_ptr<HookLog> log, std::unique_ptr<Lock> lock)
      : log_(std::move(log)), lock_(std::move(lock)) {}
  Result<std::unique_ptr<Lock::Held>> acquire() override {
    return lock_->acquire(std::chrono::milliseconds{0});
  }
  HookAttempt run(const migration::Hook& hook, std::string_view input) override {
    log_->ran.push_back(hook.name.text());
    log_->inputs.emplace_back(input);
    if (const auto meanwhile = log_->meanwhile) meanwhile();
    return log_->answer;
  }

 private:
  std::shared_ptr<HookLog> log_;
  std::unique_ptr<Lock> lock_;
};

// Waiting for a lock that is held takes time, as it does for a person.
class TestLock : public Lock {
 public:
  TestLock(std::shared_ptr<bool> taken, std::shared_ptr<Clocks> clocks)
      : taken_(std::move(taken)), clocks_(std::move(clocks)) {}
  Result<std::unique_ptr<Held>> acquire(std::chrono::milliseconds wait) override {
    if (*taken_) {
      clocks_->wall += wait;
      clocks_->steady += wait;
      return fail(Code::locked, "the lock is held");
    }
    *taken_ = true;
    return std::unique_ptr<Held>(new Release(taken_));
  }

 private:
  struct Release : Held {
    explicit Release(std::shared_ptr<bool> taken) : taken_(std::move(taken)) {}
    Release(const Release&) = delete;
    Release& operator=(const Release&) = delete;
    ~Release() override { *taken_ = false; }
    std::shared_ptr<bool> taken_;
  };
  std::shared_ptr<bool> taken_;
  std::shared_ptr<Clocks> clocks_;
};

class TestSpool : public Spool {
 public:
  TestSpool(std::shared_ptr<Spooled> kept, std::shared_ptr<bool> keeps)
      : kept_(std::move(kept)), keeps_(std::move(keeps)) {}
  Result<void> append(const migration::Command& command) override {
    kept_->commands.push_back(command);
    return {};
  }
  Result<Spooled> read() override { return *kept_; }
  Result<void> remove(const Spooled& taken) override {
    if (*keeps_) return fail(Code::read_only, "the spool cannot be written");
    kept_->commands.erase(
        kept_->commands.begin(),
        kept_->commands.begin() + static_cast<std::ptrdiff_t>(taken.commands.size())
    );
    kept_->unreadable.clear();
    return {};
  }
  [[nodiscard]] std::string location() const override { return "test.spool"; }

 private:
  std::shared_ptr<Spooled> kept_;
  std::shared_ptr<bool> keeps_;
};

class Watcher : public Progress {
 public:
  void on_gates(const std::vector<migration::Gate>& seen) override { gates = seen; }
  void on_plan(const migration::RollbackPlan& plan) override { plans.push_back(plan); }
  void on_step(
      const migration::RollbackPlan&,
      const std::vector<migration::RouteAmount>& amounts,
      Micros gone
  ) override {
    steps.emplace_back(gone, amounts.empty() ? Share{} : amounts.front().share.value_or(Share{}));
  }
  void on_raise(const migration::RaisePlan& plan) override { raises.push_back(plan); }
  void on_raise_step(
      const migration::RaisePlan&, const std::vector<migration::RouteAmount>& amounts, Micros gone
  ) override {
    raised.emplace_back(gone, amounts.empty() ? Share{} : amounts.front().share.value_or(Share{}));
  }
  void on_note(const std::string& note) override { notes.push_back(note); }

  std::vector<migration::RaisePlan> raises;
  std::vector<std::pair<Micros, Share>> raised;
  std::vector<migration::Gate> gates;
  std::vector<migration::RollbackPlan> plans;
  std::vector<std::pair<Micros, Share>> steps;
  std::vector<std::string> notes;
};

// One migration with two routes and two features; `process()` makes another process's service.
class World {
 public:
  World() {
    configuration.name = name("test");
    configuration.ledger = "test.db";
    configuration.regions = {name("eu"), name("us")};
    configuration.components = {name("cart")};
    configuration.features = {name("deep")};
    for (const auto& where : migration::routes_of(configuration)) maps->routes[where] = {};
    maps->features[name("deep")] = {};
    auto opened = process()->open_migration(asker);
    if (!opened) throw std::runtime_error(opened.error().what);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { migration::test::expect_valid_lines(*ledger); }

  std::unique_ptr<Service> process() {
    Ports ports;
    ports.configuration = configuration;
    ports.open_store = [this]() -> Result<std::unique_ptr<ledger::Store>> {
      if (ledger_error) return tl::unexpected<Error>(*ledger_error);
      return memory::share(*ledger);
    };
    ports.open_reader = [this]() -> Result<std::unique_ptr<ledger::Reader>> {
      if (ledger_error) return tl::unexpected<Error>(*ledger_error);
      return std::unique_ptr<ledger::Reader>(memory::share(*ledger));
    };
    ports.router = std::make_unique<MapRouter>(maps, configuration);
    ports.environment = std::make_unique<TestEnvironment>(clocks);
    ports.raise_lock = std::make_unique<TestLock>(raise_taken, clocks);
    ports.executor_lock = std::make_unique<TestLock>(executor_taken, clocks);
    ports.forward_lock = std::make_unique<TestLock>(forward_taken, clocks);
    ports.hooks =
        std::make_unique<TestHooks>(hooks, std::make_unique<TestLock>(hook_taken, clocks));
    ports.spool = std::make_unique<TestSpool>(spooled, spool_keeps);
    ports.objects = std::make_unique<TestObjects>(objects);
    ports.seals.keys = std::make_unique<TestSealKeys>(sealed);
    ports.seals.own = std::make_unique<TestSealPlace>(sealed, false);
    if (sealed->has_witness) {
      ports.seals.witnesses.push_back(std::make_unique<TestSealPlace>(sealed, true));
    }
    ports.seals.lock = std::make_unique<TestLock>(seal_taken, clocks);
    return std::make_unique<Service>(std::move(ports));
  }

  // Forward to a share in the phase canary, through shadow.
  void at_canary(std::uint32_t whole) {
    Watcher watcher;
    auto service = process();
    MoveRequest shadow;
    shadow.phase = migration::Phase::shadow;
    MoveRequest canary;
    canary.phase = migration::Phase::canary;
    canary.percentage = percent(whole);
    for (const auto& request : {shadow, canary}) {
      auto moved = service->move(asker, request, watcher);
      if (!moved) throw std::runtime_error(moved.error().what + ": " + moved.error().why);
    }
  }

  std::function<Asker()> who() {
    return [this] { return asker; };
  }

  migration::State state() { return process()->status({})->state; }

  std::vector<std::string> types() {
    std::vector<std::string> found;
    auto read = process()->timeline({}, [&](const TimelineEntry& entry) {
      found.push_back(entry.type);
      return true;
    });
    if (!read) throw std::runtime_error(read.error().what);
    return found;
  }
  std::size_t count(const std::string& type) {
    return static_cast<std::size_t>(std::ranges::count(types(), type));
  }

  migration::Configuration configuration;
  std::shared_ptr<Maps> maps = std::make_shared<Maps>();
  std::shared_ptr<Clocks> clocks = std::make_shared<Clocks>();
  std::shared_ptr<bool> raise_taken = std::make_shared<bool>(false);
  std::shared_ptr<bool> seal_taken = std::make_shared<bool>(false);
  std::shared_ptr<KeptInMemory> objects = std::make_shared<KeptInMemory>();
  std::shared_ptr<Sealed> sealed = std::make_shared<Sealed>();
  std::shared_ptr<bool> executor_taken = std::make_shared<bool>(false);
  std::shared_ptr<bool> forward_taken = std::make_shared<bool>(false);
  std::shared_ptr<bool> hook_taken = std::make_shared<bool>(false);
  std::shared_ptr<HookLog> hooks = std::make_shared<HookLog>();
  std::shared_ptr<Spooled> spooled = std::make_shared<Spooled>();
  std::shared_ptr<bool> spool_keeps =
      std::make_shared<bool>(false);  // as if killed before removing
  std::unique_ptr<ledger::Store> ledger = memory::make_store("test");
  std::optional<Error> ledger_error;
  Asker asker{
      {migration::AuthType::user, "os:alice", migration::Role::operator_, migration::Via::cli}, ""
  };
};

}  // namespace hal9::engine
