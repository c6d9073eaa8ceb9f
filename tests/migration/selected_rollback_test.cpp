// A rollback of some routes: it holds in its phase, and goes beside what runs already.

#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/rolling_back.h"
#include "migration/route.h"
#include "migration/state.h"
#include "migration/support.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;

const std::vector<Route> kWest{route("us-west-2.substrate"), route("us-west-2.cognitive")};
const std::vector<Route> kEast{route("eu-west-1.substrate"), route("eu-west-1.cognitive")};

RollBack of(std::vector<Route> routes, RollBack back = rollback()) {
  back.routes = std::move(routes);
  return back;
}

Share observed(const Bench& bench, const Route& route) {
  return bench.state.routes.at(route).share.observed;
}

TEST(SelectedRollback, LowersItsRoutesHoldsThemAndStaysInItsPhase) {
  Bench bench = in_canary(percent(25));
  bench.run(of(kWest));
  EXPECT_EQ(bench.state.phase, Phase::canary);
  for (const Route& route : kWest) {
    EXPECT_EQ(observed(bench, route), Share::none());
    EXPECT_TRUE(bench.state.routes.at(route).held);
  }
  for (const Route& route : kEast) {
    EXPECT_EQ(observed(bench, route), percent(25));
    EXPECT_FALSE(bench.state.routes.at(route).held);
  }
  // Also when the last route reaches 0 by it.
  bench.run(of(kEast));
  EXPECT_TRUE(all_zero(bench.state));
  EXPECT_EQ(bench.state.phase, Phase::canary);
  // One of every route ends the phase.
  bench.run(rollback());
  EXPECT_EQ(bench.state.phase, Phase::none);
}

TEST(SelectedRollback, OfRoutesThatAreDownIsAskedForAndChangesNothing) {
  Bench bench = in_canary(percent(25));
  bench.run(of(kWest));
  EXPECT_THAT(bench.run(of(kWest)), ElementsAre("rollback.asked"));
  // Whatever else runs.
  ASSERT_TRUE(bench.ask(of(kEast, gradual(minutes(10)))));
  EXPECT_THAT(types(bench.ask(of(kWest)).value()), ElementsAre("rollback.asked"));
}

TEST(SelectedRollback, InShadowLowersTheMirrorsOfItsRoutes) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(of(kWest));
  EXPECT_EQ(bench.state.phase, Phase::shadow);
  for (const auto& [route, now] : bench.state.routes) {
    const bool meant = std::ranges::find(kWest, route) != kWest.end();
    EXPECT_EQ(now.mirror.observed, meant ? Share::none() : Share::all());
  }
}

TEST(SelectedRollback, OfOtherRoutesGoesBeside) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(of(kEast, gradual(minutes(10)))));
  const auto second = bench.ask(of(kWest));
  ASSERT_TRUE(second);
  EXPECT_THAT(types(*second), ElementsAre("executor.taken", "rollback.started"));
  ASSERT_EQ(bench.state.running.size(), 2U);
  EXPECT_EQ(bench.state.running.back().plan.kind, RollbackKind::immediate);
}

// Per route the lowest target and the earliest end: what overlaps has both, the rest has its own.
TEST(SelectedRollback, TakesTheLowestTargetAndTheEarliestEndOfEachRoute) {
  Bench bench = in_canary(percent(25));
  const auto first =
      fact<RollbackStarted>(bench.ask(of({kWest.front()}, gradual(minutes(2), percent(10)))).value()
      )
          .plan;
  const auto second =
      fact<RollbackStarted>(bench.ask(of(kWest, gradual(minutes(10)))).value()).plan;
  ASSERT_EQ(second.routes.size(), 2U);
  for (const auto& lowering : second.routes) {
    const bool overlaps = lowering.route == kWest.front();
    EXPECT_EQ(lowering.share_to, Share::none());
    EXPECT_EQ(lowering.ends, overlaps ? std::optional(first.ends) : std::nullopt);
  }
  EXPECT_GT(second.ends, first.ends);
  // Its ramp is at its end for that route, and half way for the other.
  for (const auto& amount : amounts_at(second, minutes(5))) {
    EXPECT_EQ(amount.share, amount.route == kWest.front() ? Share::none() : percent(12.5));
  }
  // All of the first one's routes are in the second.
  ASSERT_EQ(bench.state.running.size(), 1U);
  EXPECT_EQ(bench.state.running.front().plan.id, second.id);
}

