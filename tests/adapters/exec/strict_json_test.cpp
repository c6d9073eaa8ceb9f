#include "adapters/exec/strict_json.h"

#include "base/share.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hal9::exec {
namespace {

std::string why_not(const std::string& bytes) {
  const auto read = read_strict_json(bytes);
  return read ? "" : read.error().why;
}

TEST(StrictJson, ReadsOneDocument) {
  const auto read = read_strict_json(R"( {"a": [1, "x", true, null, {}], "b": -5} )");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, nlohmann::json::parse(R"({"a": [1, "x", true, null, {}], "b": -5})"));
}

TEST(StrictJson, KeepsAFractionAsItIsWritten) {
  EXPECT_EQ(read_strict_json("[12.10]")->at(0), "12.10");
  EXPECT_EQ(share_in(read_strict_json("[12.25]")->at(0)).value(), Share::of_hundredths(1225));
  EXPECT_EQ(share_in(read_strict_json("[\"12.25\"]")->at(0)).value(), Share::of_hundredths(1225));
  EXPECT_EQ(share_in(read_strict_json("[100]")->at(0)).value(), Share::all());
  for (const char* wrong :
       {"[-1]", "[101]", "[0.123]", "[1e1]", "[\"5%\"]", "[null]", "[true]", "[[]]"}) {
    EXPECT_FALSE(share_in(read_strict_json(wrong)->at(0))) << wrong;
  }
}

TEST(StrictJson, RefusesWhatTwoReadersWouldReadDifferently) {
  EXPECT_EQ(why_not(R"({"a": 1, "a": 2})"), "the name a is there twice");
  EXPECT_EQ(why_not(R"({"a": {"b": 1}, "c": [{"d": 1, "d": 1}]})"), "the name d is there twice");
  EXPECT_EQ(why_not("[9007199254740992]"), "an integer is too large");
  EXPECT_EQ(why_not("\"\xC3\x28\""), "it is not UTF-8");
  EXPECT_NE(why_not("{} {}"), "");
  EXPECT_NE(why_not("[NaN]"), "");
  EXPECT_NE(why_not("[1e999]"), "");
  EXPECT_NE(why_not("{\"a\":"), "");
  EXPECT_EQ(why_not(""), "it is empty");
}

TEST(StrictJson, RefusesWhatIsTooMuch) {
  EXPECT_EQ(why_not(std::string(100'000, '[')), "it is nested too deep");
  EXPECT_EQ(why_not(std::string(kMostJson + 1, ' ')), "it is larger than 1 MiB");
}

}  // namespace
}  // namespace hal9::exec
