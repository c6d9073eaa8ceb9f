// The runbook's lines, by what is the matter: help and manual pages show them first. Constant data.
#pragma once

#include <span>
#include <string_view>

namespace hal9::tools {

struct RunbookLine {
  std::string_view when;
  std::string_view line;
  bool first = false;  // of those that stand on top of everything
};
// In the order of need.
std::span<const RunbookLine> runbook_lines();

// What an exit code means to a person; exit_code.h decides which it is.
struct ExitMeaning {
  int code;
  std::string_view meaning;
};
std::span<const ExitMeaning> exit_meanings();

}  // namespace hal9::tools
