#include "migration/http_text.h"

#include "base/name.h"
#include "base/share.h"
#include "migration/route.h"

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration {
namespace {

const Route kCart{Name::parse("eu").value(), Name::parse("cart").value()};

std::string filled(const std::string& text, std::uint32_t hundredths) {
  return filled_in(text, kCart, Share::of_hundredths(hundredths));
}

TEST(HttpText, FillsInWhatItKnowsAndLeavesTheRest) {
  EXPECT_EQ(filled("/{region}/{component}/{route}", 0), "/eu/cart/eu.cart");
  EXPECT_EQ(filled("{share} {flat}", 1225), "12.25 87.75");
  EXPECT_EQ(filled("[{flat_hundredths}, {hundredths}]", 1225), "[8775, 1225]");
  EXPECT_EQ(filled("{share_fraction} {flat_fraction}", 1225), "0.1225 0.8775");
  EXPECT_EQ(filled("{share_fraction} {flat_fraction}", 10000), "1 0");
  EXPECT_EQ(filled("{\"a\": {http.request.uuid}, {}, {", 5), "{\"a\": {http.request.uuid}, {}, {");
  EXPECT_EQ(filled("{{share}}", 500), "{5}");
}

TEST(HttpText, ReadsEachShareBackInEachWayOfWriting) {
  for (const char* word :
       {"share",
        "flat",
        "hundredths",
        "flat_hundredths",
        "share_fraction",
        "flat_fraction",
        "share_uuid"}) {
    const std::string pattern = "x < \"{" + std::string(word) + "}\"";
    for (std::uint32_t hundredths = 0; hundredths <= 10000; ++hundredths) {
      const auto share = Share::of_hundredths(hundredths);
      ASSERT_EQ(value_read_by(pattern, filled(pattern, hundredths)), share) << word;
    }
  }
}

TEST(HttpText, UuidsBelowTheTextAreTheShare) {
  EXPECT_EQ(filled("{share_uuid}", 0), "00000000");
  EXPECT_EQ(filled("{share_uuid}", 5000), "80000000");
  const std::string highest = "ffffffff-ffff-4fff-bfff-ffffffffffff";
  EXPECT_LT(highest, filled("{share_uuid}", 10000));
  EXPECT_LT(filled("{share_uuid}", 9999), highest);
  EXPECT_LT(filled("{share_uuid}", 0), "00000000-0000-4000-8000-000000000000");
}

TEST(HttpText, ReadsWhatLiesBetweenAsTheHigherOne) {
  EXPECT_EQ(value_read_by("{share_uuid}", "00000001"), Share::of_hundredths(1));
  EXPECT_EQ(value_read_by("{share_uuid}", "ffffffff"), Share::all());
}

TEST(HttpText, ReadsNothingElse) {
  for (const char* text : {"", "-1", "101", "1e1", "12.345", "12.5%", " 5", "5 ", "0x5"}) {
    EXPECT_FALSE(value_read_by("{share}", text)) << text;
  }
  for (const char* text : {"10001", "-1", "1.0", ""}) {
    EXPECT_FALSE(value_read_by("{hundredths}", text)) << text;
  }
  for (const char* text : {"1.1", "2", "0.12345", ".5", "0.", ""}) {
    EXPECT_FALSE(value_read_by("{share_fraction}", text)) << text;
  }
  for (const char* text : {"8000000", "g0000000", "80000000-", ""}) {
    EXPECT_FALSE(value_read_by("{share_uuid}", text)) << text;
  }
  EXPECT_FALSE(value_read_by("a{share}b", "a5"));
  EXPECT_FALSE(value_read_by("aa{share}aa", "aaa"));
}

TEST(HttpText, SaysWhatIsNoPlaceholder) {
  EXPECT_EQ(wrong_placeholder("/{route}", Holds::names), "");
  EXPECT_THAT(wrong_placeholder("/{share}", Holds::names), ::testing::HasSubstr("{share}"));
  EXPECT_EQ(wrong_placeholder("{share} {x.y}", Holds::values), "");
  EXPECT_THAT(
      wrong_placeholder("{hundreths}", Holds::values), ::testing::HasSubstr("{hundredths}?")
  );
}

}  // namespace
}  // namespace hal9::migration
