// Every rule of phases that decide has to hold.

#include "base/result.h"
#include "base/share.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "migration/state.h"
#include "migration/support.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Route kWestSubstrate = route("us-west-2.substrate");
const Route kWestCognitive = route("us-west-2.cognitive");

void to_canary(Bench& bench, Share share) {
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, share));
}

void to_ramp_up(Bench& bench, Share share) {
  to_canary(bench, percent(5));
  bench.run(move(Phase::state_migration));
  bench.run(move(Phase::ramp_up, share));
}

TEST(Move, EntersShadowWithTheWholeMirrorAndNoShare) {
  Bench bench;
  EXPECT_THAT(
      bench.run(move(Phase::shadow)),
      ElementsAre(
          "gates.checked",
          "executor.taken",
          "phase.entered",
          "traffic.requested",
          "traffic.applied",
          "traffic.observed"
      )
  );
  EXPECT_EQ(bench.state.phase, Phase::shadow);
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).mirror.observed, Share::all());
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).share.observed, Share::none());
  EXPECT_EQ(phase_text(bench.state), "shadow (100%)");
}

TEST(Move, TakesThePercentageAsTheMirrorInShadow) {
  Bench bench;
  bench.run(move(Phase::shadow, percent(20)));
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).mirror.observed, percent(20));
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).share.observed, Share::none());
}

TEST(Move, EntersCanaryAtFivePercentWithoutMirror) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary));
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).mirror.observed, Share::none());
}

TEST(Move, KeepsTheShareInStateMigration) {
  Bench bench;
  to_canary(bench, percent(7.5));
  const auto facts = bench.run(move(Phase::state_migration));
  EXPECT_THAT(facts, ElementsAre("gates.checked", "executor.taken", "phase.entered"));
  EXPECT_EQ(phase_text(bench.state), "state-migration (7.5%)");
}

TEST(Move, NeedsAPercentageForRampUp) {
  Bench bench;
  to_canary(bench, percent(5));
  bench.run(move(Phase::state_migration));
  const auto refused = bench.ask(move(Phase::ramp_up));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
  EXPECT_EQ(refused.error().next, "hal9-migrate migrate --phase ramp-up --percentage 25");
}

