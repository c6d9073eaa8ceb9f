#include "table.h"

#include "base/escape.h"
#include "codepoints.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::tools {

namespace {

constexpr std::string_view kCut = "...";
constexpr std::size_t kGap = 2;

bool is_between(char32_t point, char32_t low, char32_t high) {
  return point >= low && point <= high;
}

// The blocks that Unicode's East Asian Width calls W or F; whole blocks, since a column too much
// hurts less than a table of a hundred ranges.
bool is_wide(char32_t point) {
  return is_between(point, 0x1100, 0x115F) || is_between(point, 0x2E80, 0x303E) ||
         is_between(point, 0x3041, 0xA4CF) || is_between(point, 0xAC00, 0xD7A3) ||
         is_between(point, 0xF900, 0xFAFF) || is_between(point, 0xFE30, 0xFE6F) ||
         is_between(point, 0xFF00, 0xFF60) || is_between(point, 0xFFE0, 0xFFE6) ||
         is_between(point, 0x1F300, 0x1F64F) || is_between(point, 0x1F900, 0x1F9FF) ||
         is_between(point, 0x20000, 0x3FFFD);
}

bool is_combining(char32_t point) {
  return is_between(point, 0x0300, 0x036F) || is_between(point, 0x0483, 0x0489) ||
         is_between(point, 0x200B, 0x200D) || is_between(point, 0x20D0, 0x20FF) ||
         is_between(point, 0xFE00, 0xFE0F);
}

std::size_t columns_of(char32_t point) {
  if (is_combining(point)) return 0;
  return is_wide(point) ? 2 : 1;
}

std::string cut(std::string_view text, std::size_t longest) {
  if (longest == 0 || width_of(text) <= longest) return std::string(text);
  const std::size_t room = longest > kCut.size() ? longest - kCut.size() : 0;
  std::size_t width = 0;
  std::size_t end = 0;
  for_each_codepoint(text, [&](char32_t point, std::string_view bytes) {
    width += columns_of(point);
    if (width <= room) end = static_cast<std::size_t>(bytes.data() + bytes.size() - text.data());
  });
  return std::string(text.substr(0, end)) + std::string(kCut);
}

}  // namespace

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for_each_codepoint(text, [&](char32_t point, std::string_view) { width += columns_of(point); });
  return width;
}

Table::Table(std::vector<std::string> head) : head_(std::move(head)) {}

void Table::add(std::vector<std::string> row) {
  row.resize(head_.size());
  for (std::string& cell : row) cell = escape_terminal(cell);
  rows_.push_back(std::move(row));
}

std::string Table::text(std::size_t longest) const {
  std::vector<std::vector<std::string>> rows = {head_};
  rows.insert(rows.end(), rows_.begin(), rows_.end());
  std::vector<std::size_t> widths(head_.size());
  for (auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (column + 1 < row.size()) row[column] = cut(row[column], longest);
      widths[column] = std::max(widths[column], width_of(row[column]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      line += row[column];
      line.append(widths[column] - width_of(row[column]) + kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace hal9::tools
