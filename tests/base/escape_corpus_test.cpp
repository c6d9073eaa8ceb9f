// The escapers against the one hostile corpus (tests/corpus). What must hold is said by the sink's
// own rules here, not by the escaper's code.
#include "base/escape.h"
#include "corpus/corpus.h"

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdio.h>

namespace hal9 {
namespace {

using tests::hostile;

// No C0 but the newline where it is kept, no DEL, C1, separator, bidirectional control, byte order
// mark or tag, each looked for by its bytes.
bool harmless_on_a_terminal(std::string_view text, bool newlines) {
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte < 0x20 && !(newlines && c == '\n')) || byte == 0x7F) return false;
  }
  for (int second = 0x80; second < 0xA0; ++second) {
    if (text.find(std::string("\xC2") + static_cast<char>(second)) != std::string_view::npos) {
      return false;
    }
  }
  for (const char* bad :
       {"\xE2\x80\xA8",
        "\xE2\x80\xA9",
        "\xE2\x80\xAA",
        "\xE2\x80\xAB",
        "\xE2\x80\xAC",
        "\xE2\x80\xAD",
        "\xE2\x80\xAE",
        "\xE2\x81\xA6",
        "\xE2\x81\xA7",
        "\xE2\x81\xA8",
        "\xE2\x81\xA9",
        "\xE2\x80\x8E",
        "\xE2\x80\x8F",
        "\xD8\x9C",
        "\xEF\xBB\xBF",
        "\xF3\xA0\x81"}) {
    if (text.find(bad) != std::string_view::npos) return false;
  }
  return true;
}

// One field of RFC 4180 as a spreadsheet reads it; "broken" when it does not end
// where the text does.
std::string read_csv_field(std::string_view field) {
  if (!field.starts_with('"')) {
    return field.find_first_of("\",\r\n") == std::string_view::npos ? std::string(field) : "broken";
  }
  std::string out;
  for (std::size_t i = 1; i < field.size(); ++i) {
    if (field[i] != '"') {
      out += field[i];
    } else if (i + 1 < field.size() && field[i + 1] == '"') {
      out += field[++i];
    } else {
      return i + 1 == field.size() ? out : "broken";
    }
  }
  return "broken";
}

// What /bin/sh makes of one word.
std::string read_by_the_shell(const std::string& word) {
  const std::string line = "printf '%s' " + word;
  std::FILE* const pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return "no shell";
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    out.push_back(static_cast<char>(c));
  return pclose(pipe) == 0 ? out : "failed";
}

TEST(Corpus, HasItsKindsAndItsBrokenUtf8) {
  EXPECT_GE(hostile().size(), 150U);
  EXPECT_THROW(hostile("no such kind"), std::runtime_error);
}

TEST(Corpus, IsToldFromUtf8AsItsEntriesSay) {
  for (const auto& entry : hostile()) {
    EXPECT_EQ(is_utf8(entry.bytes), entry.utf8) << entry.title();
  }
}

TEST(Corpus, MovesNoCursorOnATerminal) {
  for (const auto& entry : hostile()) {
    SCOPED_TRACE(entry.title());
    const std::string shown = escape_terminal(entry.bytes);
    EXPECT_TRUE(is_utf8(shown));
    EXPECT_TRUE(harmless_on_a_terminal(shown, false)) << shown.substr(0, 200);
    EXPECT_TRUE(harmless_on_a_terminal(escape_terminal(entry.bytes, true), true));
  }
}

TEST(Corpus, IsSeenToBeHarmfulWithoutTheEscaper) {
  for (const char* kind : {"terminal", "bidi"}) {
    for (const auto& entry : hostile(kind)) {
      EXPECT_FALSE(entry.utf8 && harmless_on_a_terminal(entry.bytes, false)) << entry.title();
    }
  }
}

TEST(Corpus, StaysInsideAJsonString) {
  for (const auto& entry : hostile()) {
    SCOPED_TRACE(entry.title());
    const auto read =
        nlohmann::json::parse("{\"x\":\"" + escape_json(entry.bytes) + "\"}", nullptr, false);
    ASSERT_TRUE(read.is_object());
    ASSERT_EQ(read.size(), 1U);
    if (entry.utf8) EXPECT_TRUE(read.at("x").get<std::string>() == entry.bytes);
  }
}

TEST(Corpus, IsOneCsvFieldAndNoFormula) {
  for (const auto& entry : hostile()) {
    SCOPED_TRACE(entry.title());
    const std::string cell = read_csv_field(escape_csv(entry.bytes));
    EXPECT_TRUE(cell.ends_with(entry.bytes));
    EXPECT_LE(cell.size(), entry.bytes.size() + 1);
    EXPECT_NE(cell.find_first_of("=+-@\t\r"), 0U);
  }
}

TEST(Corpus, IsOneWordForTheShell) {
  for (const auto& entry : hostile()) {
    // A word has an end (128 KiB) and no NUL can be in it.
    if (entry.bytes.size() > 10'000 || entry.bytes.find('\0') != std::string::npos) continue;
    EXPECT_EQ(read_by_the_shell(escape_shell(entry.bytes)), entry.bytes) << entry.title();
  }
}

TEST(Corpus, IsShortenedAtACharactersEdge) {
  for (const auto& entry : hostile()) {
    for (const std::size_t limit : {0U, 1U, 7U, 30U, 80U}) {
      const std::string cut = shorten(entry.bytes, limit);
      EXPECT_LE(cut.size(), limit) << entry.title();
      if (entry.utf8) EXPECT_TRUE(is_utf8(cut)) << entry.title() << " at " << limit;
    }
  }
}

}  // namespace
}  // namespace hal9
