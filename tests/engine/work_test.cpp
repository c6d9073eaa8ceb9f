#include "engine/work.h"

#include "base/share.h"
#include "base/time.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

State with_share(Share requested, Share observed) {
  State state;
  state.routes[kEu].share = {requested, observed, observed};
  state.routes[kEu].configured = true;
  return state;
}

State with_ramp(Share now) {
  State state = with_share(now, now);
  migration::Rollback rollback;
  rollback.plan.kind = migration::RollbackKind::gradual;
  rollback.plan.ends = rollback.plan.started + seconds{100};
  rollback.plan.routes = {{kEu, now, Share::none(), Share::none(), Share::none()}};
  state.running.push_back(rollback);
  return state;
}

// So long after the start of whatever runs.
Elapsed at(Micros gone) {
  return [gone](const migration::RollbackPlan&) { return gone; };
}

TEST(Work, NothingIsLeftWhenWhatWasRequestedIsObserved) {
  EXPECT_EQ(
      next_work(with_share(percent(5), percent(5)), at(Micros{0}), MayRaise::routes).kind,
      WorkKind::none
  );
}

TEST(Work, LowersAndRaisesWhatDiffers) {
  EXPECT_EQ(
      next_work(with_share(percent(5), percent(9)), at(Micros{0}), MayRaise::routes).kind,
      WorkKind::lower
  );
  EXPECT_EQ(
      next_work(with_share(percent(9), percent(5)), at(Micros{0}), MayRaise::routes).kind,
      WorkKind::raise
  );
}

TEST(Work, LoweringGoesBeforeRaising) {
  State state = with_share(percent(9), percent(5));
  state.routes[route("us", "cart")].share = {percent(1), percent(5), percent(5)};
  const Work work = next_work(state, at(Micros{0}), MayRaise::routes);
  EXPECT_EQ(work.kind, WorkKind::lower);
  ASSERT_EQ(work.routes.size(), 1U);
  EXPECT_EQ(work.routes.front().share, percent(1));
}

TEST(Work, WhatWasAppliedAndNotReadBackCountsAsThere) {
  State state = with_share(percent(5), percent(5));
  state.routes[kEu].share.applied = percent(50);
  EXPECT_EQ(next_work(state, at(Micros{0}), MayRaise::routes).kind, WorkKind::lower);
}

TEST(Work, ARampWaitsForItsNextStepAndEndsAtItsTarget) {
  const State state = with_ramp(percent(50));
  const Work start = next_work(state, at(Micros{0}), MayRaise::routes);
  EXPECT_EQ(start.kind, WorkKind::wait);
  EXPECT_GT(start.pause, Micros{0});
  const Work half = next_work(state, at(seconds{50}), MayRaise::routes);
  EXPECT_EQ(half.kind, WorkKind::lower);
  EXPECT_EQ(half.routes.front().share, percent(25));
  const Work end = next_work(state, at(seconds{100}), MayRaise::routes);
  EXPECT_EQ(end.kind, WorkKind::lower);
  EXPECT_EQ(end.routes.front().share, Share::none());
}

TEST(Work, BetweenTwoStepsNothingFalls) {
  State state = with_ramp(percent(50));
  state.routes[kEu].share = {percent(25), percent(25), percent(25)};
  const auto between = at(milliseconds{50'200});
  EXPECT_EQ(next_work(state, between, MayRaise::routes).kind, WorkKind::wait);
  EXPECT_EQ(next_work(state, between, MayRaise::routes).pause, Micros{milliseconds{800}});
  EXPECT_EQ(next_work(state, at(seconds{51}), MayRaise::routes).kind, WorkKind::lower);
}

TEST(Work, AStepNeverAsksForMoreThanWasObserved) {
  State state = with_ramp(percent(50));
  state.routes[kEu].share = {percent(50), percent(10), percent(10)};
  const Work work = next_work(state, at(seconds{20}), MayRaise::routes);
  EXPECT_EQ(work.kind, WorkKind::wait);
  const Work later = next_work(state, at(seconds{90}), MayRaise::routes);
  EXPECT_EQ(later.kind, WorkKind::lower);
  EXPECT_EQ(later.routes.front().share, percent(5));
}

TEST(Work, ARampThatIsAtItsTargetAlreadyDoesNotWait) {
  State state = with_ramp(percent(50));
  state.routes[kEu].share = {percent(0), percent(0), percent(0)};
  EXPECT_EQ(next_work(state, at(seconds{1}), MayRaise::routes).kind, WorkKind::lower);
}

// Of several rollbacks each has its own clock; what falls goes before every wait.
TEST(Work, OfSeveralRollbacksTheOneThatFallsGoesFirstAndTheShortestWaitIsWaited) {
  State state = with_ramp(percent(50));
  migration::Rollback second = state.running.front();
  second.plan.id = RollbackId{{9}};
  second.plan.ends = second.plan.started + seconds{40};
  state.running.push_back(second);
  const auto gone = [&](Micros first, Micros other) {
    return [=](const migration::RollbackPlan& plan) {
      return plan.id == RollbackId{{9}} ? other : first;
    };
  };
  const Work falls = next_work(state, gone(Micros{0}, seconds{20}), MayRaise::nothing);
  EXPECT_EQ(falls.kind, WorkKind::lower);
  EXPECT_EQ(falls.rollback, second.plan.id);
  ASSERT_EQ(falls.routes.size(), 1U);
  EXPECT_EQ(falls.routes.front().share, percent(25));
  const Work waits =
      next_work(state, gone(milliseconds{300}, milliseconds{300}), MayRaise::nothing);
  EXPECT_EQ(waits.kind, WorkKind::wait);
  EXPECT_EQ(waits.pause, Micros{milliseconds{100}});
}

// What a late write is taken back to: the lowest ramp, what is requested where none runs, and never above
// what was read.
TEST(Work, WantedNowIsTheLowestRampAndNeverAboveWhatWasRead) {
  State state = with_ramp(percent(50));
  const migration::Route us = route("us", "cart");
  state.routes[us].share = {percent(30), percent(40), percent(40)};
  migration::Rollback second = state.running.front();
  second.plan.id = RollbackId{{9}};
  second.plan.ends = second.plan.started + seconds{40};
  state.running.push_back(second);
  const std::vector<migration::RouteAmount> both = {{kEu, percent(9), {}}, {us, percent(9), {}}};
  const auto wanted = wanted_now(state, at(seconds{20}), both);
  ASSERT_EQ(wanted.size(), 2U);
  EXPECT_EQ(wanted.front().share, percent(25));
  EXPECT_EQ(wanted.back().share, percent(30));
  state.routes[kEu].share.observed = percent(10);
  EXPECT_EQ(wanted_now(state, at(seconds{20}), both).front().share, percent(10));
}

TEST(Work, AReleasedHaltIsClearedWithTheRaise) {
  State state = with_share(percent(9), Share::none());
  state.halt = ledger::Sequence{7};
  EXPECT_FALSE(next_work(state, at(Micros{0}), MayRaise::routes).clear_halt);
  state.halt_released = ledger::Sequence{7};
  EXPECT_TRUE(next_work(state, at(Micros{0}), MayRaise::routes).clear_halt);
  state.halt = ledger::Sequence{8};
  EXPECT_FALSE(next_work(state, at(Micros{0}), MayRaise::routes).clear_halt);
}

}  // namespace
}  // namespace hal9::engine
