// The manual pages, in mdoc, made from the table of commands: one of the whole and one of each first word, as
// git and kubectl have them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

struct ManualPage {
  std::string name;  // "hal9-migrate-rollback"; its file is that and ".1"
  std::string text;
};

// `date` as mdoc has it: "November 27, 2026".
std::vector<ManualPage> manual_pages(std::string_view date, std::string_view version);

}  // namespace hal9::tools
