// `rollback cancel`: it stops where it is, and nothing rises by it.

#include "base/result.h"
#include "base/share.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/rolling_back.h"
#include "migration/route.h"
#include "migration/state.h"
#include "migration/support.h"

#include <chrono>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;

std::vector<RouteAmount> all_at(const State& state, Share share) {
  std::vector<RouteAmount> amounts;
  for (const auto& [route, now] : state.routes) amounts.push_back({route, share, Share::none()});
  return amounts;
}

Bench rolling_back() {
  Bench bench = in_canary(percent(10));
  const auto facts = bench.ask(gradual(minutes(10)));
  EXPECT_TRUE(facts);
  return bench;
}

CancelRollback cancel(const Bench& bench, Share observed) {
  return {bench.state.running.front().plan.id, all_at(bench.state, observed)};
}

TEST(CancelledRollback, HoldsEveryRouteWhereItWasRead) {
  Bench bench = rolling_back();
  EXPECT_THAT(
      bench.run(cancel(bench, percent(6))),
      ElementsAre("executor.taken", "traffic.observed", "rollback.cancelled")
  );
  const RouteState& now = bench.state.routes.at(kRoute);
  EXPECT_EQ(now.share.requested, percent(6));
  EXPECT_EQ(now.share.observed, percent(6));
  EXPECT_TRUE(now.held);
  EXPECT_TRUE(bench.state.running.empty());
  EXPECT_EQ(bench.state.last_rollback->status, RollbackStatus::cancelled);
  EXPECT_EQ(bench.state.phase, Phase::canary);
}

TEST(CancelledRollback, NeverAsksForMoreThanWhereItCameFrom) {
  Bench bench = rolling_back();
  bench.ask(cancel(bench, percent(40))).value();
  EXPECT_EQ(bench.state.routes.at(kRoute).share.requested, percent(10));
}

TEST(CancelledRollback, DoesNotStopAnotherOneOfTheSameRoute) {
  Bench bench = rolling_back();
  RollBack one = rollback({}, percent(2));
  one.gradual = minutes(20);
  one.routes = std::vector{kRoute};
  bench.ask(one).value();
  bench.ask(cancel(bench, percent(6))).value();
  const bool others = !bench.state.running.empty();
  EXPECT_EQ(bench.state.routes.at(kRoute).share.requested, others ? percent(0) : percent(6))
      << "the one beside leads it lower";
}

TEST(CancelledRollback, IsRefusedWhereNothingRunsAndForAnEmergency) {
  Bench bench = rolling_back();
  auto body = cancel(bench, percent(6));
  bench.run(body);
  const auto again = bench.ask(body);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::conflict);
}

TEST(CancelledRollback, GoesForwardAgainWhenItsRoutesAreNamed) {
  Bench bench = rolling_back();
  bench.run(cancel(bench, percent(6)));
  auto up = move(Phase::canary, percent(8));
  EXPECT_FALSE(bench.ask(up)) << "they are held";
  up.include_held = true;
  bench.run(up);
  EXPECT_EQ(bench.state.routes.at(kRoute).share.observed, percent(8));
}

}  // namespace
}  // namespace hal9::migration::test
