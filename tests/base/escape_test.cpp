#include "base/escape.h"

#include <array>
#include <cstdio>
#include <memory>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9 {

namespace {

TEST(EscapeTerminal, ShowsWhatWouldMoveTheCursorOrReorderText) {
  EXPECT_EQ(escape_terminal("a\x1b[2Jb"), "a\\u{1B}[2Jb");
  EXPECT_EQ(escape_terminal("a\nb\rc\td"), "a\\u{A}b\\u{D}c\\u{9}d");
  EXPECT_EQ(escape_terminal("a\nb", true), "a\nb");
  EXPECT_EQ(escape_terminal("\x7f\xC2\x9B"), "\\u{7F}\\u{9B}");
  EXPECT_EQ(
      escape_terminal("\u202egnp\u2066\u200f\u2028\ufeff"),
      "\\u{202E}gnp\\u{2066}\\u{200F}\\u{2028}\\u{FEFF}"
  );
  EXPECT_EQ(escape_terminal("é 漢 😀"), "é 漢 😀");
  EXPECT_EQ(escape_terminal("a\xFF\xC0z"), "a\uFFFD\uFFFDz");
}

TEST(EscapeJson, WritesTheOneForm) {
  EXPECT_EQ(escape_json("\"\\/\b\f\n\r\t"), "\\\"\\\\/\\b\\f\\n\\r\\t");
  EXPECT_EQ(escape_json(std::string("\0\x1f\x7f", 3)), "\\u0000\\u001f\x7f");
  EXPECT_EQ(escape_json("é😀\u2028"), "é😀\u2028");
  EXPECT_EQ(escape_json("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
}

TEST(EscapeCsv, QuotesAndDisarmsFormulas) {
  EXPECT_EQ(escape_csv("plain"), "plain");
  EXPECT_EQ(escape_csv("a,b"), "\"a,b\"");
  EXPECT_EQ(escape_csv("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(escape_csv("two\nlines"), "\"two\nlines\"");
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)"}) {
    EXPECT_EQ(escape_csv(formula), std::string("'") + formula);
  }
  EXPECT_EQ(escape_csv("\t=1"), "'\t=1");
  EXPECT_EQ(escape_csv(""), "");
}

// What a shell makes of the line is the text again.
std::string through_a_shell(const std::string& text) {
  const std::string line = "printf %s " + escape_shell(text);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(line.c_str(), "r"), &::pclose);
  std::string out;
  std::array<char, 256> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    out.append(buffer.data(), count);
  }
  return out;
}

TEST(EscapeShell, GivesTheTextBackFromAShell) {
  for (const char* text :
       {"",
        "plain",
        "a b",
        "it's",
        "$(id)",
        "`id`",
        "a;b|c&d>e<f",
        "\\",
        "\"",
        "~",
        "*",
        "a\nb",
        "-n",
        "!x",
        "#x",
        "a=b",
        "''",
        "é"}) {
    EXPECT_EQ(through_a_shell(text), text) << escape_shell(text);
  }
  EXPECT_EQ(escape_shell("/etc/hal9/hal9.yaml"), "/etc/hal9/hal9.yaml");
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

RC_GTEST_PROP(EscapeProperty, WhatIsEscapedIsAlwaysUtf8, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  RC_ASSERT(is_utf8(escape_json(text)));
  RC_ASSERT(is_utf8(escape_terminal(text)));
}

RC_GTEST_PROP(ShortenProperty, IsWithinItsLimitAndCutsNoCharacter, ()) {
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

TEST(Shorten, SaysWhatWasCut) {
  EXPECT_EQ(shorten(std::string(100, 'x'), 40), std::string(18, 'x') + "... (100 bytes in all)");
  EXPECT_EQ(shorten("short", 40), "short");
}

}  // namespace

}  // namespace hal9
