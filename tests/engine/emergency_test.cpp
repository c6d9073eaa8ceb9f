#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/server.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::Phase;
using std::chrono::minutes;

TEST(Emergency, CutsBeforeItRecords) {
  World world;
  world.at_canary(50);
  world.maps->calls.clear();
  std::size_t events_at_cut = 0;
  const auto before = world.types().size();
  world.maps->before = [&](const std::string& call) {
    if (call != "cut") return;
    world.maps->before = {};
    events_at_cut = world.types().size();
  };
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {}, watcher);
  EXPECT_FALSE(outcome.code) << outcome.headline;
  EXPECT_EQ(world.maps->calls.front(), "cut");
  EXPECT_EQ(events_at_cut, before);
  EXPECT_EQ(world.state().phase, Phase::none);
  EXPECT_TRUE(world.state().halt);
  EXPECT_EQ(world.count("hal9.halt.set.v1"), 1U);
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 1U);
}

TEST(Emergency, WithoutALedgerIsSpooledAndTakenInOnce) {
  World world;
  world.at_canary(50);
  world.ledger_error = Error{Code::damaged, "the ledger is damaged", "", "", ""};
  Watcher watcher;
  const Time then = world.clocks->wall;
  const Outcome outcome = world.process()->emergency(world.who(), {}, watcher);
  EXPECT_EQ(outcome.code, Code::spooled);
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_TRUE(world.maps->kill);

  world.ledger_error.reset();
  world.clocks->wall += minutes{30};
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(world.process()->annotate(world.asker, {"afterwards", "", {}, {}}));
  }
  EXPECT_EQ(world.count("hal9.halt.set.v1"), 1U);
  EXPECT_EQ(world.count("hal9.spool.taken.v1"), 1U);
  EXPECT_EQ(world.state().phase, Phase::none);
  const auto rollbacks = world.process()->rollbacks(5);
  ASSERT_TRUE(rollbacks);
  EXPECT_EQ(rollbacks->front().rollback.plan.started, then);
  EXPECT_EQ(rollbacks->front().rollback.by, "os:alice");
}

TEST(Emergency, OvertakesARunningGradualRollbackOfAnotherProcess) {
  World world;
  world.at_canary(50);
  bool done = false;
  world.clocks->on_wait = [&] {
    if (std::exchange(done, true)) return;
    Watcher other;
    const Outcome outcome = world.process()->emergency(world.who(), {true, false}, other);
    EXPECT_FALSE(outcome.code) << outcome.headline;
  };
  world.maps->highest.clear();
  migration::RollBack request;
  request.gradual = minutes{10};
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, request, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_TRUE(std::ranges::is_sorted(world.maps->highest, std::greater<>{}));
  EXPECT_TRUE(world.maps->kill);
  EXPECT_EQ(world.count("hal9.rollback.superseded.v1"), 1U);
  EXPECT_EQ(world.state().last_rollback->plan.kind, migration::RollbackKind::emergency);
}

TEST(Emergency, CutsAgainWhenARaiseWasInFlight) {
  World world;
  world.at_canary(20);
  // A raise that writes between the cut and the look behind the raise lock.
  bool written = false;
  world.maps->before = [&](const std::string& call) {
    if (call == "read" && !std::exchange(written, true))
      world.maps->routes[kEu].first = percent(60);
  };
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_FALSE(outcome.code) << outcome.headline;
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(std::ranges::count(world.maps->calls, "cut"), 2);
}

TEST(Emergency, CutsAgainWhenARouteThatIsConfiguredNoMoreCameBackUp) {
  World world;
  world.at_canary(20);
  const auto old = route("old", "cart");
  bool written = false;
  world.maps->before = [&](const std::string& call) {
    if (call == "read" && !std::exchange(written, true)) world.maps->routes[old].first = percent(9);
  };
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_FALSE(outcome.code) << outcome.headline;
  EXPECT_EQ(world.maps->routes[old].first, Share::none());
}

TEST(Emergency, DoesNotWaitForARaiserThatHoldsItsLock) {
  World world;
  world.at_canary(20);
  *world.raise_taken = true;
  Micros recorded_after{};
  const Micros before = world.clocks->steady;
  world.maps->before = [&](const std::string& call) {
    if (call == "cut") recorded_after = world.clocks->steady - before;
  };
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_LE(recorded_after, std::chrono::seconds(1));  // the second cut; the first is at once
  EXPECT_EQ(outcome.code, Code::partly_done);          // the raise may still undo it: said
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(std::ranges::count(world.maps->calls, "cut"), 2);
}

TEST(Emergency, BehindASpooledOneARaiseStops) {
  World world;
  world.at_canary(20);
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::canary;
  request.percentage = percent(40);
  // Between the gates and the raise another process cuts, and its ledger is locked.
  bool cut = false;
  request.confirm = [&](const std::string&) {
    world.ledger_error = Error{Code::locked, "the ledger is locked", "", "", ""};
    Watcher other;
    const Outcome outcome = world.process()->emergency(world.who(), {true, false}, other);
    EXPECT_EQ(outcome.code, Code::spooled);
    world.ledger_error.reset();
    cut = true;
    return true;
  };
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_TRUE(cut);
  EXPECT_TRUE(!outcome || outcome->code);
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_TRUE(world.maps->kill);
}

TEST(Emergency, IsRetriedUntilTheRouterAnswers) {
  World world;
  world.at_canary(20);
  world.maps->reachable = false;
  int waits = 0;
  world.clocks->on_wait = [&] { world.maps->reachable = ++waits >= 5; };
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_FALSE(outcome.code) << outcome.headline;
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(world.count("hal9.rollback.started.v1"), 1U);
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 1U);
  EXPECT_EQ(world.state().phase, Phase::none);
}

