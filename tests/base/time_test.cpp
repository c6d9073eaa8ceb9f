#include "base/time.h"

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace hal9 {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Any instant from 1970 to the last microsecond of 9999.
rc::Gen<Time> any_time() {
  constexpr std::int64_t kEnd = 253'402'300'800'000'000;
  return rc::gen::map(rc::gen::inRange<std::int64_t>(0, kEnd), [](std::int64_t micros) {
    return Time(Micros(micros));
  });
}

Code code_of(const Result<Time>& result) {
  return result ? Code::failed : result.error().code;
}

TEST(Time, IsShownToPeopleInWholeSecondsWithItsZone) {
  EXPECT_EQ(for_people(*parse_time("2026-08-01T03:04:05.678901Z")), "2026-08-01 03:04:05Z");
}

TEST(Time, IsWrittenWithSixDigitsAndZ) {
  EXPECT_EQ(to_text(Time{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_text(Time(seconds(1'785'553'445)) + Micros(6)), "2026-08-01T03:04:05.000006Z");
}

TEST(Time, KnowsTheLeapDay) {
  const auto day = parse_time("2028-02-29T23:59:59.999999Z");
  ASSERT_TRUE(day);
  EXPECT_EQ(to_text(*day + Micros(1)), "2028-03-01T00:00:00.000000Z");
  EXPECT_FALSE(parse_time("2026-02-29T00:00:00.000000Z"));
  EXPECT_FALSE(parse_time("2100-02-29T00:00:00.000000Z"));
}

TEST(Time, RefusesEveryOtherTextOfTheSameInstant) {
  ASSERT_TRUE(parse_time("2026-08-01T03:04:05.000006Z"));
  for (const char* text :
       {"2026-08-01T03:04:05.00000Z",
        "2026-08-01T03:04:05.0000060Z",
        "2026-08-01T03:04:05Z",
        "2026-08-01 03:04:05.000006Z",
        "2026-08-01t03:04:05.000006Z",
        "2026-08-01T03:04:05.000006z",
        "2026-08-01T03:04:05,000006Z",
        "2026-8-01T03:04:05.0000006Z",
        "2026-08-01T03:04:05.000006+00:00",
        " 2026-08-01T03:04:05.00006Z",
        "+026-08-01T03:04:05.000006Z",
        ""}) {
    EXPECT_EQ(code_of(parse_time(text)), Code::usage) << text;
  }
}

TEST(Time, RefusesWhatNoClockShows) {
  for (const char* text :
       {"2026-13-01T00:00:00.000000Z",
        "2026-00-01T00:00:00.000000Z",
        "2026-04-31T00:00:00.000000Z",
        "2026-01-01T24:00:00.000000Z",
        "2026-01-01T00:60:00.000000Z",
        "2026-01-01T00:00:60.000000Z",
        "1969-12-31T23:59:59.000000Z"}) {
    EXPECT_EQ(code_of(parse_time(text)), Code::usage) << text;
  }
}

TEST(Time, StampHasWholeSecondsAndNoSeparators) {
  EXPECT_EQ(to_stamp(*parse_time("2026-08-01T03:04:05.999999Z")), "20260801-030405");
}

RC_GTEST_PROP(Time, ReadsBackWhatItWrote, ()) {
  const Time time = *any_time();
  const std::string text = to_text(time);
  RC_ASSERT(text.size() == 27U);
  const auto read = parse_time(text);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == time);
}

RC_GTEST_PROP(Time, TextsSortAsTheInstantsDo, ()) {
  const Time one = *any_time();
  const Time other = *any_time();
  RC_ASSERT((one < other) == (to_text(one) < to_text(other)));
}

RC_GTEST_PROP(Time, LooseReadingTakesWhatTheLedgerWrites, ()) {
  const Time time = *any_time();
  const auto read = parse_time_loosely(to_text(time));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == time);
}

TEST(TypedTime, AppliesTheOffset) {
  const auto utc = parse_time_loosely("2026-08-01T03:04:05Z");
  ASSERT_TRUE(utc);
  EXPECT_EQ(*parse_time_loosely("2026-08-01T05:04:05+02:00"), *utc);
  EXPECT_EQ(*parse_time_loosely("2026-07-31T21:34:05-05:30"), *utc);
  EXPECT_EQ(*parse_time_loosely("2026-08-01 03:04:05z"), *utc);
}

TEST(TypedTime, CutsTheFractionToMicroseconds) {
  const Time whole = *parse_time_loosely("2026-08-01T03:04:05Z");
  EXPECT_EQ(*parse_time_loosely("2026-08-01T03:04:05.5Z"), whole + milliseconds(500));
  EXPECT_EQ(*parse_time_loosely("2026-08-01T03:04:05.123456999Z"), whole + Micros(123'456));
}

TEST(TypedTime, RefusesATimeWithoutItsZone) {
  for (const char* text :
       {"2026-08-01T03:04:05",
        "2026-08-01",
        "2026-08-01T03:04Z",
        "2026-08-01T03:04:05+0200",
        "2026-08-01T03:04:05+02:60",
        "2026-08-01T03:04:05.Z",
        "2026-08-01T03:04:05Zz",
        "1970-01-01T00:00:00+01:00",
        "yesterday"}) {
    EXPECT_EQ(code_of(parse_time_loosely(text)), Code::usage) << text;
  }
}

TEST(Duration, ReadsNumbersWithUnits) {
  EXPECT_EQ(*parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(*parse_duration("3s"), seconds(3));
  EXPECT_EQ(*parse_duration("10m"), minutes(10));
  EXPECT_EQ(*parse_duration("2h"), hours(2));
  EXPECT_EQ(*parse_duration("1h30m"), minutes(90));
  EXPECT_EQ(*parse_duration("30d"), hours(720));
  // As it is shown below ten seconds.
  EXPECT_EQ(*parse_duration("3.001s"), milliseconds(3001));
  EXPECT_EQ(*parse_duration("1m0.5s"), milliseconds(60'500));
}

TEST(Duration, RefusesABareNumberNothingAndTooMuch) {
  for (const char* text :
       {"10",
        "",
        "0s",
        "-3s",
        "1.5h",
        "1.s",
        ".5s",
        "1.0005s",
        "1.5",
        "2592000.5s",
        "10 m",
        "m",
        "31d",
        "30d1ms",
        "9999999999d",
        "99999999999s",
        "1h30",
        "1w"}) {
    const auto read = parse_duration(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::usage);
    EXPECT_NE(read.error().why.find("10m"), std::string::npos) << "the message shows the form";
  }
}

TEST(Duration, IsWrittenAsShortAsItIsExact) {
  EXPECT_EQ(to_text(Micros(minutes(10))), "10m");
  EXPECT_EQ(to_text(Micros(minutes(90))), "1h30m");
  EXPECT_EQ(to_text(Micros(seconds(3))), "3s");
  EXPECT_EQ(to_text(Micros(milliseconds(1250))), "1.250s");
  EXPECT_EQ(to_text(Micros(milliseconds(20))), "20ms");
  EXPECT_EQ(to_text(Micros(seconds(-3))), "-3s");
  EXPECT_EQ(to_text(Micros(0)), "0s");
}

RC_GTEST_PROP(Duration, ReadsBackWholeSeconds, ()) {
  const Micros span = seconds(*rc::gen::inRange<std::int64_t>(1, 30 * 24 * 3600 + 1));
  const auto read = parse_duration(to_text(span));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == span);
}

TEST(ParseDuration, RefusesWhatWouldOverflow) {
  EXPECT_FALSE(parse_duration("9999999999d"));
  EXPECT_FALSE(parse_duration("9999999999h"));
  EXPECT_FALSE(parse_duration("31d"));
  EXPECT_EQ(*parse_duration("30d"), std::chrono::hours(720));
  EXPECT_EQ(*parse_duration("2592000000ms"), std::chrono::hours(720));
}

}  // namespace
}  // namespace hal9
