// A gradual move forward: the line that it follows, its gates, its pause, and its ways to end.

#include "migration/raise.h"

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/generators.h"
#include "migration/phase.h"
#include "migration/rolling_back.h"
#include "migration/route.h"
#include "migration/state.h"
#include "migration/support.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Gate gate(GateName name, GateOutcome outcome) {
  return {name, outcome, "0 of 2 servers up", false};
}

const std::vector<Gate> kGreen{gate(GateName::flat, GateOutcome::passed)};

// In ramp-up at 10%, with a raise to 50% over ten minutes under way.
Bench raising(std::optional<Share> pause_after = {}) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary));
  bench.run(move(Phase::state_migration));
  bench.run(move(Phase::ramp_up, percent(10)));
  auto up = move(Phase::ramp_up, percent(50));
  up.gradual = minutes(10);
  up.pause_after = pause_after;
  bench.run(up);
  return bench;
}

StepRaise step(const Bench& bench, Micros elapsed, std::vector<Gate> gates = kGreen) {
  const Raise& raise = *bench.state.raise;
  return {raise.plan.id, raise.at, std::move(gates), amounts_at(raise.plan, elapsed)};
}

Share share_of(const Bench& bench) {
  return bench.state.routes.at(kRoute).share.observed;
}

TEST(Raise, BeginsWhereTheRoutesAreAndAsksForNothingYet) {
  const Bench bench = raising();
  ASSERT_TRUE(bench.state.raise);
  const RaisePlan& plan = bench.state.raise->plan;
  EXPECT_EQ(plan.routes.size(), 4U);
  EXPECT_EQ(plan.routes.front().share_from, percent(10));
  EXPECT_EQ(plan.routes.front().share_to, percent(50));
  EXPECT_EQ(plan.ends - plan.started, minutes(10));
  EXPECT_EQ(bench.state.routes.at(kRoute).share.requested, percent(10));
  EXPECT_EQ(phase_text(bench.state), "ramp-up (10%)");
}

TEST(Raise, FollowsTheLineStepByStepBehindItsGates) {
  Bench bench = raising();
  EXPECT_THAT(
      bench.run(step(bench, minutes(5))),
      ElementsAre(
          "gates.checked",
          "executor.taken",
          "traffic.requested",
          "traffic.applied",
          "traffic.observed"
      )
  );
  EXPECT_EQ(share_of(bench), percent(30));
  EXPECT_THAT(bench.run(step(bench, minutes(10))), Contains("raise.ended"));
  EXPECT_EQ(share_of(bench), percent(50));
  EXPECT_FALSE(bench.state.raise);
}

TEST(Raise, EntersItsPhaseAtOnceAndTurnsTheMirrorOff) {
  Bench bench;
  bench.run(move(Phase::shadow));
  auto up = move(Phase::canary);
  up.gradual = minutes(1);
  bench.run(up);
  EXPECT_EQ(phase_text(bench.state), "canary (0%)");
  EXPECT_EQ(bench.state.routes.at(kRoute).mirror.observed, Share::none());
  bench.run(step(bench, minutes(1)));
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
  EXPECT_EQ(bench.state.routes.at(kRoute).mirror.observed, Share::none()) << "and it stays off";
}

TEST(Raise, GoesBackToWhereItBeganWhenAGateFails) {
  Bench bench = raising();
  bench.run(step(bench, minutes(5)));
  const auto facts =
      bench.run(step(bench, minutes(6), {gate(GateName::health, GateOutcome::failed)}));
  EXPECT_THAT(facts, Contains("raise.ended"));
  EXPECT_THAT(facts, Contains("rollback.completed"));
  EXPECT_FALSE(bench.state.raise);
  EXPECT_EQ(share_of(bench), percent(10));
  EXPECT_EQ(bench.state.phase, Phase::ramp_up);
  EXPECT_FALSE(bench.state.routes.at(kRoute).held);
}

