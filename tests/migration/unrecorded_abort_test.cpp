// A raise that was aborted before the ledger could be used again: its record.

#include "base/id.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/raise.h"
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
using ::testing::Contains;
using ::testing::Not;

StepRaise half_of(const Bench& bench) {
  const Raise& raise = *bench.state.raise;
  const std::vector<Gate> green{{GateName::flat, GateOutcome::passed, {}, false}};
  return {raise.plan.id, raise.at, green, amounts_at(raise.plan, minutes(5))};
}

Share share_of(const Bench& bench) {
  return bench.state.routes.at(kRoute).share.observed;
}

// Aborted while the ledger was not usable, and recorded when it is.
RecordCut aborted_at(const Bench& bench) {
  RecordCut cut;
  cut.rollback = RollbackId{{7}};
  cut.kind = RollbackKind::immediate;
  cut.started = cut.observed_at = bench.now;
  cut.selected = true;
  cut.aborted = bench.state.raise->plan.id;
  for (const auto& one : bench.state.raise->plan.routes) {
    cut.before.push_back({one.route, percent(30), Share::none()});
    cut.applied.push_back({one.route, one.share_begun, one.mirror_begun});
  }
  cut.observed = cut.applied;
  return cut;
}

TEST(UnrecordedAbort, LeadsWhereTheRaiseBegan) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(10)));
  bench.run(move(Phase::state_migration));
  const Route held = route("eu-west-1.cognitive");
  bench.state.routes.at(held).held = true;
  auto up = move(Phase::ramp_up, percent(50));
  up.gradual = minutes(10);
  up.include_held = true;
  bench.run(up);
  bench.run(half_of(bench));
  EXPECT_EQ(bench.state.phase, Phase::ramp_up);
  const auto decided = bench.ask(aborted_at(bench)).value();
  EXPECT_EQ(fact<RaiseEnded>(decided).end, RaiseEnd::aborted);
  EXPECT_EQ(fact<RaiseEnded>(decided).rollback, RollbackId{{7}});
  EXPECT_THAT(types(decided), Contains("rollback.completed"));
  EXPECT_EQ(bench.state.phase, Phase::state_migration);
  EXPECT_EQ(share_of(bench), percent(10));
  EXPECT_EQ(bench.state.routes.at(kRoute).share.requested, percent(10));
  EXPECT_TRUE(bench.state.routes.at(held).held);
  EXPECT_FALSE(bench.state.routes.at(kRoute).held);
  EXPECT_FALSE(bench.state.raise);
}

// Somebody resumed it, and it is another one now, or none: then it is a way back of those routes.
TEST(UnrecordedAbort, OfARaiseThatHasEndedSinceEndsNone) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(10)));
  auto up = move(Phase::canary, percent(50));
  up.gradual = minutes(10);
  bench.run(up);
  bench.run(half_of(bench));
  const auto cut = aborted_at(bench);
  bench.run(AbortRaise{});
  const auto decided = bench.ask(cut).value();
  EXPECT_THAT(types(decided), Not(Contains("raise.ended")));
  EXPECT_EQ(bench.state.phase, Phase::canary);
  EXPECT_EQ(share_of(bench), percent(10));
}

TEST(UnrecordedAbort, OfAMirrorKeepsTheMirrorsOfBefore) {
  Bench bench;
  bench.run(move(Phase::shadow, percent(20)));
  auto up = move(Phase::shadow, percent(100));
  up.gradual = minutes(10);
  bench.run(up);
  bench.run(half_of(bench));
  auto cut = aborted_at(bench);
  for (auto& one : cut.before) one.mirror = percent(60);
  bench.ask(cut).value();
  EXPECT_EQ(phase_text(bench.state), "shadow (20%)");
  EXPECT_EQ(bench.state.routes.at(kRoute).mirror.observed, percent(20));
  EXPECT_EQ(bench.state.routes.at(kRoute).mirror.requested, percent(20));
}

}  // namespace
}  // namespace hal9::migration::test
