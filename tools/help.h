// The help, made from the command table: what somebody needs first stands first.
#pragma once

#include "command_table.h"

#include <string>
#include <string_view>

namespace hal9::tools {

// Every command of this version, grouped; the emergency's line on top.
std::string help_text();
// What one command takes.
std::string help_text(const Verb& verb);
// Of all commands that begin with `first` ("feature").
std::string help_text_of(std::string_view first);

}  // namespace hal9::tools
