#include "base/escape.h"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace hal9 {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

TEST(EscapeTerminal, ShowsControlsByTheirNumber) {
  EXPECT_EQ(escape_terminal("\x1b[2J"), "\\u{1B}[2J");
  EXPECT_EQ(escape_terminal("a\rb"), "a\\u{D}b");
  EXPECT_EQ(escape_terminal("\xC2\x9B"), "\\u{9B}");
  EXPECT_EQ(escape_terminal("\xE2\x80\xAEx"), "\\u{202E}x");
}

TEST(EscapeTerminal, KeepsANewlineOnlyWhenAsked) {
  EXPECT_EQ(escape_terminal("a\nb"), "a\\u{A}b");
  EXPECT_EQ(escape_terminal("a\nb\r", true), "a\nb\\u{D}");
}

TEST(EscapeTerminal, LeavesWhatPeopleWrite) {
  const std::string text = "r\xC3\xA9gion \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80 \\ \" '";
  EXPECT_EQ(escape_terminal(text), text);
}

TEST(EscapeJson, UsesTheShortFormsAndFourDigits) {
  EXPECT_EQ(escape_json("a\"b\\c\n\t\r\b\f"), "a\\\"b\\\\c\\n\\t\\r\\b\\f");
  EXPECT_EQ(escape_json("\x01\x1f"), "\\u0001\\u001f");
  EXPECT_EQ(escape_json(std::string("\0", 1)), "\\u0000");
}

// One text has one form, or hashes of equal events would differ.
TEST(EscapeJson, LeavesSlashDeleteAndEverythingAboveAsItIs) {
  const std::string text = "/\x7f\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80";
  EXPECT_EQ(escape_json(text), text);
}

TEST(EscapeJson, ReplacesEachByteThatIsNoUtf8) {
  EXPECT_EQ(escape_json("a\xff\xfe"), std::string("a") + kReplacement + kReplacement);
}

TEST(EscapeCsv, QuotesOnlyWhereNeeded) {
  EXPECT_EQ(escape_csv("plain text"), "plain text");
  EXPECT_EQ(escape_csv(""), "");
  EXPECT_EQ(escape_csv("a,b"), "\"a,b\"");
  EXPECT_EQ(escape_csv("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(escape_csv("a\nb"), "\"a\nb\"");
}

TEST(EscapeCsv, DisarmsFormulas) {
  EXPECT_EQ(escape_csv("=1+1"), "'=1+1");
  EXPECT_EQ(escape_csv("@x"), "'@x");
  EXPECT_EQ(escape_csv("-1,2"), "\"'-1,2\"");
  EXPECT_EQ(escape_csv("1-1"), "1-1");
}

TEST(EscapeShell, QuotesOnlyWhereNeeded) {
  EXPECT_EQ(escape_shell("us-west-2"), "us-west-2");
  EXPECT_EQ(escape_shell(""), "''");
  EXPECT_EQ(escape_shell("it's"), "'it'\\''s'");
  EXPECT_EQ(escape_shell("$(id)"), "'$(id)'");
}

TEST(IsUtf8, KnowsWhatIsWellFormed) {
  for (const char* text : {"", "a", "é", "漢", "😀", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text :
       {"\x80",
        "\xC0\xAF",
        "\xC1\xBF",
        "\xC3",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFF"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Shorten, SaysHowMuchThereWas) {
  EXPECT_EQ(shorten("short", 40), "short");
  const std::string cut = shorten(std::string(1000, 'x'), 40);
  EXPECT_EQ(cut.size(), 40U);
  EXPECT_TRUE(cut.ends_with("... (1000 bytes in all)")) << cut;
}

TEST(Shorten, CutsNoCharacterInTwo) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xE6\x97\xA5";
  for (std::size_t limit = 30; limit < 60; ++limit) {
    const std::string cut = shorten(text, limit);
    EXPECT_TRUE(is_utf8(cut)) << limit;
    EXPECT_LE(cut.size(), limit);
  }
}

RC_GTEST_PROP(Escape, MakesUtf8OfAnyBytes, (const std::string& bytes)) {
  RC_ASSERT(is_utf8(escape_terminal(bytes)));
  RC_ASSERT(is_utf8(escape_json(bytes)));
}

RC_GTEST_PROP(EscapeTerminal, ChangesNothingTheSecondTime, (const std::string& bytes)) {
  const std::string once = escape_terminal(bytes);
  RC_ASSERT(escape_terminal(once) == once);
}

RC_GTEST_PROP(Shorten, IsWithinItsLimitAndCutsNoCharacter, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(0, 60);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += *rc::gen::element<std::string>("a", "é", "漢", "😀");
  }
  const auto limit = *rc::gen::inRange<std::size_t>(0, 100);
  const std::string cut = shorten(text, limit);
  RC_ASSERT(cut.size() <= limit || cut == text);
  RC_ASSERT(is_utf8(cut));
  RC_ASSERT((text.size() > limit) == (cut != text));
}

TEST(ToUtf8, KeepsWhatIsAndReplacesWhatIsNot) {
  EXPECT_EQ(to_utf8("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(to_utf8("bad\xFF!"), "bad\xEF\xBF\xBD!");
  EXPECT_TRUE(is_utf8(to_utf8("\xC3")));
}

}  // namespace
}  // namespace hal9
