#include "migration/codec.h"

#include "base/result.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/generators.h"
#include "migration/phase.h"
#include "migration/state.h"
#include "migration/support.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

using ::testing::HasSubstr;

RC_GTEST_PROP(Codec, AFactComesBackAsItWas, ()) {
  const auto fact = *any_fact();
  const auto again = decode_fact(type_of(fact), encode_fact(fact));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == fact);
}

RC_GTEST_PROP(Codec, TheDataOfAFactFitsIntoALine, ()) {
  RC_ASSERT(ledger::check_data(encode_fact(*any_fact())).has_value());
}

RC_GTEST_PROP(Codec, ACommandComesBackAsItWasWithTheSameBytes, ()) {
  const auto command = *any_command();
  const auto bytes = encode_command(command);
  const auto again = decode_command(bytes);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == command);
  RC_ASSERT(encode_command(*again) == bytes);
}

RC_GTEST_PROP(Codec, AConfigurationComesBackAsItWasWithTheSameDigest, ()) {
  const auto configuration = *any_configuration();
  const auto again = decode_configuration(encode_configuration(configuration));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == configuration);
  RC_ASSERT(digest_of(*again) == digest_of(configuration));
}

RC_GTEST_PROP(Codec, AChangedByteIsRefusedOrIsAnotherFact, ()) {
  const auto fact = *any_fact();
  auto bytes = encode_fact(fact);
  const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[place] = static_cast<char>(bytes[place] ^ *rc::gen::inRange(1, 256));
  const auto changed = decode_fact(type_of(fact), bytes);
  if (!changed) return;
  RC_ASSERT(*changed != fact);
  RC_ASSERT(encode_fact(*changed) == bytes);
}

RC_GTEST_PROP(Codec, AnyBytesAreReadOrRefused, ()) {
  const auto bytes = *rc::gen::arbitrary<std::string>();
  std::ignore = decode_fact(*rc::gen::elementOf(all_types()), bytes);
  std::ignore = decode_command(bytes);
  std::ignore = decode_configuration(bytes);
  std::ignore = decode_state(bytes);
}

constexpr std::string_view kPhase = "hal9.phase.entered.v1";

TEST(Codec, WritesMembersInTheFrozenOrderWithoutBlanks) {
  EXPECT_EQ(
      encode_fact(PhaseEntered{Phase::shadow, Phase::canary}), R"({"from":"shadow","to":"canary"})"
  );
  EXPECT_EQ(
      encode_fact(TrafficObserved{3, {{route("us-west-2.substrate"), percent(5), {}}}}),
      R"({"fence":3,"routes":[{"route":"us-west-2.substrate","share":500}]})"
  );
}

TEST(Codec, RefusesWhatItWouldNotWrite) {
  const char* const wrong[] = {
      "",
      "[]",
      "null",
      R"({"from":"shadow"})",
      R"({"from":"shadow","to":"canary","more":1})",
      R"({"to":"canary","from":"shadow"})",
      R"({"from":"shadow", "to":"canary"})",
      R"({"from":"shadow","from":"shadow","to":"canary"})",
      R"({"from":"shadow","to":"cutover"})",
      R"({"from":1,"to":"canary"})",
      R"({"from":"sh\u0061dow","to":"canary"})",
      R"({"from":"shadow","to":"canary"} )",
  };
  for (const char* data : wrong) {
    const auto refused = decode_fact(kPhase, data);
    ASSERT_FALSE(refused) << data;
    EXPECT_EQ(refused.error().code, Code::damaged) << data;
  }
}

TEST(Codec, NamesTypeAndMemberOfWhatItRefuses) {
  const auto refused = decode_fact(
      "hal9.traffic.observed.v1",
      R"({"fence":1,"routes":[{"route":"us-west-2.substrate","share":10001}]})"
  );
  EXPECT_THAT(refused.error().what, HasSubstr("hal9.traffic.observed.v1"));
  EXPECT_THAT(refused.error().what, HasSubstr("share"));
}

TEST(Codec, RefusesNumbersThatAreNoExactIntegers) {
  for (const char* number : {"-1", "1.0", "1e2", "9007199254740992", "23000000000000000000000"}) {
    const auto data = R"({"fence":)" + std::string(number) + "}";
    EXPECT_FALSE(decode_fact("hal9.executor.taken.v1", data)) << number;
  }
  EXPECT_TRUE(decode_fact("hal9.executor.taken.v1", R"({"fence":9007199254740991})"));
}

TEST(Codec, RefusesDeepNestingWithoutRunningOutOfStack) {
  const std::string deep(200000, '[');
  EXPECT_FALSE(decode_fact(kPhase, deep));
  EXPECT_FALSE(decode_command(R"({"id":)" + deep));
}

TEST(Codec, RefusesACommandOfUnknownName) {
  auto bytes = encode_command(Bench().command(TakeExecutor{}));
  bytes.replace(bytes.find("take-executor"), 13, "take-everythi");
  EXPECT_THAT(decode_command(bytes).error().what, HasSubstr("command"));
}

TEST(Codec, RefusesTheStateOfAnotherFold) {
  auto bytes = encode_state(Bench().state);
  bytes.replace(bytes.find("fold1"), 5, "fold0");
  EXPECT_FALSE(decode_state(bytes));
}

TEST(Codec, GivesEveryFactItsOwnType) {
  auto all = all_types();
  EXPECT_EQ(all.size(), std::variant_size_v<Fact>);
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

}  // namespace
}  // namespace hal9::migration::test
