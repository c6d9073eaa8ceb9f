#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9 {

namespace {

using namespace std::chrono_literals;

TEST(Time, HasOneText) {
  EXPECT_EQ(to_text(Time{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_text(Time(Micros{1785553445000006})), "2026-08-01T03:04:05.000006Z");
  EXPECT_EQ(to_text(Time(Micros{253402300799999999})), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_stamp(Time(Micros{1785553445000006})), "20260801-030405");
}

RC_GTEST_PROP(TimeProperty, ItsTextIsReadBack, ()) {
  const Time time(Micros(*rc::gen::inRange<std::int64_t>(0, 253402300799999999)));
  const std::string text = to_text(time);
  RC_ASSERT(text.size() == 27U);
  RC_ASSERT(parse_time(text).value() == time);
  RC_ASSERT(parse_time_loosely(text).value() == time);
}

TEST(Time, InAnyOtherShapeIsRefused) {
  for (const char* text : {
           "",
           "2026-08-01T03:04:05Z",
           "2026-08-01T03:04:05.00006Z",
           "2026-08-01T03:04:05.0000060Z",
           "2026-08-01 03:04:05.000006Z",
           "2026-08-01t03:04:05.000006Z",
           "2026-08-01T03:04:05.000006z",
           "2026-08-01T03:04:05.000006+",
           "2026-8-01T03:04:05.0000006Z",
           "2026-13-01T03:04:05.000006Z",
           "2026-02-29T03:04:05.000006Z",
           "2026-08-01T24:00:00.000000Z",
           "2026-08-01T03:60:05.000006Z",
           "2026-08-01T03:04:60.000006Z",
           "1969-12-31T23:59:59.999999Z",
           "2026-08-01T03:04:05,000006Z",
           "2026-08-01T03:04:05.00000-Z",
           " 026-08-01T03:04:05.000006Z",
       }) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
  EXPECT_TRUE(parse_time("2024-02-29T00:00:00.000000Z"));
}

TEST(Time, ThatAPersonTypesTakesOffsetsAndFractions) {
  const Time noon = parse_time("2026-08-01T12:00:00.000000Z").value();
  EXPECT_EQ(parse_time_loosely("2026-08-01T12:00:00Z").value(), noon);
  EXPECT_EQ(parse_time_loosely("2026-08-01 12:00:00z").value(), noon);
  EXPECT_EQ(parse_time_loosely("2026-08-01T14:00:00+02:00").value(), noon);
  EXPECT_EQ(parse_time_loosely("2026-08-01T06:30:00-05:30").value(), noon);
  EXPECT_EQ(parse_time_loosely("2026-08-01T12:00:00.5Z").value(), noon + 500ms);
  EXPECT_EQ(parse_time_loosely("2026-08-01T12:00:00.123456789Z").value(), noon + Micros{123456});
  for (const char* text : {
           "2026-08-01",
           "2026-08-01T12:00:00",
           "2026-08-01T12:00Z",
           "2026-08-01T12:00:00.Z",
           "2026-08-01T12:00:00+2:00",
           "2026-08-01T12:00:00Zx",
           "1970-01-01T00:00:00+01:00",
           "now",
       }) {
    EXPECT_FALSE(parse_time_loosely(text)) << text;
  }
}

TEST(Duration, IsReadWithItsUnits) {
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_EQ(parse_duration("3s").value(), 3s);
  EXPECT_EQ(parse_duration("10m").value(), 10min);
  EXPECT_EQ(parse_duration("1h30m").value(), 90min);
  EXPECT_EQ(parse_duration("720h").value(), 720h);
  for (const char* text :
       {"",
        "10",
        "0s",
        "-1s",
        "1.5h",
        "s",
        "10 m",
        "721h",
        "10x",
        "1h-5m",
        "9999999999h",
        "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, IsWrittenAsShortAsIsExact) {
  EXPECT_EQ(to_text(Micros(10min)), "10m");
  EXPECT_EQ(to_text(Micros(90min)), "1h30m");
  EXPECT_EQ(to_text(Micros(3s)), "3s");
  EXPECT_EQ(to_text(Micros(1250ms)), "1.250s");
  EXPECT_EQ(to_text(Micros(250ms)), "250ms");
  EXPECT_EQ(to_text(Micros(3601s)), "1h1s");
}

}  // namespace

}  // namespace hal9
