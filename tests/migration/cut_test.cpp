// A lowering that was done before it could be recorded.

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/rolling_back.h"
#include "migration/state.h"
#include "migration/support.h"

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using std::chrono::minutes;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(RecordCut, ObservesNothingOnALedgerOnlyRouter) {
  Bench bench = in_canary(percent(5));
  auto cut = emergency(bench, 1);
  cut.read_back = false;
  cut.halt = false;
  const auto decided = bench.ask(cut);
  ASSERT_TRUE(decided);
  EXPECT_THAT(
      types(*decided),
      ElementsAre(
          "executor.taken",
          "rollback.started",
          "traffic.recorded",
          "rollback.completed",
          "phase.entered"
      )
  );
  EXPECT_FALSE(fact<RollbackCompleted>(*decided).observed);
  ASSERT_TRUE(bench.state.last_rollback);
  EXPECT_FALSE(bench.state.last_rollback->observed);
  EXPECT_TRUE(all_zero(bench.state));
}

// Mirrors off before it could be recorded, as `feature disable shadow_mode` has it.
TEST(RecordCut, OfMirrorsAloneLeavesSharesAndTheirPhase) {
  for (const bool in_shadow : {true, false}) {
    Bench bench;
    bench.run(move(Phase::shadow));
    if (!in_shadow) bench.run(move(Phase::canary, percent(5)));
    RecordCut cut;
    cut.rollback = RollbackId{{7}};
    cut.kind = RollbackKind::immediate;
    cut.started = cut.observed_at = bench.now;
    for (const auto& [route, now] : bench.state.routes) {
      cut.before.push_back({route, now.share.observed, now.mirror.observed});
      cut.applied.push_back({route, {}, Share::none()});
      cut.observed.push_back({route, now.share.observed, Share::none()});
    }
    const auto decided = bench.ask(cut);
    ASSERT_TRUE(decided);
    EXPECT_THAT(types(*decided), Contains("rollback.completed"));
    EXPECT_EQ(phase_text(bench.state), in_shadow ? "none" : "canary (5%)");
  }
}

TEST(RecordCut, NamesTheServersThatItPutIntoMaintenance) {
  Bench bench = in_canary(percent(5));
  auto cut = emergency(bench, 1);
  cut.servers = {{name("lb1"), "hierarchical/h1"}};
  const auto decided = bench.ask(cut);
  ASSERT_TRUE(decided);
  EXPECT_EQ(fact<HaltSet>(*decided).servers, cut.servers);
  EXPECT_EQ(bench.state.halt_servers, cut.servers);
}

TEST(RecordCut, TakesServersFoundBehindAKillSwitchForThoseOfAHaltThatWasNeverRecorded) {
  Bench bench = in_canary(percent(5));
  auto cut = emergency(bench, 1);
  cut.servers_found = {{name("lb1"), "hierarchical/h1"}};
  ASSERT_TRUE(bench.ask(cut));
  EXPECT_EQ(bench.state.halt_servers, cut.servers_found);
}

TEST(RecordCut, WithAHaltOnRecordLeavesServersFoundInMaintenanceToAPerson) {
  Bench bench = in_canary(percent(5));
  auto first = emergency(bench, 1);
  first.servers = {{name("lb1"), "shadow/h1"}};
  ASSERT_TRUE(bench.ask(first));
  auto second = emergency(bench, 2);
  second.servers_found = {{name("lb1"), "hierarchical/h1"}, {name("lb1"), "shadow/h1"}};
  ASSERT_TRUE(bench.ask(second));
  EXPECT_EQ(bench.state.halt_servers, first.servers);
}

TEST(RecordCut, CompletesWhenEveryRouteIsReadAtZero) {
  Bench bench = in_canary(percent(5));
  const auto cut = bench.ask(emergency(bench, 1));
  ASSERT_TRUE(cut);
  EXPECT_THAT(
      types(*cut),
      ElementsAre(
          "executor.taken",
          "rollback.started",
          "halt.set",
          "traffic.applied",
          "traffic.observed",
          "rollback.completed",
          "phase.entered"
      )
  );
  EXPECT_TRUE(all_zero(bench.state));
  EXPECT_EQ(phase_text(bench.state), "none");
  EXPECT_EQ(fact<RollbackStarted>(*cut).plan.routes.front().share_from, percent(5));
}

TEST(RecordCut, SupersedesARunningGradualOne) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(gradual(minutes(10))));
  const auto stale = bench.state.fence;
  const auto cut = bench.ask(emergency(bench, 1));
  ASSERT_TRUE(cut);
  EXPECT_THAT(types(*cut), Contains("rollback.superseded"));
  EXPECT_THAT(bench.state.running, IsEmpty());
  ReportTraffic late;
  late.fence = stale;
  late.observed = {{kRoute, percent(20), {}}};
  EXPECT_EQ(bench.ask(late).error().code, Code::stale);
}

TEST(RecordCut, StallsWhenNothingAnsweredAndTheExecutorGoesOn) {
  Bench bench = in_canary(percent(5));
  auto cut = emergency(bench, 1);
  cut.observed.clear();
  cut.halt = false;
  cut.error = "lb1 did not answer";
  const auto facts = bench.ask(cut);
  ASSERT_TRUE(facts);
  EXPECT_EQ(fact<RollbackStalled>(*facts).error, "lb1 did not answer");
  EXPECT_EQ(bench.state.phase, Phase::canary);
  EXPECT_THAT(bench.settle(), Contains("rollback.completed"));
  EXPECT_EQ(bench.state.phase, Phase::none);
}