TEST(SelectedRollback, JoinsOneThatLowersItsRoutesAsFarAndAsSoon) {
  Bench bench = in_canary(percent(25));
  const auto all = fact<RollbackStarted>(bench.ask(gradual(minutes(10))).value()).plan;
  const auto slower = bench.ask(of(kWest, gradual(minutes(20))));
  ASSERT_TRUE(slower);
  EXPECT_THAT(types(*slower), ElementsAre("rollback.asked"));
  EXPECT_EQ(fact<RollbackAsked>(*slower).joined, all.id);
  const auto sooner = bench.ask(of(kWest));
  ASSERT_TRUE(sooner);
  EXPECT_THAT(types(*sooner), ElementsAre("executor.taken", "rollback.started"));
}

// Not by what is requested of its routes: another one has asked for that, and ends later.
TEST(SelectedRollback, OfTwoThatRunNeitherIsJoinedByOneThatItDoesNotCover) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(of(kWest, gradual(minutes(10)))));
  ASSERT_TRUE(bench.ask(of(kEast, gradual(minutes(1)))));
  const auto all = bench.ask(rollback({}, percent(10)));
  ASSERT_TRUE(all);
  const auto plan = fact<RollbackStarted>(*all).plan;
  EXPECT_EQ(plan.kind, RollbackKind::immediate);
  EXPECT_EQ(plan.routes.size(), 4U);
}

// The second one has the first one's end for that route, and a lower target: that is the one to join.
TEST(SelectedRollback, JoinsTheOneWhoseTargetIsLowEnough) {
  Bench bench = in_canary(percent(40));
  ASSERT_TRUE(bench.ask(of(kWest, gradual(minutes(1), percent(10)))));
  const auto second =
      fact<RollbackStarted>(
          bench.ask(of({kWest.front(), kEast.front()}, gradual(minutes(10)))).value()
      )
          .plan;
  const auto later = bench.ask(of({kWest.front()}, gradual(minutes(2))));
  ASSERT_TRUE(later);
  EXPECT_EQ(fact<RollbackAsked>(*later).joined, second.id);
  const auto sooner = bench.ask(of({kWest.front()}));
  ASSERT_TRUE(sooner);
  EXPECT_THAT(types(*sooner), ElementsAre("executor.taken", "rollback.started"));
}

// A wider and slower one does not hold up the routes that end sooner.
TEST(SelectedRollback, StepsAtThePaceOfTheRouteThatEndsFirst) {
  Bench bench = in_canary(percent(40));
  ASSERT_TRUE(bench.ask(of({kWest.front()}, gradual(minutes(1)))));
  const auto plan = fact<RollbackStarted>(bench.ask(gradual(minutes(20))).value()).plan;
  ASSERT_GT(plan.ends - plan.started, minutes(19));
  const auto first = std::ranges::find(plan.routes, kWest.front(), &RouteLowering::route);
  ASSERT_TRUE(first != plan.routes.end() && first->ends);
  const Micros early = *first->ends - plan.started;
  EXPECT_LE(step_length(plan, Micros{0}), std::chrono::seconds(3));
  EXPECT_EQ(step_reached(plan, early + std::chrono::milliseconds(500)), early)
      << "its end is a step";
  EXPECT_EQ(next_step(plan, early - Micros{1}), early);
  EXPECT_EQ(step_length(plan, early), std::chrono::seconds(15));
}

// Held routes at 0 do not turn a way down into a raise.
TEST(SelectedRollback, BesideOneMigrateDownwardIsAWayBack) {
  Bench bench = in_canary(percent(25));
  bench.run(of({kWest.front()}));
  ASSERT_TRUE(bench.ask(of({kEast.front()}, gradual(minutes(5)))));
  auto down = move(Phase::canary, percent(5));
  EXPECT_EQ(direction_of(bench.state, down).value(), Direction::back);
  ASSERT_TRUE(bench.ask(down));
  bench.settle();
  EXPECT_EQ(observed(bench, kWest.back()), percent(5));
  EXPECT_EQ(observed(bench, kWest.front()), Share::none());
}

