// The runbook's lines of a migration forward and back, in order, with an executor that succeeds.

#include "base/result.h"
#include "base/share.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/state.h"
#include "migration/support.h"

#include <chrono>

#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

RollBack shadow_mode_off() {
  auto back = rollback();
  back.mirror_only = true;
  return back;
}

TEST(Runbook, Shadow) {
  Bench bench;
  EXPECT_EQ(phase_text(bench.state), "none");
  bench.run(move(Phase::shadow));
  EXPECT_EQ(phase_text(bench.state), "shadow (100%)");
  bench.run(rollback(Phase::shadow));
  EXPECT_EQ(phase_text(bench.state), "none");
  bench.run(move(Phase::shadow));
  bench.run(shadow_mode_off());
  EXPECT_EQ(phase_text(bench.state), "none");
}

TEST(Runbook, Canary) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(5)));
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
  EXPECT_EQ(bench.ask(rollback(Phase::shadow)).error().code, Code::conflict);
  bench.run(rollback(Phase::canary, percent(0)));
  EXPECT_EQ(phase_text(bench.state), "none");
  bench.run(rollback(Phase::canary));
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(25)));
  auto gradual = rollback(Phase::canary);
  gradual.gradual = std::chrono::seconds(3);
  bench.run(gradual);
  EXPECT_EQ(phase_text(bench.state), "none");
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(5)));
  bench.run(rollback(Phase::canary));
  EXPECT_EQ(phase_text(bench.state), "none");
}

TEST(Runbook, Emergency) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary));
  bench.run(emergency(bench, 1));
  EXPECT_EQ(phase_text(bench.state), "none");
  EXPECT_TRUE(bench.state.halt);
  bench.run(emergency(bench, 2));
  EXPECT_EQ(phase_text(bench.state), "none");
}

TEST(Runbook, Features) {
  Bench bench;
  bench.run(SetFeature{name("hierarchical_learning"), Share::none(), {}});
  bench.run(SetFeature{name("meta_cognition"), Share::none(), {}});
  EXPECT_EQ(bench.state.features.at(name("meta_cognition")), Amount{});
}

TEST(Runbook, RampAndFull) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(5)));
  bench.run(move(Phase::state_migration));
  bench.run(move(Phase::ramp_up, percent(50)));
  bench.run(move(Phase::canary, percent(5)));
  EXPECT_EQ(phase_text(bench.state), "canary (5%)");
  bench.run(move(Phase::state_migration));
  bench.run(move(Phase::ramp_up, percent(50)));
  bench.run(move(Phase::ramp_up, percent(0)));
  EXPECT_EQ(phase_text(bench.state), "ramp-up (0%)");
  bench.run(move(Phase::ramp_up, percent(60)));
  EXPECT_EQ(phase_text(bench.state), "ramp-up (60%)");
  bench.run(rollback(Phase::ramp_up, percent(0)));
  EXPECT_EQ(phase_text(bench.state), "none");
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary));
  bench.run(move(Phase::state_migration));
  bench.run(move(Phase::ramp_up, percent(80)));
  bench.run(move(Phase::full));
  EXPECT_EQ(phase_text(bench.state), "full (100%)");
  bench.run(rollback(Phase::full));
  EXPECT_EQ(phase_text(bench.state), "none");
  auto complete = rollback();
  complete.preserve_data = true;
  bench.run(complete);
  EXPECT_EQ(phase_text(bench.state), "none");
  EXPECT_EQ(bench.state.anomaly_count, 0U);
}

}  // namespace
}  // namespace hal9::migration::test
