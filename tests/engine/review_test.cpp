// Faults that were found by reading and proven by a test: each stays here as the story of its fix.
#include "adapters/memory/memory_store.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/commands.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/route.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::Phase;
using std::chrono::minutes;
using std::chrono::seconds;

MoveRequest canary(std::uint32_t whole) {
  MoveRequest request;
  request.phase = Phase::canary;
  request.percentage = percent(whole);
  return request;
}

// A second emergency, in whose grace for sessions another process goes forward: its gates know of
// the older halt, and clearing that one would have cleared both.
TEST(Found, ARaiseDoesNotClearAHaltThatIsNotOnRecordYet) {
  World world;
  world.at_canary(20);
  Watcher watcher;
  world.process()->emergency(world.who(), {true, false}, watcher);
  world.maps->hierarchical_sessions = 3;
  bool tried = false;
  world.clocks->on_wait = [&] {
    if (std::exchange(tried, true)) return;
    Watcher other;
    MoveRequest shadow;
    shadow.phase = Phase::shadow;
    std::ignore = world.process()->move(world.asker, shadow, other);
  };
  const Outcome outcome = world.process()->emergency(world.who(), {false, false}, watcher);
  ASSERT_TRUE(tried);
  EXPECT_FALSE(outcome.code) << outcome.headline;
  EXPECT_TRUE(world.maps->kill);
  EXPECT_EQ(world.maps->routes[kEu].second, Share::none());
}

// A raise that is written after somebody's rollback has completed is taken back by the raiser.
TEST(Found, ARaiseInFlightIsTakenBackAfterARollback) {
  World world;
  world.at_canary(5);
  bool rolled = false;
  world.maps->before = [&](const std::string& call) {
    if (call != "raise" || std::exchange(rolled, true)) return;
    Watcher other;
    auto back = world.process()->roll_back(world.asker, {}, other);
    ASSERT_TRUE(back) << back.error().what;
  };
  Watcher watcher;
  auto outcome = world.process()->move(world.asker, canary(40), watcher);
  ASSERT_TRUE(rolled);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::partly_done) << outcome->headline;
  EXPECT_NE(outcome->headline.find("overtaken by a way back"), std::string::npos);
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(world.state().phase, Phase::none);
}

// While one that resumes waits for its turn, what it had looked at is lowered by another, and raised again
// behind its gates. It has to look again, not to do what was due then.
TEST(Found, WhoTakesOverLooksAgainAtWhatIsDue) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  bool interrupts = false;
  bool armed = false;
  bool once = false;
  const auto left_open = [&](const migration::RollBack& request) {
    interrupts = true;
    Watcher other;
    ASSERT_TRUE(world.process()->roll_back(world.asker, request, other));
    interrupts = world.clocks->interrupted = false;
  };
  world.clocks->on_wait = [&] {
    if (interrupts) world.clocks->interrupted = true;
    if (interrupts || !armed || std::exchange(once, true)) return;
    Watcher other;
    ASSERT_TRUE(world.process()->roll_back(world.asker, {}, other));
    world.at_canary(40);
    auto us = gradual(minutes{10});
    us.routes = std::vector<migration::Route>{kUs};
    left_open(us);
  };
  left_open(gradual(minutes{10}));
  world.clocks->wall += minutes{1};
  armed = true;
  auto resumed = world.process()->resume(world.asker, watcher);
  ASSERT_TRUE(once);
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_EQ(world.maps->routes[kUs].first, Share::none());
  EXPECT_EQ(world.maps->routes[kEu].first, percent(40));
}

// The router stood below the ledger: a partial rollback must not "finish" by raising it.
TEST(Found, AWayBackNeverRaisesARouterThatStandsLower) {
  World world;
  world.at_canary(50);
  for (auto& [where, values] : world.maps->routes) values.first = percent(10);
  migration::RollBack request;
  request.percentage = percent(20);
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, request, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(world.maps->routes[kEu].first, percent(10));
}