TEST(Move, GoesToAllInFullAndRefusesAnotherPercentage) {
  Bench bench;
  to_ramp_up(bench, percent(50));
  const auto refused = bench.ask(move(Phase::full, percent(90)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
  EXPECT_EQ(refused.error().next, "hal9-migrate migrate --phase ramp-up --percentage 90");
  bench.run(move(Phase::full));
  EXPECT_EQ(phase_text(bench.state), "full (100%)");
}

TEST(Move, RefusesToSkipAPhaseAndNamesTheNextOne) {
  Bench bench;
  const auto refused = bench.ask(move(Phase::full));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_THAT(refused.error().what, HasSubstr("shadow"));
  EXPECT_EQ(refused.error().next, "hal9-migrate migrate --phase shadow");
  EXPECT_EQ(direction_of(bench.state, move(Phase::full)).error().code, Code::conflict);
}

TEST(Move, RaisesWithinAPhaseBehindGates) {
  Bench bench;
  to_canary(bench, percent(5));
  EXPECT_EQ(
      direction_of(bench.state, move(Phase::canary, percent(10))).value(), Direction::forward
  );
  EXPECT_THAT(
      bench.run(move(Phase::canary, percent(10))),
      ElementsAre(
          "gates.checked",
          "executor.taken",
          "traffic.requested",
          "traffic.applied",
          "traffic.observed"
      )
  );
  EXPECT_EQ(phase_text(bench.state), "canary (10%)");
}

TEST(Move, RecordsNothingWhenEverythingIsThere) {
  Bench bench;
  to_canary(bench, percent(5));
  EXPECT_EQ(direction_of(bench.state, move(Phase::canary, percent(5))).value(), Direction::none);
  EXPECT_THAT(bench.ask(move(Phase::canary, percent(5))).value(), IsEmpty());
}

TEST(Move, TakesUpARaiseThatWasNeverObserved) {
  Bench bench;
  to_canary(bench, percent(5));
  ASSERT_TRUE(bench.ask(move(Phase::canary, percent(25))));  // and the process dies
  const auto again = bench.ask(move(Phase::canary, percent(25)));
  ASSERT_TRUE(again);
  EXPECT_THAT(types(*again), ElementsAre("gates.checked", "executor.taken", "traffic.requested"));
  EXPECT_EQ(fact<TrafficRequested>(*again).routes.size(), 4U);
}

TEST(Move, GoesToTheNextPhaseOnlyWhenThePresentOneWasObserved) {
  Bench bench;
  bench.run(move(Phase::shadow));
  ASSERT_TRUE(bench.ask(move(Phase::canary, percent(12))));
  const auto refused = bench.ask(move(Phase::state_migration));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(refused.error().next, "hal9-migrate migrate --phase canary --percentage 12");
  EXPECT_EQ(line_of_open_raise(bench.state), refused.error().next);
  bench.settle();
  EXPECT_FALSE(line_of_open_raise(bench.state));
  EXPECT_TRUE(bench.ask(move(Phase::state_migration)));
}

TEST(Move, LowersToAnEarlierPhaseWithoutGatesAndEntersItWhenObserved) {
  Bench bench;
  to_ramp_up(bench, percent(50));
  auto back = move(Phase::canary, percent(5));
  back.gates = {{GateName::flat, GateOutcome::failed, "down", false}};
  EXPECT_EQ(direction_of(bench.state, back).value(), Direction::back);
  const auto begun = bench.ask(back);
  ASSERT_TRUE(begun);
  EXPECT_THAT(types(*begun), ElementsAre("executor.taken", "rollback.started"));
  EXPECT_EQ(bench.state.phase, Phase::ramp_up);
  EXPECT_THAT(
      bench.settle(),
      ElementsAre("traffic.applied", "traffic.observed", "rollback.completed", "phase.entered")
  );
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
  EXPECT_FALSE(bench.state.routes.at(kWestSubstrate).held);
}

TEST(Move, LowersWithinThePhaseAndStaysInIt) {
  Bench bench;
  to_ramp_up(bench, percent(50));
  const auto facts = bench.run(move(Phase::ramp_up, Share::none()));
  EXPECT_THAT(facts, Contains("rollback.completed"));
  EXPECT_THAT(facts, Not(Contains("phase.entered")));
  EXPECT_EQ(phase_text(bench.state), "ramp-up (0%)");
}

TEST(Move, BackToStateMigrationGoesToTheShareItWasLeftWith) {
  Bench bench;
  to_ramp_up(bench, percent(50));
  bench.run(move(Phase::state_migration));
  EXPECT_EQ(phase_text(bench.state), "state-migration (5%)");
}

TEST(Move, BackToRampUpGoesToTheShareItWasLeftWith) {
  Bench bench;
  to_ramp_up(bench, percent(80));
  bench.run(move(Phase::full));
  bench.run(move(Phase::ramp_up));
  EXPECT_EQ(phase_text(bench.state), "ramp-up (80%)");
}

TEST(Move, BackToShadowTakesTheShareAndRaisesNoMirror) {
  Bench bench;
  to_canary(bench, percent(5));
  bench.run(move(Phase::shadow));
  EXPECT_EQ(bench.state.phase, Phase::shadow);
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).share.observed, Share::none());
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).mirror.observed, Share::none());
}

TEST(Move, BackToTheSameShareEntersTheEarlierPhase) {
  Bench bench;
  to_canary(bench, percent(5));
  bench.run(move(Phase::state_migration));
  bench.run(move(Phase::canary, percent(5)));
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
}

TEST(Move, LeavesARouteThatWouldRiseOnAWayBack) {
  Bench bench;
  to_ramp_up(bench, percent(50));
  bench.state.routes.at(kWestCognitive).share = {percent(1), percent(1), percent(1)};
  bench.run(move(Phase::canary, percent(5)));
  EXPECT_EQ(bench.state.routes.at(kWestCognitive).share.observed, percent(1));
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).share.observed, percent(5));
  EXPECT_EQ(phase_text(bench.state), "canary (1-5%)");
}

