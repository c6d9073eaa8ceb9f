// The forms of --format, made from a view's one JSON form: json, yaml, jsonl, csv.
//
// Whatever a view holds, the text is safe where it is shown: JSON and YAML are escaped so far that
// no control or bidirectional character reaches a terminal (a parser gets the same strings back);
// CSV cells pass the terminal's escaper and the spreadsheet's. Pure.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace hal9::tools {

using Json = nlohmann::ordered_json;

enum class Format : std::uint8_t { table, wide, json, yaml, jsonl, csv };

// What --format takes.
std::vector<std::string> format_names();
// Error: usage, naming the nearest.
Result<Format> parse_format(std::string_view text);

// True for the forms that a machine reads.
bool is_structured(Format format);

// One value, or an array: json is indented, jsonl has a line an element. csv of an array has a header
// and a row an element, of one value the columns `name,value` and a row a member; members of members
// are `a.b`, elements of lists `a.0`, and no cell holds JSON. Ends with a newline unless it is empty.
// `row`: of an array what its elements are, for the header of a csv that has none of them.
// Precondition: is_structured(format).
std::string render(const Json& value, Format format, const Json& row = nullptr);

// An array of any length in constant memory: a piece for each element, then the end. The columns of csv
// are those of `row` (flattened), which has every member that an element may have; without it those of
// the first element.
class ListRenderer {
 public:
  explicit ListRenderer(Format format, const Json& row = nullptr);
  std::string element(const Json& value);
  std::string end();

 private:
  Format format_;
  std::vector<std::string> columns_;
  bool any_ = false;
};

}  // namespace hal9::tools
