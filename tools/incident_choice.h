// Numbers of incidents as they are typed.
#pragma once

#include "base/result.h"
#include "command_line.h"
#include "migration/commands.h"
#include "migration/incident.h"

#include <optional>
#include <string>
#include <string_view>

namespace hal9::tools {

// "71". Absent: it is no number.
std::optional<migration::IncidentId> parse_incident(std::string_view text);

// --incident of a rollback: a number, or none. Absent: it was not given. Error: usage.
Result<std::optional<migration::IncidentChoice>> parse_choice(const CommandLine& line);

}  // namespace hal9::tools
