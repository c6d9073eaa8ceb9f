// Two rollbacks at once: lowering never conflicts.

#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/rolling_back.h"
#include "migration/route.h"
#include "migration/support.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;

// Two at once: the lowest target and the earliest end win.
struct Pair {
  const char* what;
  RollBack first;
  RollBack second;
  bool joins;
  Share target;
  RollbackKind kind;
  Phase to_phase;
};

class TwoRollbacks : public ::testing::TestWithParam<Pair> {};

TEST_P(TwoRollbacks, CombineToTheLowestTargetAndTheEarliestEnd) {
  const auto& pair = GetParam();
  Bench bench = in_canary(percent(25));
  const auto first = bench.ask(pair.first);
  ASSERT_TRUE(first);
  const auto running = fact<RollbackStarted>(*first).plan;
  const auto second = bench.ask(pair.second);
  ASSERT_TRUE(second);
  if (pair.joins) {
    EXPECT_THAT(types(*second), ElementsAre("rollback.asked"));
    EXPECT_EQ(fact<RollbackAsked>(*second).joined, running.id);
  } else {
    EXPECT_THAT(
        types(*second), ElementsAre("executor.taken", "rollback.started", "rollback.superseded")
    );
    EXPECT_EQ(fact<RollbackSuperseded>(*second).rollback, running.id);
  }
  ASSERT_EQ(bench.state.running.size(), 1U);
  const auto& plan = bench.state.running.front().plan;
  EXPECT_EQ(plan.kind, pair.kind);
  EXPECT_EQ(plan.to_phase, pair.to_phase);
  for (const auto& lowering : plan.routes) EXPECT_EQ(lowering.share_to, pair.target);
  if (plan.kind == RollbackKind::gradual) {
    EXPECT_LE(plan.ends, running.ends);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    TwoRollbacks,
    ::testing::Values(
        Pair{
            "an equal one joins",
            rollback(),
            rollback(),
            true,
            percent(0),
            RollbackKind::immediate,
            Phase::none
        },
        Pair{
            "a slower one joins",
            rollback(),
            gradual(minutes(10)),
            true,
            percent(0),
            RollbackKind::immediate,
            Phase::none
        },
        Pair{
            "a weaker one joins",
            rollback(),
            rollback({}, percent(5)),
            true,
            percent(0),
            RollbackKind::immediate,
            Phase::none
        },
        Pair{
            "a later end joins",
            gradual(minutes(5)),
            gradual(minutes(10)),
            true,
            percent(0),
            RollbackKind::gradual,
            Phase::none
        },
        Pair{
            "an immediate one supersedes",
            gradual(minutes(10)),
            rollback(),
            false,
            percent(0),
            RollbackKind::immediate,
            Phase::none
        },
        Pair{
            "an earlier end supersedes",
            gradual(minutes(10)),
            gradual(minutes(2)),
            false,
            percent(0),
            RollbackKind::gradual,
            Phase::none
        },
        Pair{
            "a lower target supersedes",
            rollback({}, percent(10)),
            rollback({}, percent(5)),
            false,
            percent(5),
            RollbackKind::immediate,
            Phase::canary
        },
        Pair{
            "a higher target with an earlier end keeps the lower one",
            gradual(minutes(10)),
            rollback({}, percent(5)),
            false,
            percent(0),
            RollbackKind::immediate,
            Phase::none
        },
        Pair{
            "a lower target with a later end keeps the earlier one",
            gradual(minutes(2), percent(10)),
            gradual(minutes(10)),
            false,
            percent(0),
            RollbackKind::gradual,
            Phase::none
        },
        Pair{
            "a complete one supersedes a partial one",
            rollback({}, percent(10)),
            rollback(),
            false,
            percent(0),
            RollbackKind::immediate,
            Phase::none
        }
    ),
    [](const auto& info) {
      std::string text = info.param.what;
      std::ranges::replace(text, ' ', '_');
      return text;
    }
);

TEST(TwoRollbacks, MigrateDownwardJoinsARollbackThatGoesLower) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(rollback()));
  const auto joined = bench.ask(move(Phase::canary, percent(5)));
  ASSERT_TRUE(joined);
  EXPECT_THAT(types(*joined), ElementsAre("rollback.asked"));
}

