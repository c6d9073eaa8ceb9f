#include "base/name.h"

#include "base/result.h"
#include "corpus/corpus.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace hal9 {
namespace {

const std::string kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

rc::Gen<std::string> any_allowed() {
  return rc::gen::suchThat(
      rc::gen::container<std::string>(rc::gen::elementOf(kAlphabet)),
      [](const std::string& text) { return !text.empty() && text.size() <= 64; }
  );
}

TEST(Name, TakesItsAlphabetUpToSixtyFour) {
  EXPECT_EQ(Name::parse("us-west-2")->text(), "us-west-2");
  EXPECT_EQ(Name::parse("x")->text(), "x");
  EXPECT_EQ(Name::parse(kAlphabet.substr(0, 64))->text().size(), 64U);
  EXPECT_FALSE(Name::parse(std::string(65, 'a')));
  EXPECT_FALSE(Name::parse(""));
}

TEST(Name, RefusesEveryByteOutsideItsAlphabet) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "b";
    const bool allowed = kAlphabet.find(static_cast<char>(byte)) != std::string::npos;
    EXPECT_EQ(Name::parse(text).has_value(), allowed) << "byte " << byte;
  }
}

TEST(Name, RefusesTheHostileNamesAndSaysSoWithoutHarm) {
  for (const char* kind : {"name", "haproxy", "terminal", "bidi"}) {
    for (const auto& entry : tests::hostile(kind)) {
      SCOPED_TRACE(entry.title());
      const auto read = Name::parse(entry.bytes);
      ASSERT_FALSE(read);
      EXPECT_EQ(read.error().code, Code::usage);
      EXPECT_LT(read.error().what.size(), 1000U);
      EXPECT_EQ(read.error().what.find_first_of("\n\r\x1b"), std::string::npos);
    }
  }
}

RC_GTEST_PROP(Name, KeepsWhatItWasParsedFrom, ()) {
  const std::string text = *any_allowed();
  const auto name = Name::parse(text);
  RC_ASSERT(name.has_value());
  RC_ASSERT(name->text() == text);
}

TEST(Nearest, FindsOneSlip) {
  const std::vector<std::string> verbs = {"rollback", "status", "timeline", "traffic", "migrate"};
  EXPECT_EQ(nearest("rollbakc", verbs), "rollback");
  EXPECT_EQ(nearest("statsu", verbs), "status");
  EXPECT_EQ(nearest("tarffic", verbs), "traffic");
  EXPECT_EQ(nearest("migrates", verbs), "migrate");
  EXPECT_EQ(nearest("status", verbs), "status");
}

TEST(Nearest, StaysSilentWhenNothingIsNear) {
  const std::vector<std::string> verbs = {"rollback", "status"};
  EXPECT_EQ(nearest("kubectl", verbs), "");
  EXPECT_EQ(nearest("", verbs), "");
  EXPECT_EQ(nearest("rollback", {}), "");
  EXPECT_EQ(nearest(std::string(100'000, 'r'), verbs), "");
}

TEST(Nearest, PrefersTheNearerOne) {
  EXPECT_EQ(nearest("cognitiv", {"cognition", "cognitive"}), "cognitive");
}

RC_GTEST_PROP(Nearest, FindsANameWithTwoNeighboursSwapped, ()) {
  const std::string name = *any_allowed();
  RC_PRE(name.size() >= 2U);
  const auto at = *rc::gen::inRange<std::size_t>(0, name.size() - 1);
  std::string typed = name;
  std::swap(typed[at], typed[at + 1]);
  RC_ASSERT(nearest(typed, {name}) == name);
}

}  // namespace
}  // namespace hal9
