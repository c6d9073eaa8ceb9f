// What was probably meant by a word that is wrong, and what might stand in its place. Pure.
#pragma once

#include "command_table.h"

#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

// The nearest candidate, whatever the case that was typed; empty: none is near.
std::string meant_by(std::string_view typed, const std::vector<std::string>& candidates);

// The phases' names that --phase and --from-phase take.
std::vector<std::string> phase_names();

// The verb's options and the global ones: all that a mistyped one may have meant.
std::vector<std::string> option_names(const Verb& verb);
// "It takes: --limit, ..." of this version.
std::string list_options(const Verb& verb);

// A value that the option takes and that does no harm where the line is typed as it is shown;
// empty: there is none.
std::string sample_of(const Verb& verb, std::string_view option);

// Mended spellings: "2026-08-01 03:04" lacks its seconds and zone, "10" and "10min" their unit,
// "0,5" its point. Empty: it cannot be told.
std::string mended_time(std::string_view text);
std::string mended_duration(const Verb& verb, std::string_view text);
std::string mended_share(std::string_view text);

}  // namespace hal9::tools
