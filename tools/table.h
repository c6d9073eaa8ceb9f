// A table as text: columns as wide as their widest cell, counted in columns of a terminal and not
// in bytes. Cells are escaped here, so that a hostile name can neither move the cursor nor make a
// row. Pure; one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

// Columns that `text` takes on a terminal: 2 for wide East Asian characters and emoji, 0 for
// combining ones. Precondition: escaped text (no control characters).
std::size_t width_of(std::string_view text);

class Table {
 public:
  explicit Table(std::vector<std::string> head);
  // Missing cells are empty; more than the head has are dropped.
  void add(std::vector<std::string> row);
  // Cells longer than `longest` columns are cut and end in "...", but never those of the last
  // column; 0: nothing is cut.
  [[nodiscard]] std::string text(std::size_t longest) const;
  [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
  std::vector<std::string> head_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hal9::tools