TEST(TwoRollbacks, MigrateToAnEarlierPhaseTakesThePartialOneAlong) {
  Bench bench = in_canary(percent(25));
  ASSERT_TRUE(bench.ask(rollback({}, percent(10))));
  const auto back = bench.ask(move(Phase::shadow));
  ASSERT_TRUE(back);
  const auto plan = fact<RollbackStarted>(*back).plan;
  EXPECT_EQ(plan.to_phase, Phase::shadow);
  EXPECT_EQ(plan.routes.front().share_to, Share::none());
}

TEST(TwoRollbacks, ARampNeverStartsAboveWhereTheFirstHasCome) {
  Bench bench = in_canary(percent(25));
  const auto plan = fact<RollbackStarted>(bench.ask(gradual(minutes(10))).value()).plan;
  ReportTraffic half;
  half.fence = bench.state.fence;
  half.applied = amounts_at(plan, minutes(5));
  half.observed = half.applied;
  ASSERT_TRUE(bench.ask(half));
  const auto next = fact<RollbackStarted>(bench.ask(gradual(minutes(1))).value()).plan;
  EXPECT_EQ(next.routes.front().share_from, *half.observed.front().share);
}

// The first one's step reads one route of the second at its target; the other route of the second is at
// its target only as far as the ledger knew before, and may have been raised by hand since.
TEST(TwoRollbacks, OneIsThroughWhenItsOwnRoutesWereReadNotByAStepOfTheOther) {
  Bench bench = in_canary(percent(25));
  const auto all = bench.state.routes;
  ASSERT_GE(all.size(), 3U);
  std::vector<Route> names;
  for (const auto& [route, now] : all) names.push_back(route);
  // A raise that was asked for and has not been seen in the router.
  bench.state.routes.at(names[2]).share = {percent(40), percent(0), percent(0)};
  auto first = rollback();
  first.routes = std::vector<Route>{names[0], names[1]};
  ASSERT_TRUE(bench.ask(first));
  auto second = rollback();
  second.routes = std::vector<Route>{names[1], names[2]};
  const auto plan = fact<RollbackStarted>(bench.ask(second).value()).plan;
  ASSERT_EQ(bench.state.running.size(), 2U);
  ReportTraffic report;
  report.fence = bench.state.fence;
  report.applied = {{names[0], Share::none(), {}}, {names[1], Share::none(), {}}};
  report.observed = report.applied;
  ASSERT_TRUE(bench.ask(report));
  ASSERT_EQ(bench.state.running.size(), 1U) << "the first one is through";
  EXPECT_EQ(bench.state.running.front().plan.id, plan.id);
  report.applied = report.observed = amounts_at(plan, Micros{0});
  ASSERT_TRUE(bench.ask(report));
  EXPECT_TRUE(bench.state.running.empty());
}

TEST(TwoRollbacks, TheMirrorAloneDoesNotHurryTheShares) {
  Bench bench = in_canary(percent(25));
  bench.state.routes.at(kRoute).mirror = {percent(50), percent(50), percent(50)};
  const auto first = fact<RollbackStarted>(bench.ask(gradual(minutes(10))).value()).plan;
  auto mirror = rollback();
  mirror.mirror_only = true;
  const auto second = fact<RollbackStarted>(bench.ask(mirror).value()).plan;
  EXPECT_EQ(second.ends, first.ends);
  EXPECT_EQ(second.to_phase, Phase::none);
  for (const auto& amount : amounts_at(second, Micros{0})) {
    EXPECT_EQ(*amount.mirror, Share::none());
    EXPECT_EQ(*amount.share, percent(25));
  }
}

}  // namespace
}  // namespace hal9::migration::test