TEST(SelectedRollback, BesideOneOfAllRoutesNeitherStopsTheOther) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(gradual(minutes(10))));
  ASSERT_TRUE(bench.ask(of(kWest)));
  bench.settle();
  EXPECT_TRUE(bench.state.running.empty());
  EXPECT_TRUE(all_zero(bench.state));
  EXPECT_EQ(bench.state.phase, Phase::none) << "the narrower one enters no phase again";
  EXPECT_EQ(bench.state.anomaly_count, 0U);
}

TEST(SelectedRollback, IsOverWhenOneOfAllRoutesTakesItOver) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(of(kWest, gradual(minutes(10)))));
  const auto all = bench.ask(rollback());
  ASSERT_TRUE(all);
  EXPECT_THAT(
      types(*all), ElementsAre("executor.taken", "rollback.started", "rollback.superseded")
  );
  bench.settle();
  EXPECT_EQ(bench.state.phase, Phase::none);
}

RollBack one_step() {
  RollBack back;
  back.previous_step = true;
  return back;
}

// "Partial" without a number: each route where it was before, and it holds in its phase.
TEST(PartialRollback, LeadsToTheStepBefore) {
  Bench bench = in_canary(percent(5));
  bench.run(move(Phase::canary, percent(25)));
  auto some = move(Phase::canary, percent(50));
  some.routes = kWest;
  bench.run(some);
  bench.run(one_step());
  for (const Route& route : kWest) EXPECT_EQ(observed(bench, route), percent(25));
  for (const Route& route : kEast) EXPECT_EQ(observed(bench, route), percent(5));
  EXPECT_EQ(bench.state.phase, Phase::canary);
  EXPECT_TRUE(bench.state.routes.at(kWest.front()).held);
  bench.run(one_step());
  for (const Route& route : kWest) EXPECT_EQ(observed(bench, route), percent(5));
  for (const Route& route : kEast) EXPECT_EQ(observed(bench, route), Share::none());
  bench.run(one_step());
  EXPECT_TRUE(all_zero(bench.state)) << "below the first step there is nothing";
  EXPECT_EQ(bench.state.phase, Phase::canary) << "it holds, also at 0";
}

TEST(PartialRollback, OfSomeRoutesLeavesTheOthers) {
  Bench bench = in_canary(percent(5));
  bench.run(move(Phase::canary, percent(25)));
  auto back = one_step();
  back.routes = kWest;
  bench.run(back);
  for (const Route& route : kWest) EXPECT_EQ(observed(bench, route), percent(5));
  for (const Route& route : kEast) EXPECT_EQ(observed(bench, route), percent(25));
}

TEST(PartialRollback, InShadowIsOfTheMirrors) {
  Bench bench;
  bench.run(move(Phase::shadow, percent(20)));
  bench.run(move(Phase::shadow, percent(80)));
  bench.run(one_step());
  EXPECT_EQ(bench.state.routes.at(kRoute).mirror.observed, percent(20));
  EXPECT_EQ(bench.state.phase, Phase::shadow);
}

// Without a ledger, recorded afterwards: what was not selected is as it was.
TEST(SelectedRollback, ThatWasSpooledConcernsItsRoutesAlone) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(of({kEast.front()}, gradual(minutes(10)))));
  RecordCut cut;
  cut.rollback = RollbackId{{7}};
  cut.kind = RollbackKind::immediate;
  cut.started = cut.observed_at = bench.now;
  cut.selected = true;
  for (const Route& route : kWest) {
    cut.before.push_back({route, percent(25), Share::none()});
    cut.applied.push_back({route, Share::none(), Share::none()});
  }
  cut.observed = cut.applied;
  ASSERT_TRUE(bench.ask(cut));
  EXPECT_EQ(bench.state.phase, Phase::canary);
  for (const Route& route : kWest) EXPECT_EQ(observed(bench, route), Share::none());
  for (const Route& route : kEast) EXPECT_EQ(observed(bench, route), percent(25));
  ASSERT_EQ(bench.state.running.size(), 1U) << "the other one goes on";
  EXPECT_EQ(bench.state.running.front().plan.routes.size(), 1U);
}

}  // namespace
}  // namespace hal9::migration::test