// A phase that a raise entered ends with it: whoever tries again enters it again, behind its gates.
TEST(Raise, GoesBackToThePhaseThatItLeft) {
  for (const bool aborted : {true, false}) {
    Bench bench;
    bench.run(move(Phase::shadow));
    auto up = move(Phase::canary, percent(10));
    up.gradual = minutes(10);
    bench.run(up);
    bench.run(step(bench, minutes(5)));
    bench.run(ResumeRaise{kGreen, {}, {}});
    bench.run(step(bench, minutes(1)));
    EXPECT_EQ(bench.state.phase, Phase::canary);
    CommandBody back = AbortRaise{};
    if (!aborted) back = step(bench, minutes(2), {gate(GateName::health, GateOutcome::failed)});
    EXPECT_THAT(bench.run(back), Contains("phase.entered"));
    EXPECT_EQ(bench.state.phase, Phase::shadow);
    EXPECT_EQ(share_of(bench), Share::none());
    bench.run(up);
    EXPECT_EQ(bench.state.phase, Phase::canary);
  }
}

// Whoever was held is held again, also where the raise named every route; nobody else is.
TEST(Raise, ThatGoesBackHoldsAgainWhatWasHeldBefore) {
  for (const bool aborted : {true, false}) {
    Bench bench;
    bench.run(move(Phase::shadow));
    bench.run(move(Phase::canary, percent(10)));
    const Route other = route("eu-west-1.cognitive");
    bench.state.routes.at(other).held = true;
    auto up = move(Phase::canary, percent(50));
    up.gradual = minutes(10);
    up.include_held = true;
    bench.run(up);
    bench.run(step(bench, minutes(5)));
    EXPECT_FALSE(bench.state.routes.at(other).held);
    CommandBody back = AbortRaise{};
    if (!aborted) back = step(bench, minutes(6), {gate(GateName::health, GateOutcome::failed)});
    bench.run(back);
    EXPECT_TRUE(bench.state.routes.at(other).held);
    EXPECT_FALSE(bench.state.routes.at(kRoute).held);
  }
}

// A part of the routes as well: its way back is no partial rollback, which would hold all of them.
TEST(Raise, OfAPartThatGoesBackHoldsOnlyWhatWasHeldBefore) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(10)));
  const Route held = route("us-west-2.cognitive");
  bench.state.routes.at(held).held = true;
  auto up = move(Phase::canary, percent(50));
  up.routes = {kRoute, held};
  up.named = true;
  up.gradual = minutes(10);
  bench.run(up);
  bench.run(step(bench, minutes(5)));
  const auto decided = bench.ask(AbortRaise{}).value();
  EXPECT_FALSE(fact<RollbackStarted>(decided).plan.partial);
  bench.settle();
  EXPECT_TRUE(bench.state.routes.at(held).held);
  EXPECT_FALSE(bench.state.routes.at(kRoute).held);
  EXPECT_EQ(share_of(bench), percent(10));
}

TEST(Raise, OfAMirrorThatIsAbortedLeavesNoPhase) {
  Bench bench;
  auto up = move(Phase::shadow);
  up.gradual = minutes(1);
  bench.run(up);
  bench.run(step(bench, seconds(30)));
  bench.run(AbortRaise{});
  EXPECT_EQ(phase_text(bench.state), "none");
  EXPECT_EQ(bench.state.routes.at(kRoute).mirror.observed, Share::none());
}

TEST(Raise, SaysWhichGateSentItBackAndByWhichRollback) {
  Bench bench = raising();
  bench.run(step(bench, minutes(5)));
  const auto facts =
      bench.ask(step(bench, minutes(6), {gate(GateName::health, GateOutcome::failed)})).value();
  const auto ended = fact<RaiseEnded>(facts);
  EXPECT_EQ(ended.end, RaiseEnd::failed);
  EXPECT_EQ(ended.why, "the gate health has failed: 0 of 2 servers up");
  EXPECT_EQ(ended.rollback, fact<RollbackStarted>(facts).plan.id);
}

TEST(Raise, StaysWhereItIsWhenFlatIsDownOrAGateIsSilent) {
  for (const Gate& blocking :
       {gate(GateName::flat, GateOutcome::failed),
        gate(GateName::router, GateOutcome::failed),
        gate(GateName::health, GateOutcome::unknown)}) {
    Bench bench = raising();
    bench.run(step(bench, minutes(5)));
    EXPECT_THAT(
        bench.run(step(bench, minutes(6), {blocking})), ElementsAre("gates.checked", "raise.paused")
    );
    EXPECT_EQ(share_of(bench), percent(30));
    EXPECT_EQ(bench.state.raise->status, RaiseStatus::paused);
    EXPECT_THAT(bench.state.raise->why, HasSubstr(to_text(blocking.name)));
  }
}

