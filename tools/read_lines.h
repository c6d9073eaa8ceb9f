// The lines of a file that somebody gave us, one at a time: hostile until judged. Memory is bounded by
// the longest line that is taken, whatever the file.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace hal9::tools {

struct LineReader {
  std::size_t longest = 0;                          // bytes, without the line feed
  std::function<void(std::string_view line)> take;  // each whole line
  std::function<bool()> done;                       // true: nothing more is wanted; may be absent
  std::function<void(const char* what)> refuse;     // of one that is none; nothing follows it
};

// `path` "-": stdin. Errors: missing, usage (a folder), failed.
Result<void> read_lines(const std::string& path, const LineReader& reader);

}  // namespace hal9::tools
