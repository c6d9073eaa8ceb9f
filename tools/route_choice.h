// --regions, --exclude-regions, --components, --exclude: which routes a command is about.
#pragma once

#include "base/result.h"
#include "command_line.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "migration/selection.h"

#include <optional>
#include <vector>

namespace hal9::tools {

// As typed. Error: usage (an empty list, what is no name).
Result<migration::Selection> parse_selection(const CommandLine& line);

// The routes that are selected; absent: every one. Error: usage (selection.h), ending in the line with
// the name that was meant, where one is near.
Result<std::optional<std::vector<migration::Route>>> select_routes(
    const CommandLine& line, const migration::Configuration& configuration
);

}  // namespace hal9::tools