TEST(Raise, DoesNotGoBackToASystemThatIsDown) {
  Bench bench = raising();
  bench.run(step(bench, minutes(5)));
  bench.run(step(
      bench,
      minutes(6),
      {gate(GateName::health, GateOutcome::failed), gate(GateName::flat, GateOutcome::failed)}
  ));
  EXPECT_EQ(share_of(bench), percent(30));
}

TEST(Raise, PausesAtTheShareThatWasNamedAndGoesOnFromThere) {
  Bench bench = raising(percent(20));
  const auto& plan = bench.state.raise->plan;
  const auto amounts = amounts_at(plan, minutes(5));
  EXPECT_EQ(amounts.front().share, percent(20));
  EXPECT_TRUE(pauses_with(plan, amounts));
  EXPECT_FALSE(pauses_with(plan, amounts_at(plan, minutes(1))));
  bench.run(step(bench, minutes(5)));
  bench.run(PauseRaise{plan.id, bench.state.raise->at, "at 20%"});
  EXPECT_FALSE(bench.ask(step(bench, minutes(6)))) << "a step of a paused one";
  bench.run(ResumeRaise{kGreen, {}, {}});
  const RaisePlan& rest = bench.state.raise->plan;
  EXPECT_EQ(rest.routes.front().share_from, percent(20));
  EXPECT_EQ(rest.ends - rest.started, minutes(7) + seconds(30)) << "at the pace that it had";
  bench.run(step(bench, minutes(8)));
  EXPECT_EQ(share_of(bench), percent(50));
}

TEST(Raise, ARunningOneThatIsResumedMakesTheStepsOfTheOldProcessStale) {
  Bench bench = raising();
  const auto old = step(bench, minutes(5));
  bench.run(ResumeRaise{kGreen, {}, {}});
  const auto refused = bench.ask(old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::stale);
}

TEST(Raise, AbortsToWhereItBeganAlsoAfterAPause) {
  Bench bench = raising(percent(20));
  bench.run(step(bench, minutes(5)));
  bench.run(PauseRaise{bench.state.raise->plan.id, bench.state.raise->at, "at 20%"});
  bench.run(ResumeRaise{kGreen, {}, {}});
  bench.run(step(bench, minutes(1)));
  EXPECT_THAT(bench.run(AbortRaise{}), Contains("rollback.completed"));
  EXPECT_EQ(share_of(bench), percent(10));
  EXPECT_FALSE(bench.state.raise);
  EXPECT_TRUE(bench.ask(AbortRaise{}).value().empty()) << "there is none any more";
}

TEST(Raise, EndsWithoutARollbackWhereNothingHasRisenYet) {
  Bench bench = raising();
  const auto facts = bench.ask(AbortRaise{}).value();
  EXPECT_THAT(types(facts), Not(Contains("rollback.started")));
  EXPECT_FALSE(fact<RaiseEnded>(facts).rollback);
}

TEST(Raise, IsEndedByAnyWayBack) {
  const auto down = move(Phase::canary, percent(1));
  RollBack one;
  one.routes = std::vector{kRoute};
  for (const CommandBody& body : std::vector<CommandBody>{rollback(), one, down}) {
    Bench bench = raising();
    bench.run(step(bench, minutes(5)));
    const auto late = step(bench, minutes(6));
    const auto facts = bench.ask(body).value();
    EXPECT_EQ(fact<RaiseEnded>(facts).end, RaiseEnd::superseded);
    EXPECT_EQ(fact<RaiseEnded>(facts).rollback, fact<RollbackStarted>(facts).plan.id);
    EXPECT_FALSE(bench.state.raise);
    EXPECT_FALSE(bench.ask(late)) << "nothing rises any more";
  }
}

TEST(Raise, IsEndedByAnEmergency) {
  Bench bench = raising();
  bench.run(step(bench, minutes(5)));
  bench.run(emergency(bench, 7));
  EXPECT_FALSE(bench.state.raise);
  EXPECT_EQ(bench.state.phase, Phase::none);
}