TEST(RecordCut, NamesTheRoutesThatWereNotReadAtZero) {
  Bench bench = in_canary(percent(5));
  auto cut = emergency(bench, 1);
  cut.observed.front().share = percent(2);
  cut.observed.pop_back();
  const auto error = fact<RollbackStalled>(bench.ask(cut).value()).error;
  EXPECT_THAT(error, HasSubstr("reads 2%"));
  EXPECT_THAT(error, HasSubstr("was not read back"));
}

TEST(RecordCut, ASecondTimeConfirmsTheHalt) {
  Bench bench = in_canary(percent(5));
  ASSERT_TRUE(bench.ask(emergency(bench, 1)));
  const auto first = *bench.state.halt;
  const auto again = bench.ask(emergency(bench, 2));
  ASSERT_TRUE(again);
  EXPECT_THAT(types(*again), ElementsAre("rollback.asked", "halt.set", "traffic.observed"));
  EXPECT_GT(*bench.state.halt, first);
}

TEST(RecordCut, OfAPartialLoweringHoldsInThePhase) {
  Bench bench = in_canary(percent(25));
  auto cut = emergency(bench, 1);
  cut.kind = RollbackKind::immediate;
  cut.percentage = percent(10);
  cut.halt = false;
  for (auto* list : {&cut.applied, &cut.observed}) {
    for (auto& amount : *list) amount.share = percent(10);
  }
  ASSERT_TRUE(bench.ask(cut));
  EXPECT_EQ(phase_text(bench.state), "canary (10%)");
  EXPECT_TRUE(bench.state.routes.at(kRoute).held);
  EXPECT_FALSE(bench.state.halt);
}

TEST(RecordCut, TellsWhenItHappenedAndNotWhenItWasRecorded) {
  Bench bench = in_canary(percent(5));
  auto cut = emergency(bench, 1);
  const Time then = bench.now;
  bench.now += minutes(30);
  const auto facts = bench.ask(cut).value();
  for (const auto& decided : facts) {
    if (std::holds_alternative<ExecutorTaken>(decided.fact)) continue;
    ASSERT_TRUE(decided.time);
    EXPECT_LT(*decided.time, then + minutes(1));
  }
  EXPECT_LT(bench.state.phase_since, then + minutes(1));
}

TEST(RecordCut, KnowsRoutesThatTheLedgerDoesNotKnow) {
  Bench bench;
  auto cut = emergency(bench, 1);
  const auto stranger = route("mars.substrate");
  cut.before.push_back({stranger, percent(5), Share::none()});
  cut.applied.push_back({stranger, Share::none(), Share::none()});
  cut.observed.push_back({stranger, Share::none(), Share::none()});
  EXPECT_THAT(types(bench.ask(cut).value()), Contains("rollback.completed"));
}

TEST(RecordCut, RecordedAgainWhenABalancerAnswersLaterIsTheSameRollback) {
  Bench bench = in_canary(percent(5));
  auto cut = emergency(bench, 1);
  const auto observed = std::exchange(cut.observed, {});
  cut.error = "lb1 did not answer";
  ASSERT_TRUE(bench.ask(cut));
  cut.observed = observed;
  cut.error.clear();
  const auto facts = types(bench.ask(cut).value());
  EXPECT_THAT(facts, Not(Contains("rollback.started")));
  EXPECT_THAT(facts, Contains("rollback.completed"));
  EXPECT_THAT(bench.state.running, IsEmpty());
  EXPECT_EQ(bench.state.anomaly_count, 0U);
}

TEST(RecordCut, OfFeaturesAloneRollsNoRouteBackAndRaisesNoFeature) {
  Bench bench = in_canary(percent(5));
  bench.run(SetFeature{name("meta_cognition"), percent(50), {}});
  RecordCut cut;
  cut.kind = RollbackKind::immediate;
  cut.features_observed = {
      {name("meta_cognition"), percent(0)}, {name("hierarchical_learning"), percent(80)}
  };
  EXPECT_THAT(
      types(bench.ask(cut).value()),
      ElementsAre("executor.taken", "feature.requested", "feature.applied", "feature.observed")
  );
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
  EXPECT_EQ(bench.state.features.at(name("meta_cognition")), Amount{});
  EXPECT_EQ(bench.state.features.at(name("hierarchical_learning")).requested, percent(0));
}

TEST(RecordCut, OfAnEmergencyThatReadOnlyFeaturesIsStillARollback) {
  Bench bench = in_canary(percent(5));
  RecordCut cut;
  cut.halt = true;
  cut.features_observed = {{name("meta_cognition"), percent(0)}};
  const auto facts = types(bench.ask(cut).value());
  EXPECT_THAT(facts, Contains("rollback.started"));
  EXPECT_THAT(facts, Contains("halt.set"));
  EXPECT_EQ(bench.state.routes.at(kRoute).share.requested, percent(0));
}

}  // namespace
}  // namespace hal9::migration::test
