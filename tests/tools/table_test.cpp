#include "table.h"

#include "hostile.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

TEST(Table, AlignsColumnsByWhatATerminalShows) {
  Table table({"NAME", "SHARE"});
  table.add({"日本", "5%"});
  table.add({"é", "10%"});
  table.add({"abcdef", "0%"});
  EXPECT_EQ(table.text(0), "NAME    SHARE\n日本    5%\né       10%\nabcdef  0%\n");
}

TEST(Table, CutsLongCellsButNotTheLast) {
  Table table({"A", "B"});
  table.add({"0123456789", "0123456789"});
  EXPECT_EQ(table.text(6), "A       B\n012...  0123456789\n");
}

TEST(Table, CutsBetweenCharacters) {
  Table table({"A", "B"});
  table.add({"日本語日本語", "x"});
  EXPECT_EQ(table.text(6), "A      B\n日...  x\n");
}

TEST(Table, LetsNoHostileCellMoveTheCursorOrMakeARow) {
  Table table({"A", "B"});
  for (const auto& text : hostile()) table.add({text, text});
  const std::string text = table.text(0);
  EXPECT_TRUE(harmless(text));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + static_cast<long>(hostile().size()));
}

TEST(Table, FillsAndDropsCells) {
  Table table({"A", "B"});
  table.add({"x"});
  table.add({"x", "y", "z"});
  EXPECT_EQ(table.text(0), "A  B\nx\nx  y\n");
}

TEST(WidthOf, CountsCombiningAsNothingAndWideAsTwo) {
  EXPECT_EQ(width_of("abc"), 3U);
  EXPECT_EQ(width_of("e\xCC\x81"), 1U);
  EXPECT_EQ(width_of("日本"), 4U);
  EXPECT_EQ(width_of("\xF0\x9F\x98\x80"), 2U);
  EXPECT_EQ(width_of("\xE6\x97"), 2U) << "a character that is cut short is never read past its end";
}

}  // namespace
}  // namespace hal9::tools
