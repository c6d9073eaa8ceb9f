// Every rule of rolling back that decide has to hold, and two rollbacks at once.

#include "migration/rollback.h"

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/rolling_back.h"
#include "migration/route.h"
#include "migration/state.h"
#include "migration/support.h"

#include <chrono>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using std::chrono::minutes;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

TEST(RollBack, ToZeroEndsInPhaseNoneWhenItIsObserved) {
  Bench bench = in_canary(percent(5));
  const auto begun = bench.ask(rollback(Phase::canary));
  ASSERT_TRUE(begun);
  EXPECT_THAT(types(*begun), ElementsAre("executor.taken", "rollback.started"));
  EXPECT_EQ(bench.state.phase, Phase::canary);
  EXPECT_THAT(
      bench.settle(),
      ElementsAre("traffic.applied", "traffic.observed", "rollback.completed", "phase.entered")
  );
  EXPECT_EQ(phase_text(bench.state), "none");
  EXPECT_TRUE(all_zero(bench.state));
  EXPECT_EQ(bench.state.last_rollback->status, RollbackStatus::completed);
}

TEST(RollBack, IsGuardedByAnotherPhase) {
  Bench bench = in_canary(percent(5));
  const auto refused = bench.ask(rollback(Phase::shadow));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(refused.error().what, "the phase is canary, not shadow");
  EXPECT_EQ(refused.error().why, "--from-phase shadow only rolls back from shadow");
  EXPECT_EQ(refused.error().state, "nothing was changed");
  EXPECT_EQ(refused.error().next, "hal9-migrate rollback --from-phase canary");
}

TEST(RollBack, InPhaseNoneRecordsThatItWasAsked) {
  Bench bench;
  const auto asked = bench.ask(rollback(Phase::canary));
  ASSERT_TRUE(asked);
  EXPECT_THAT(types(*asked), ElementsAre("rollback.asked"));
  EXPECT_FALSE(fact<RollbackAsked>(*asked).joined);
}

TEST(RollBack, InPhaseNoneLowersWhatIsStillUp) {
  Bench bench;
  bench.state.routes.at(kRoute).share.observed = percent(3);
  bench.run(rollback(Phase::canary));
  EXPECT_TRUE(all_zero(bench.state));
}

TEST(RollBack, NeverFailsForWantOfAReasonOrAConfiguration) {
  Bench bench{State{}};
  EXPECT_THAT(types(bench.ask(rollback()).value()), ElementsAre("rollback.asked"));
}

TEST(RollBack, AboveZeroHoldsItsRoutesInThePhase) {
  Bench bench = in_canary(percent(25));
  const auto facts = bench.run(rollback({}, percent(10)));
  EXPECT_THAT(facts, Not(Contains("phase.entered")));
  EXPECT_EQ(phase_text(bench.state), "canary (10%)");
  EXPECT_TRUE(bench.state.routes.at(kRoute).held);
}

TEST(RollBack, ReleasesHeldRoutesInPhaseNone) {
  Bench bench = in_canary(percent(25));
  bench.run(rollback({}, percent(10)));
  bench.run(rollback());
  EXPECT_FALSE(bench.state.routes.at(kRoute).held);
}

TEST(RollBack, AboveWhereTrafficIsChangesNothing) {
  Bench bench = in_canary(percent(5));
  EXPECT_THAT(types(bench.ask(rollback({}, percent(10))).value()), ElementsAre("rollback.asked"));
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
}

TEST(RollBack, TakesThePercentageAsTheMirrorInShadow) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(rollback({}, percent(10)));
  EXPECT_EQ(phase_text(bench.state), "shadow (10%)");
}

TEST(RollBack, TakesBackARaiseThatWasNeverObserved) {
  Bench bench = in_canary(percent(5));
  ASSERT_TRUE(bench.ask(move(Phase::canary, percent(25))));
  const auto begun = bench.ask(rollback({}, percent(10)));
  ASSERT_TRUE(begun);
  const auto plan = fact<RollbackStarted>(*begun).plan;
  EXPECT_EQ(plan.routes.front().share_from, percent(25));
  EXPECT_EQ(plan.routes.front().share_to, percent(5));
  EXPECT_EQ(bench.state.routes.at(kRoute).share.requested, percent(5));
}

TEST(RollBack, TakesBackTheReleaseOfAHalt) {
  Bench bench = in_canary(percent(5));
  ASSERT_TRUE(bench.ask(emergency(bench, 1)));
  ASSERT_TRUE(bench.ask(move(Phase::shadow)));
  EXPECT_TRUE(bench.state.halt_released);
  ASSERT_TRUE(bench.ask(rollback()));
  EXPECT_TRUE(bench.state.halt);
  EXPECT_FALSE(bench.state.halt_released);
}

TEST(RollBack, GradualEndsAfterItsDurationAndCompletesOnlyWhenEveryRouteIsObserved) {
  Bench bench = in_canary(percent(25));
  const auto begun = bench.ask(gradual(minutes(10)));
  ASSERT_TRUE(begun);
  const auto plan = fact<RollbackStarted>(*begun).plan;
  EXPECT_EQ(plan.kind, RollbackKind::gradual);
  EXPECT_EQ(plan.ends - plan.started, Micros(minutes(10)));
  ReportTraffic half;
  half.fence = bench.state.fence;
  half.applied = amounts_at(plan, minutes(5));
  half.observed = half.applied;
  EXPECT_THAT(types(bench.ask(half).value()), ElementsAre("traffic.applied", "traffic.observed"));
  ReportTraffic one;
  one.fence = bench.state.fence;
  one.applied = {{kRoute, Share::none(), Share::none()}};
  one.observed = one.applied;
  EXPECT_THAT(types(bench.ask(one).value()), Not(Contains("rollback.completed")));
  EXPECT_THAT(bench.settle(), Contains("rollback.completed"));
}

