#include "base/id.h"

#include "base/result.h"
#include "base/time.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace hal9 {
namespace {

constexpr const char* kText = "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

rc::Gen<Bytes16> any_bytes() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::uint8_t>>(16, rc::gen::arbitrary<std::uint8_t>()),
      [](const std::vector<std::uint8_t>& from) {
        Bytes16 bytes{};
        std::copy(from.begin(), from.end(), bytes.begin());
        return bytes;
      }
  );
}

// 48 bits of milliseconds: past the year 9999, still a valid id.
rc::Gen<Time> any_millisecond() {
  return rc::gen::map(
      rc::gen::inRange<std::int64_t>(0, 253'402'300'800'000),
      [](std::int64_t count) { return Time(std::chrono::milliseconds(count)); }
  );
}

TEST(Id, ReadsAndWritesTheTextOfTheStandard) {
  const auto id = EventId::parse(kText);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->bytes[0], 0x01);
  EXPECT_EQ(id->bytes[15], 0x5b);
  EXPECT_EQ(to_text(*id), kText);
}

TEST(Id, IsMadeAsTheExampleOfTheRfc) {
  const Time time(std::chrono::milliseconds{0x017F22E279B0});
  const Bytes16 random{
      0, 0, 0, 0, 0, 0, 0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F
  };
  EXPECT_EQ(to_text(EventId::make(time, random)), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

// Digits are read several at once: none may lend another a bit.
TEST(Id, TakesSixteenCharactersAtEachPlaceAndNoOther) {
  const std::string text = kText;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '-') continue;
    for (int c = 0; c < 256; ++c) {
      std::string other = text;
      other[at] = static_cast<char>(c);
      const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      const auto id = EventId::parse(other);
      ASSERT_EQ(id.has_value(), digit) << other;
      if (id) ASSERT_EQ(to_text(*id), other);
    }
  }
}

TEST(Id, RefusesEveryOtherForm) {
  const std::string text = kText;
  for (const std::string& wrong :
       {std::string(),
        text.substr(1),
        text + "0",
        "{" + text.substr(2) + "}",
        std::string("0198A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B"),
        std::string("0198a1b2c3d4-7e5f-8a9b-0c1d2e3f4a5b-"),
        std::string("0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g"),
        std::string("0198a1b2-c3d4-7e5f-8a9b_0c1d2e3f4a5b"),
        text.substr(0, 35) + '\0'}) {
    const auto read = EventId::parse(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().code, Code::usage);
  }
}

TEST(Id, OfOneThingIsNotTheIdOfAnother) {
  static_assert(!std::is_convertible_v<RollbackId, CommandId>);
  static_assert(!std::is_convertible_v<EventId, CommandId>);
  SUCCEED();
}

TEST(Id, CarriesTheTimeInItsFirstSixBytes) {
  const Bytes16 id = make_uuid7(Time(std::chrono::milliseconds(0x0123456789ABLL)), Bytes16{});
  EXPECT_EQ(to_uuid_text(id), "01234567-89ab-7000-8000-000000000000");
}

RC_GTEST_PROP(Id, ReadsBackWhatItWrote, ()) {
  const Bytes16 bytes = *any_bytes();
  const auto read = parse_uuid(to_uuid_text(bytes));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == bytes);
}

RC_GTEST_PROP(Id, SaysVersionSevenAndTheVariantWhateverIsRandom, ()) {
  const std::string text = to_uuid_text(make_uuid7(*any_millisecond(), *any_bytes()));
  RC_ASSERT(text[14] == '7');
  RC_ASSERT(std::string("89ab").find(text[19]) != std::string::npos);
}

RC_GTEST_PROP(Id, SortsByTheMillisecondOfItsMaking, ()) {
  const Time one = *any_millisecond();
  const Time other = *any_millisecond();
  RC_PRE(one < other);
  RC_ASSERT(EventId::make(one, *any_bytes()) < EventId::make(other, *any_bytes()));
}

RC_GTEST_PROP(Id, KeepsEveryRandomBitThatTheFormLeaves, ()) {
  const Time time = *any_millisecond();
  const Bytes16 one = *any_bytes();
  Bytes16 other = one;
  const auto at = *rc::gen::inRange<std::size_t>(6, 16);
  // The lowest bit of any byte behind the time is free.
  other[at] = static_cast<std::uint8_t>(other[at] ^ 1U);
  RC_ASSERT(make_uuid7(time, one) != make_uuid7(time, other));
}

}  // namespace
}  // namespace hal9
