#include "mistyped.h"

#include "command_table.h"

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

TEST(Mistyped, FindsWhatIsNearWhateverItsCase) {
  EXPECT_EQ(meant_by("CANARY", phase_names()), "canary");
  EXPECT_EQ(meant_by("ramp_up", phase_names()), "ramp-up");
  EXPECT_EQ(meant_by("xyzzyxyzzy", phase_names()), "");
}

TEST(Mistyped, AddsWhatATimeLacks) {
  EXPECT_EQ(mended_time("2026-08-01T03:04:05"), "2026-08-01T03:04:05Z");
  EXPECT_EQ(mended_time("2026-08-01 03:04"), "2026-08-01 03:04:00Z");
  EXPECT_EQ(mended_time("2026-08-01T03:04Z"), "2026-08-01T03:04:00Z");
  EXPECT_EQ(mended_time("2026-08-01T03"), "2026-08-01T03:00:00Z");
  EXPECT_EQ(mended_time("2026-08-01"), "2026-08-01T00:00:00Z");
  EXPECT_EQ(mended_time("yesterday"), "");
  EXPECT_EQ(mended_time("2026-13-01"), "");
}

TEST(Mistyped, AddsTheUnitThatASpanLacks) {
  EXPECT_EQ(mended_duration(*find_verb("rollback"), "10"), "10m");
  EXPECT_EQ(mended_duration(*find_verb("monitor"), "10"), "10s");
  EXPECT_EQ(mended_duration(*find_verb("rollback"), "2 Hours"), "2h");
  EXPECT_EQ(mended_duration(*find_verb("rollback"), "90sec"), "90s");
  EXPECT_EQ(mended_duration(*find_verb("rollback"), "soon"), "");
  EXPECT_EQ(mended_duration(*find_verb("rollback"), ""), "");
}

TEST(Mistyped, MendsAShareOnlyWhereItIsPlain) {
  EXPECT_EQ(mended_share("0,5"), "0.5");
  EXPECT_EQ(mended_share("5 %"), "5%");
  EXPECT_EQ(mended_share("500"), "");
  EXPECT_EQ(mended_share("5"), "");
}

// Overriding a gate, or a reason that nobody gave, is not for an example.
TEST(Mistyped, HasNoSampleOfWhatWouldDoHarm) {
  EXPECT_EQ(sample_of(*find_verb("migrate"), "override"), "");
  EXPECT_EQ(sample_of(*find_verb("migrate"), "reason"), "");
  EXPECT_EQ(sample_of(*find_verb("annotate"), "at"), "");
  EXPECT_EQ(sample_of(*find_verb("rollback"), "target-percentage"), "0");
  EXPECT_EQ(sample_of(*find_verb("migrate"), "target-percentage"), "5");
}

}  // namespace
}  // namespace hal9::tools