TEST(RollBack, OnALedgerOnlyRouterIsRecordedAndNotObserved) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(rollback()));
  ReportTraffic report;
  report.fence = bench.state.fence;
  for (const auto& lowering : bench.state.running.front().plan.routes) {
    report.applied.push_back({lowering.route, lowering.share_to, lowering.mirror_to});
  }
  report.observed = report.applied;
  report.read_back = false;
  const auto done = bench.ask(report);
  ASSERT_TRUE(done);
  EXPECT_THAT(types(*done), ElementsAre("traffic.recorded", "rollback.completed", "phase.entered"));
  EXPECT_FALSE(fact<RollbackCompleted>(*done).observed);
}

TEST(RollBack, ThatCouldNotBeAppliedStallsAndGoesOn) {
  Bench bench = in_canary(percent(5));
  ASSERT_TRUE(bench.ask(rollback()));
  ReportTraffic report;
  report.fence = bench.state.fence;
  report.failed = {kRoute};
  report.error = "connection refused";
  EXPECT_THAT(types(bench.ask(report).value()), ElementsAre("traffic.failed", "rollback.stalled"));
  ASSERT_EQ(bench.state.running.size(), 1U);
  EXPECT_THAT(bench.settle(), Contains("rollback.completed"));
}

RollBack to(Phase phase, std::optional<Share> percentage = {}) {
  auto back = rollback({}, percentage);
  back.to_phase = phase;
  return back;
}

Bench in_ramp_up(Share share) {
  Bench bench = in_canary(percent(7));
  bench.run(move(Phase::state_migration));
  bench.run(move(Phase::ramp_up, share));
  return bench;
}

TEST(RollBack, ToAnEarlierPhaseIsAsThatPhaseWasLeft) {
  Bench bench = in_ramp_up(percent(60));
  bench.run(to(Phase::canary));
  EXPECT_EQ(bench.state.phase, Phase::canary);
  for (const auto& [route, now] : bench.state.routes) {
    EXPECT_EQ(now.share.observed, percent(7));
    EXPECT_FALSE(now.held);
  }
  bench.run(to(Phase::shadow));
  EXPECT_EQ(bench.state.phase, Phase::shadow);
  for (const auto& [route, now] : bench.state.routes) {
    EXPECT_EQ(now.share.observed, Share::none());
    EXPECT_EQ(now.mirror.observed, Share::none()) << "a rollback raises no mirror";
  }
}

TEST(RollBack, ToAnEarlierPhaseWithANumberGoesThere) {
  Bench bench = in_ramp_up(percent(60));
  bench.run(to(Phase::canary, percent(2)));
  EXPECT_EQ(bench.state.phase, Phase::canary);
  EXPECT_EQ(bench.state.routes.at(kRoute).share.observed, percent(2));
}

TEST(RollBack, ToAnEarlierPhaseOfSomeRoutesStaysInThePhase) {
  Bench bench = in_ramp_up(percent(60));
  auto back = to(Phase::canary);
  back.routes = std::vector<Route>{kRoute};
  bench.run(back);
  EXPECT_EQ(bench.state.phase, Phase::ramp_up);
  for (const auto& [route, now] : bench.state.routes) {
    EXPECT_EQ(now.share.observed, route == kRoute ? percent(7) : percent(60));
    EXPECT_EQ(now.held, route == kRoute);
  }
}

TEST(RollBack, ToAPhaseThatIsNotEarlierIsRefusedAndToNoneIsAll) {
  Bench bench = in_canary(percent(25));
  for (const Phase phase : {Phase::canary, Phase::full}) {
    const auto refused = bench.ask(to(phase));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::conflict);
    EXPECT_EQ(refused.error().next, "hal9-migrate status");
  }
  bench.run(to(Phase::canary, percent(3)));
  EXPECT_EQ(bench.state.phase, Phase::canary) << "down within its own phase";
  EXPECT_EQ(bench.state.routes.at(kRoute).share.observed, percent(3));
  bench.run(to(Phase::none));
  EXPECT_EQ(bench.state.phase, Phase::none);
}

TEST(RollBack, OfTheMirrorAloneLeavesTheShares) {
  Bench bench = in_canary(percent(5));
  bench.state.routes.at(kRoute).mirror = {percent(50), percent(50), percent(50)};
  auto mirror = rollback();
  mirror.mirror_only = true;
  bench.run(mirror);
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
  EXPECT_EQ(bench.state.routes.at(kRoute).mirror, Amount{});
  EXPECT_FALSE(bench.state.routes.at(kRoute).held);
  EXPECT_THAT(types(bench.ask(mirror).value()), ElementsAre("rollback.asked"));
}

TEST(RollBack, OfTheMirrorAloneEndsShadow) {
  Bench bench;
  bench.run(move(Phase::shadow));
  auto mirror = rollback();
  mirror.mirror_only = true;
  bench.run(mirror);
  EXPECT_EQ(phase_text(bench.state), "none");
  EXPECT_TRUE(all_zero(bench.state));
}

}  // namespace
}  // namespace hal9::migration::test