TEST(Emergency, ThatNobodyAnswersIsPartlyDoneWithBreakGlassLines) {
  World world;
  world.at_canary(20);
  world.maps->reachable = false;
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_EQ(outcome.code, Code::partly_done);
  EXPECT_FALSE(outcome.break_glass.empty());
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 0U);
  EXPECT_EQ(world.state().running.size(), 1U);
}

TEST(Emergency, FilesThatCannotFollowAreExitEight) {
  World world;
  world.at_canary(20);
  world.maps->files_writable = false;
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_EQ(outcome.code, Code::partly_done);
  EXPECT_EQ(outcome.headline, "traffic is cut: Flat: 100%, Hierarchical: 0%");
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 1U);
}

TEST(Emergency, EndsSessionsAfterTheGraceAndAtOnceWithForce) {
  for (const bool force : {false, true}) {
    World world;
    world.at_canary(20);
    world.maps->hierarchical_sessions = 3;
    const Micros before = world.clocks->steady;
    Watcher watcher;
    const Outcome outcome = world.process()->emergency(world.who(), {force, false}, watcher);
    EXPECT_FALSE(outcome.code);
    EXPECT_EQ(world.maps->hierarchical_sessions, 0U);
    EXPECT_EQ(world.clocks->steady - before, force ? Micros{0} : world.configuration.session_grace);
  }
}

// What a person reads of an outcome, in one text.
std::string notes_of(const Outcome& outcome) {
  std::string text;
  for (const auto& note : outcome.notes) text += note + "\n";
  return text;
}

TEST(Emergency, WithOneOfTwoBalancersDeadEndsSessionsAtTheLivingOne) {
  for (const bool force : {false, true}) {
    World world;
    world.at_canary(20);
    world.maps->hierarchical_sessions = 3;
    world.maps->other_reachable = false;
    const Micros before = world.clocks->steady;
    Micros recorded_after{};
    world.clocks->on_wait = [&] {
      if (world.state().running.empty()) recorded_after = world.clocks->steady - before;
    };
    Watcher watcher;
    const Outcome outcome = world.process()->emergency(world.who(), {force, false}, watcher);
    EXPECT_EQ(outcome.code, Code::partly_done);
    EXPECT_EQ(outcome.headline, "NOT observed: lb2 does not answer");
    EXPECT_EQ(world.maps->hierarchical_sessions, 0U);
    EXPECT_EQ(notes_of(outcome), "3 sessions to hierarchical ended\n");
    EXPECT_EQ(std::ranges::count(world.maps->calls, "end sessions"), 1);
    // Nothing but the grace stands before the record.
    EXPECT_EQ(recorded_after, force ? Micros{0} : world.configuration.session_grace);
  }
}

TEST(Emergency, WithOneOfTwoBalancersDeadAndNoSessionsHasNoGrace) {
  World world;
  world.at_canary(20);
  world.maps->other_reachable = false;
  world.maps->other_sessions = 2;
  world.clocks->interrupted = true;
  const Micros before = world.clocks->steady;
  Watcher watcher;
  world.process()->emergency(world.who(), {}, watcher);
  EXPECT_LT(world.clocks->steady - before, world.configuration.session_grace);
  EXPECT_EQ(std::ranges::count(world.maps->calls, "end sessions"), 0);
}

TEST(Emergency, EndsTheSessionsOfABalancerThatComesBackAndAddsThemUp) {
  World world;
  world.at_canary(20);
  world.maps->hierarchical_sessions = 3;
  world.maps->other_sessions = 2;
  world.maps->other_reachable = false;
  int waits = 0;
  world.clocks->on_wait = [&] { world.maps->other_reachable = ++waits >= 4; };
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_FALSE(outcome.code) << outcome.headline;
  EXPECT_EQ(world.maps->other_sessions, 0U);
  EXPECT_EQ(notes_of(outcome), "5 sessions to hierarchical ended\n");
  std::string recorded;
  ASSERT_TRUE(world.process()->timeline({}, [&](const TimelineEntry& entry) {
    if (entry.type == "hal9.halt.set.v1") recorded = entry.text;
    return true;
  }));
  EXPECT_NE(recorded.find("5 sessions ended"), std::string::npos) << recorded;
}

TEST(Emergency, SaysWhichSessionsCouldNotBeEndedAndKeepsTheCountOfTheOthers) {
  World world;
  world.at_canary(20);
  world.maps->hierarchical_sessions = 3;
  world.maps->other_sessions = 2;
  world.maps->end_refused = "sessions could not be ended: lb1: Permission denied";
  Watcher watcher;
  const Outcome outcome = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_EQ(notes_of(outcome), world.maps->end_refused + "\n2 sessions to hierarchical ended\n");
  EXPECT_EQ(outcome.headline, "traffic is cut: Flat: 100%, Hierarchical: 0%");
}

TEST(Emergency, HaltIsClearedOnlyByAForwardCommand) {
  World world;
  world.at_canary(20);
  Watcher watcher;
  world.process()->emergency(world.who(), {true, false}, watcher);
  auto again = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_TRUE(world.maps->kill);
  MoveRequest shadow;
  shadow.phase = Phase::shadow;
  auto forward = world.process()->move(world.asker, shadow, watcher);
  ASSERT_TRUE(forward) << forward.error().what;
  EXPECT_FALSE(world.maps->kill);
  EXPECT_FALSE(world.state().halt);
  EXPECT_EQ(world.count("hal9.halt.cleared.v1"), 1U);
  EXPECT_EQ(world.maps->made_ready, std::vector<migration::Server>{kServer});
}

}  // namespace
}  // namespace hal9::engine
