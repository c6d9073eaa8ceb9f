#include "migration/ramp.h"

#include "base/share.h"
#include "base/time.h"
#include "migration/generators.h"
#include "migration/rollback.h"
#include "migration/support.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

RollbackPlan plan(Share from, Share to, Micros duration) {
  RollbackPlan plan;
  plan.started = parse_time("2026-08-01T03:00:00.000000Z").value();
  plan.ends = plan.started + duration;
  plan.routes = {{route("us-west-2.substrate"), from, to, from, to}};
  return plan;
}

Share share_at(const RollbackPlan& plan, Micros elapsed) {
  return *amounts_at(plan, elapsed).front().share;
}

RC_GTEST_PROP(Ramp, FallsFromTheStartExactlyToTheEndAndNeverAboveTheLine, ()) {
  const auto a = *any_share();
  const auto b = *any_share();
  const auto from = std::max(a, b);
  const auto to = std::min(a, b);
  const Micros duration{*rc::gen::inRange<std::int64_t>(1, 2'592'000'000'000)};
  const auto ramp = plan(from, to, duration);
  RC_ASSERT(share_at(ramp, Micros{0}) == from);
  RC_ASSERT(share_at(ramp, duration) == to);
  RC_ASSERT(share_at(ramp, duration + seconds(1)) == to);
  const Micros early{*rc::gen::inRange<std::int64_t>(0, duration.count())};
  const Micros late{*rc::gen::inRange<std::int64_t>(early.count(), duration.count() + 1)};
  RC_ASSERT(share_at(ramp, late) <= share_at(ramp, early));
  RC_ASSERT(share_at(ramp, early) >= to);
  const double line = from.hundredths() - static_cast<double>(from.hundredths() - to.hundredths()) *
                                              static_cast<double>(early.count()) /
                                              static_cast<double>(duration.count());
  RC_ASSERT(share_at(ramp, early).hundredths() <= line + 1e-6);
  RC_ASSERT(share_at(ramp, early).hundredths() > line - 1.001);
}

TEST(Ramp, IsHalfWayAtHalfTimeForShareAndMirror) {
  const auto ramp = plan(percent(25), percent(5), minutes(10));
  EXPECT_EQ(share_at(ramp, minutes(5)), percent(15));
  EXPECT_EQ(*amounts_at(ramp, minutes(5)).front().mirror, percent(15));
}

TEST(Ramp, WithoutADurationIsAtItsEndAtOnce) {
  EXPECT_EQ(share_at(plan(percent(25), percent(5), Micros{0}), Micros{0}), percent(5));
  EXPECT_EQ(share_at(plan(percent(25), percent(5), seconds(-5)), Micros{0}), percent(5));
}

TEST(Ramp, BeforeItsStartIsAtItsStart) {
  EXPECT_EQ(share_at(plan(percent(25), percent(5), minutes(1)), seconds(-9)), percent(25));
}

TEST(Ramp, OfCenturiesDoesNotOverflow) {
  const auto ramp = plan(percent(100), percent(0), std::chrono::hours(24L * 365 * 7000));
  EXPECT_EQ(share_at(ramp, Micros{0}), percent(100));
  EXPECT_LE(share_at(ramp, std::chrono::hours(12L * 365 * 7000)), percent(50));
  EXPECT_GE(share_at(ramp, std::chrono::hours(12L * 365 * 7000)), percent(49.98));
}

TEST(Ramp, ThatWasPlannedUpwardStaysWhereItIs) {
  EXPECT_EQ(share_at(plan(percent(5), percent(50), minutes(1)), minutes(1)), percent(5));
  EXPECT_EQ(share_at(plan(percent(5), percent(50), minutes(1)), seconds(30)), percent(5));
}

TEST(Ramp, StepsATwentiethBetweenAQuarterSecondAndHalfAMinute) {
  EXPECT_EQ(step_length(plan({}, {}, minutes(1)), Micros{0}), Micros(seconds(3)));
  EXPECT_EQ(step_length(plan({}, {}, seconds(1)), Micros{0}), Micros(milliseconds(250)));
  EXPECT_EQ(step_length(plan({}, {}, std::chrono::hours(10)), Micros{0}), Micros(seconds(30)));
}

// Between two steps a share is above the line by what has fallen since: half a percent at most, as long as
// that takes a quarter of a second.
TEST(Ramp, StepsByHalfAPercentAtMost) {
  EXPECT_EQ(
      step_length(plan(percent(100), percent(0), minutes(1)), Micros{0}), Micros(milliseconds(300))
  );
  EXPECT_EQ(step_length(plan(percent(50), percent(0), minutes(10)), Micros{0}), Micros(seconds(6)));
  EXPECT_EQ(step_length(plan(percent(5), percent(0), minutes(10)), Micros{0}), Micros(seconds(30)));
  EXPECT_EQ(
      step_length(plan(percent(100), percent(0), seconds(10)), Micros{0}), Micros(milliseconds(250))
  );
}

RC_GTEST_PROP(Ramp, AStepIsWithinOnePercentOfTheLineUntilTheNext, ()) {
  const auto from = *any_share();
  const auto to = std::min(from, *any_share());
  const Micros duration{*rc::gen::inRange<std::int64_t>(50'000'000, 2'592'000'000)};
  const auto ramp = plan(from, to, duration);
  const Micros at{*rc::gen::inRange<std::int64_t>(0, duration.count())};
  const Share held = share_at(ramp, step_reached(ramp, at));
  const Share line = share_at(ramp, at);
  RC_ASSERT(held >= line);
  RC_ASSERT(held.hundredths() - line.hundredths() <= 51);
}

TEST(Ramp, GoesByTheLargerOfBothClocksAndNeverBackwards) {
  EXPECT_EQ(elapsed_by(seconds(5), seconds(9)), Micros(seconds(9)));
  EXPECT_EQ(elapsed_by(seconds(5), seconds(-3600)), Micros(seconds(5)));
  EXPECT_EQ(elapsed_by(Micros{0}, seconds(-1)), Micros{0});
}

}  // namespace
}  // namespace hal9::migration::test