// A raise that stalled is nobody's to finish but a forward command's, behind its gates.
TEST(Found, NoOtherCommandFinishesAStalledRaise) {
  World world;
  world.at_canary(5);
  Watcher watcher;
  world.maps->before = [&](const std::string& call) { world.maps->reachable = call != "raise"; };
  auto stalled = world.process()->move(world.asker, canary(40), watcher);
  ASSERT_TRUE(stalled) << stalled.error().what;
  EXPECT_EQ(stalled->code, Code::partly_done);
  world.maps->before = {};
  world.maps->reachable = true;
  ASSERT_TRUE(world.process()->set_feature(world.asker, name("deep"), Share::none(), watcher));
  ASSERT_TRUE(world.process()->resume(world.asker, watcher));
  EXPECT_EQ(world.maps->routes[kEu].first, percent(5));
  auto again = world.process()->move(world.asker, canary(40), watcher);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(world.maps->routes[kEu].first, percent(40));
}

// The executor's lock is held by a process that is stopped: a way back takes over after a while.
TEST(Found, ASecondRollbackDoesNotWaitForAStoppedProcess) {
  World world;
  world.at_canary(50);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  Watcher watcher;
  migration::RollBack slow;
  slow.gradual = seconds{10};
  ASSERT_TRUE(world.process()->roll_back(world.asker, slow, watcher));
  world.clocks->on_wait = {};
  world.clocks->interrupted = false;
  *world.executor_taken = true;  // and never let go
  const Micros before = world.clocks->steady;
  auto outcome = world.process()->roll_back(world.asker, slow, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_LT(world.clocks->steady - before, minutes{1});
}

// Flat dies while the question stands: the gates are looked at again after the answer.
TEST(Found, GatesAreLookedAtAgainAfterTheQuestion) {
  World world;
  world.at_canary(5);
  MoveRequest request = canary(40);
  request.confirm = [&](const std::string&) {
    world.maps->flat_up = 0;
    return true;
  };
  Watcher watcher;
  auto outcome = world.process()->move(world.asker, request, watcher);
  EXPECT_FALSE(outcome);
  EXPECT_EQ(world.maps->routes[kEu].first, percent(5));
}

TEST(Found, DisablingShadowModeWithoutALedgerLeavesTheShares) {
  World world;
  world.at_canary(20);
  world.ledger_error = Error{Code::locked, "the ledger is locked", "", "", ""};
  Watcher watcher;
  auto outcome =
      world.process()->set_feature(world.asker, name("shadow_mode"), Share::none(), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::spooled);
  EXPECT_EQ(world.maps->routes[kEu].first, percent(20));
}

// The ledger opens, and cannot be locked: how a real lock looks, as against one that cannot be read.
TEST(Found, MigrateBackGoesOnWhenTheLedgerIsLocked) {
  World world;
  world.at_canary(20);
  auto busy = memory::share(*world.ledger);
  auto batch = busy->begin(std::chrono::milliseconds{0});
  ASSERT_TRUE(batch);
  Watcher watcher;
  auto outcome = world.process()->move(world.asker, canary(5), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::spooled);
  EXPECT_EQ(world.maps->routes[kEu].first, percent(5));
}

TEST(Found, GarbageInTheSpoolBlocksNoCommand) {
  World world;
  for (int i = 0; i < 100; ++i) world.spooled->unreadable.emplace_back(9000, '\x01');
  auto noted = world.process()->annotate(world.asker, {"later", "", {}, {}});
  ASSERT_TRUE(noted) << noted.error().what;
  EXPECT_TRUE(world.spooled->unreadable.empty());
  EXPECT_FALSE(world.process()->verify()->finding);
}

// Two rounds that change nothing end: the ledger is not filled with them.
TEST(Found, ARouteThatTheRouterDoesNotShowEndsTheRun) {
  World world;
  world.at_canary(20);
  world.configuration.regions.pop_back();
  world.maps->files_writable = false;
  Watcher watcher;
  const auto before = world.types().size();
  auto outcome = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::partly_done);
  EXPECT_LT(world.types().size() - before, 40U);
}

TEST(Found, TheHaltGateCannotBeOverridden) {
  World world;
  world.maps->kill = true;
  MoveRequest request;
  request.phase = Phase::shadow;
  request.overrides = {migration::GateName::halt};
  Watcher watcher;
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().next, "hal9-migrate rollback --emergency");
  EXPECT_EQ(world.state().phase, Phase::none);
}

}  // namespace
}  // namespace hal9::engine
