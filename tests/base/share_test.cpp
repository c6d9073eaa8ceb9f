#include "base/share.h"

#include "base/result.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace hal9 {
namespace {

TEST(Share, ReadsPercentAsPeopleWriteIt) {
  EXPECT_EQ(parse_share("0")->hundredths(), 0);
  EXPECT_EQ(parse_share("5")->hundredths(), 500);
  EXPECT_EQ(parse_share("5%")->hundredths(), 500);
  EXPECT_EQ(parse_share("0.01")->hundredths(), 1);
  EXPECT_EQ(parse_share("0.1")->hundredths(), 10);
  EXPECT_EQ(parse_share("12.50")->hundredths(), 1250);
  EXPECT_EQ(parse_share("007")->hundredths(), 700);
  EXPECT_EQ(*parse_share("100"), Share::all());
  EXPECT_EQ(*parse_share("100.00"), Share::all());
}

TEST(Share, RefusesWhatIsNoPercentage) {
  for (const char* text : {"",    "%",    "-1",    "+1",    "100.01",
                           "101", "1000", "0.001", "1e1",   ".5",
                           "5.",  "5,5",  "5%%",   " 5",    "5 ",
                           "NaN", "inf",  "0x10",  "1.2.3", "99999999999999999999",
                           "five"}) {
    const auto read = parse_share(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::usage) << text;
    EXPECT_NE(read.error().why.find("0 to 100"), std::string::npos) << "the message says the range";
  }
}

TEST(Share, IsWrittenWithAsFewDecimalsAsAreExact) {
  EXPECT_EQ(to_text(Share::none()), "0");
  EXPECT_EQ(to_text(Share::of_hundredths(50)), "0.5");
  EXPECT_EQ(to_text(Share::of_hundredths(1)), "0.01");
  EXPECT_EQ(to_text(Share::of_hundredths(1225)), "12.25");
  EXPECT_EQ(to_text(Share::of_hundredths(1005)), "10.05");
  EXPECT_EQ(to_text(Share::all()), "100");
}

TEST(Share, IsCutToTheWhole) {
  EXPECT_EQ(Share::of_hundredths(10'001), Share::all());
  EXPECT_EQ(Share::of_hundredths(UINT32_MAX), Share::all());
}

TEST(Share, OfEveryHundredthIsWrittenAndReadBack) {
  for (std::uint32_t hundredths = 0; hundredths <= Share::kWhole; ++hundredths) {
    const Share share = Share::of_hundredths(hundredths);
    ASSERT_EQ(parse_share(to_text(share)).value(), share) << hundredths;
  }
}

RC_GTEST_PROP(Share, AndItsRestAreTheWhole, ()) {
  const Share share = Share::of_hundredths(*rc::gen::inRange<std::uint32_t>(0, 10'001));
  RC_ASSERT(share.hundredths() + share.rest().hundredths() == Share::kWhole);
  RC_ASSERT(share.rest().rest() == share);
}

RC_GTEST_PROP(Share, OrderIsThatOfTheNumbers, ()) {
  const auto one = *rc::gen::inRange<std::uint32_t>(0, 10'001);
  const auto other = *rc::gen::inRange<std::uint32_t>(0, 10'001);
  RC_ASSERT((Share::of_hundredths(one) < Share::of_hundredths(other)) == (one < other));
}

}  // namespace
}  // namespace hal9