TEST(Raise, IsAloneUntilItIsThrough) {
  Bench bench = raising();
  const auto refused = bench.ask(move(Phase::ramp_up, percent(60)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(refused.error().next, "hal9-migrate migrate resume");
}

TEST(Raise, ResumedBeforeItsPauseStillPausesThere) {
  Bench bench = raising(percent(30));
  bench.run(step(bench, minutes(2)));
  bench.run(ResumeRaise{kGreen, {}, {}});
  EXPECT_EQ(bench.state.raise->plan.pause_after, percent(30)) << "nobody was asked whether to pass";
  bench.run(step(bench, bench.state.raise->plan.ends - bench.state.raise->plan.started));
  ASSERT_TRUE(bench.state.raise) << "it is not through yet";
}

TEST(Raise, ResumedWhereItPausedGoesOnToItsEnd) {
  Bench bench = raising(percent(30));
  bench.run(step(bench, minutes(5)));
  ASSERT_EQ(share_of(bench), percent(30));
  bench.run(ResumeRaise{kGreen, {}, {}});
  EXPECT_FALSE(bench.state.raise->plan.pause_after);
}

TEST(Raise, OfSomeRoutesLeavesTheOthersAndNamesTheHeldOnes) {
  Bench bench = in_canary(percent(5));
  RollBack one;
  one.routes = std::vector{kRoute};
  bench.run(one);
  EXPECT_TRUE(bench.state.routes.at(kRoute).held);
  auto up = move(Phase::canary, percent(8));
  up.routes = std::vector{kRoute};
  bench.run(up);
  EXPECT_EQ(share_of(bench), percent(8));
  EXPECT_FALSE(bench.state.routes.at(kRoute).held);
  EXPECT_EQ(bench.state.routes.at(route("eu-west-1.cognitive")).share.observed, percent(5));
}

TEST(Raise, OfSomeRoutesDownHoldsThemInThePhase) {
  Bench bench = in_canary(percent(5));
  auto down = move(Phase::canary, percent(2));
  down.routes = std::vector{kRoute};
  bench.run(down);
  EXPECT_EQ(share_of(bench), percent(2));
  EXPECT_TRUE(bench.state.routes.at(kRoute).held);
  EXPECT_EQ(bench.state.phase, Phase::canary);
}

TEST(Raise, FullIsEnteredByEveryRoute) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary));
  bench.run(move(Phase::state_migration));
  bench.run(move(Phase::ramp_up, percent(50)));
  auto some = move(Phase::full);
  some.routes = std::vector{kRoute};
  const auto refused = bench.ask(some);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
}

RC_GTEST_PROP(Raise, NeverFallsAndNeverIsAboveTheLineAndEndsWhereItSays, ()) {
  auto plan = *any_raise();
  plan.ends = plan.started + Micros{*rc::gen::inRange<std::int64_t>(1, 100'000'000'000)};
  plan.pause_after.reset();
  for (auto& route : plan.routes) {
    route.share_to = std::max(route.share_from, route.share_to);
    route.mirror_to = std::max(route.mirror_from, route.mirror_to);
  }
  std::ranges::sort(plan.routes, {}, &RouteRaise::route);
  const auto doubled = std::ranges::unique(plan.routes, {}, &RouteRaise::route);
  plan.routes.erase(doubled.begin(), doubled.end());
  const Micros duration = plan.ends - plan.started;
  const Micros first{*rc::gen::inRange<std::int64_t>(0, 100'000'000'000)};
  const Micros second = first + Micros{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000)};
  const auto before = amounts_at(plan, first);
  const auto after = amounts_at(plan, second);
  for (std::size_t i = 0; i < plan.routes.size(); ++i) {
    const auto& route = plan.routes[i];
    RC_ASSERT(*before[i].share <= *after[i].share);
    RC_ASSERT(*after[i].share <= route.share_to);
    RC_ASSERT(*before[i].share >= route.share_from);
    const double line =
        route.share_from.hundredths() +
        (route.share_to.hundredths() - route.share_from.hundredths()) *
            std::min(
                1.0, static_cast<double>(first.count()) / static_cast<double>(duration.count())
            );
    RC_ASSERT(static_cast<double>(before[i].share->hundredths()) <= line + 1e-6);
  }
  RC_ASSERT(is_at_end(plan, amounts_at(plan, duration)));
  RC_ASSERT(step_reached(plan, first) <= duration);
  RC_ASSERT(first >= duration || next_step(plan, first) > first);
}

}  // namespace
}  // namespace hal9::migration::test
