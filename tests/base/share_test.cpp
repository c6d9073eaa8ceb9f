#include "base/share.h"

#include <gtest/gtest.h>

namespace hal9 {

namespace {

TEST(Share, OfEveryHundredthIsWrittenAndReadBack) {
  for (std::uint32_t hundredths = 0; hundredths <= Share::kWhole; ++hundredths) {
    const Share share = Share::of_hundredths(hundredths);
    ASSERT_EQ(parse_share(to_text(share)).value(), share) << hundredths;
  }
}

TEST(Share, IsWrittenWithAsFewDecimalsAsAreExact) {
  EXPECT_EQ(to_text(Share::of_hundredths(500)), "5");
  EXPECT_EQ(to_text(Share::of_hundredths(50)), "0.5");
  EXPECT_EQ(to_text(Share::of_hundredths(1225)), "12.25");
  EXPECT_EQ(to_text(Share::of_hundredths(1)), "0.01");
  EXPECT_EQ(to_text(Share::all()), "100");
}

TEST(Share, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_share("5%").value().hundredths(), 500);
  EXPECT_EQ(parse_share("12.50").value().hundredths(), 1250);
  for (const char* text :
       {"",
        "%",
        "100.01",
        "101",
        "-1",
        "+1",
        "1e2",
        "5.123",
        "5.",
        ".5",
        "5 %",
        "5%%",
        "0x5",
        "five",
        "1000",
        "5,5"}) {
    const auto refused = parse_share(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::usage);
    EXPECT_NE(refused.error().why.find("0 to 100"), std::string::npos);
  }
}

TEST(Share, AndItsRestAreTheWhole) {
  EXPECT_EQ(Share::of_hundredths(1).rest().hundredths(), 9999);
  EXPECT_EQ(Share::of_hundredths(20000), Share::all());
}

}  // namespace

}  // namespace hal9