TEST(Move, IsRefusedForwardByAGateThatFailedOrIsUnknown) {
  Bench bench;
  auto forward = move(Phase::shadow);
  forward.gates.push_back({GateName::flat, GateOutcome::unknown, "no answer", false});
  auto refused = bench.ask(forward);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::gate);
  EXPECT_EQ(refused.error().what, "the gate flat is unknown: no answer");
  forward.gates.back().outcome = GateOutcome::failed;
  EXPECT_EQ(bench.ask(forward).error().what, "the gate flat has failed: no answer");
  forward.gates.back().overridden = true;
  EXPECT_TRUE(bench.ask(forward));
}

TEST(Move, OutOfOrderIsToldTheLineBackWhereItWantsLess) {
  Bench bench;
  to_canary(bench, percent(50));
  const auto next = [&](double share) {
    auto refused = bench.ask(move(Phase::ramp_up, percent(share)));
    EXPECT_FALSE(refused);
    return refused ? "" : refused.error().next;
  };
  EXPECT_EQ(next(20), "hal9-migrate rollback --percentage 20");
  EXPECT_EQ(next(0), "hal9-migrate rollback");
  EXPECT_EQ(next(60), "hal9-migrate migrate --phase state-migration");
  EXPECT_EQ(next(50), "hal9-migrate migrate --phase state-migration") << "nothing would come down";
}

TEST(Move, IsRefusedByAnUncheckedGateOnlyUnderStrictGates) {
  Bench bench;
  auto forward = move(Phase::shadow);
  forward.gates.push_back({GateName::watchdog, GateOutcome::not_checked, "none configured", false});
  bench.state.strict_gates = true;
  EXPECT_EQ(bench.ask(forward).error().code, Code::gate);
  bench.state.strict_gates = false;
  EXPECT_TRUE(bench.ask(forward));
}

TEST(Move, IsRefusedForwardWhileARollbackRuns) {
  Bench bench;
  to_canary(bench, percent(25));
  auto gradual = rollback();
  gradual.gradual = std::chrono::minutes(10);
  ASSERT_TRUE(bench.ask(gradual));
  const auto refused = bench.ask(move(Phase::canary, percent(30)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_THAT(refused.error().what, HasSubstr("begun by os:alice"));
  EXPECT_EQ(refused.error().next, "hal9-migrate rollback resume");
  EXPECT_EQ(bench.ask(move(Phase::canary, percent(25))).error().code, Code::conflict);
}

TEST(Move, IsRefusedBehindAHaltThatItsGatesHaveNotSeen) {
  Bench bench;
  bench.run(move(Phase::shadow));
  ASSERT_TRUE(bench.ask(emergency(bench, 1)));
  auto forward = move(Phase::shadow);
  forward.halts_seen = {bench.state.halt->value - 1};
  auto refused = bench.ask(forward);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  forward.halts_seen = *bench.state.halt;
  EXPECT_THAT(
      bench.run(forward),
      ElementsAre(
          "gates.checked",
          "halt.released",
          "executor.taken",
          "phase.entered",
          "traffic.requested",
          "halt.cleared",
          "traffic.applied",
          "traffic.observed"
      )
  );
  EXPECT_FALSE(bench.state.halt);
}

TEST(Move, RaisesHeldRoutesOnlyWhenTheyAreNamed) {
  Bench bench;
  to_canary(bench, percent(25));
  bench.run(rollback({}, percent(5)));
  EXPECT_TRUE(bench.state.routes.at(kWestSubstrate).held);
  const auto refused = bench.ask(move(Phase::canary, percent(10)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(
      refused.error().next, "hal9-migrate migrate --phase canary --percentage 10 --include-held"
  );
  auto named = move(Phase::canary, percent(10));
  named.include_held = true;
  bench.run(named);
  EXPECT_EQ(phase_text(bench.state), "canary (10%)");
  EXPECT_FALSE(bench.state.routes.at(kWestSubstrate).held);
}

TEST(Move, RaisesTheRoutesThatAreNotHeldAndLeavesTheOthers) {
  Bench bench;
  to_canary(bench, percent(5));
  bench.state.routes.at(kWestCognitive).held = true;
  bench.run(move(Phase::canary, percent(10)));
  EXPECT_EQ(phase_text(bench.state), "canary (5-10%)");
  EXPECT_TRUE(bench.state.routes.at(kWestCognitive).held);
}

TEST(Move, EntersFullOnlyWithoutHeldRoutes) {
  Bench bench;
  to_ramp_up(bench, percent(50));
  bench.state.routes.at(kWestCognitive).held = true;
  EXPECT_EQ(bench.ask(move(Phase::full)).error().code, Code::conflict);
  bench.state.halted_routes[kWestCognitive] = bench.state.sequence;
  EXPECT_EQ(
      bench.ask(move(Phase::full)).error().next,
      "hal9-migrate migrate --phase ramp-up --percentage 5 --regions us-west-2 "
      "--components cognitive"
  );
  bench.state.halted_routes.clear();
  auto named = move(Phase::full);
  named.include_held = true;
  EXPECT_TRUE(bench.ask(named));
}

// Whoever leaves some out names nobody: what is held among the others stays.
TEST(Move, RaisesHeldRoutesByTheirNamesAndNotByAnExclusion) {
  Bench bench;
  to_canary(bench, percent(5));
  bench.state.routes.at(kWestCognitive).held = true;
  auto left_over = move(Phase::canary, percent(10));
  left_over.routes = {kWestSubstrate, kWestCognitive};
  left_over.named = false;
  bench.run(left_over);
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).share.observed, percent(10));
  EXPECT_EQ(bench.state.routes.at(kWestCognitive).share.observed, percent(5));
  const auto refused = bench.ask(left_over);
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().next,
      "hal9-migrate migrate --phase canary --percentage 10 --regions us-west-2 "
      "--components cognitive"
  );
  left_over.named = true;
  bench.run(left_over);
  EXPECT_EQ(bench.state.routes.at(kWestCognitive).share.observed, percent(10));
}

// Emergencies that covered every route one after the other: the line that is suggested goes.
TEST(Move, RaisesHaltedRoutesAlsoWhereTheyAreAllNamed) {
  Bench bench;
  to_canary(bench, percent(5));
  for (auto& [route, now] : bench.state.routes) {
    bench.state.halted_routes[route] = bench.state.sequence;
    now.share.requested = now.share.applied = now.share.observed = Share::none();
  }
  auto up = move(Phase::canary, percent(10));
  up.halts_seen = bench.state.sequence;
  up.named = false;
  const auto refused = bench.ask(up);
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().next,
      "hal9-migrate migrate --phase canary --percentage 5 --regions eu-west-1,us-west-2"
  );
  up.named = true;
  EXPECT_THAT(bench.run(up), Contains("halt.released"));
  EXPECT_EQ(phase_text(bench.state), "canary (10%)");
}

TEST(Move, NeverRaisesARouteThatLeftTheConfiguration) {
  Bench bench;
  to_canary(bench, percent(5));
  auto smaller = small_configuration();
  smaller.components.pop_back();
  bench.run(AcceptConfiguration{smaller});
  bench.run(move(Phase::canary, percent(10)));
  EXPECT_EQ(bench.state.routes.at(kWestSubstrate).share.observed, percent(10));
  EXPECT_EQ(bench.state.routes.at(kWestCognitive).share.observed, percent(5));
  bench.run(rollback());
  EXPECT_EQ(bench.state.routes.at(kWestCognitive).share.observed, Share::none());
}

TEST(Move, ToPhaseNoneInPhaseNoneRecordsNothing) {
  Bench bench;
  EXPECT_EQ(direction_of(bench.state, move(Phase::none)).value(), Direction::none);
  EXPECT_THAT(bench.ask(move(Phase::none)).value(), IsEmpty());
}

}  // namespace
}  // namespace hal9::migration::test
