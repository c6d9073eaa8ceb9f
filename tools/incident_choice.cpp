#include "incident_choice.h"

#include "base/result.h"
#include "command_line.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/incident.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace hal9::tools {

std::optional<migration::IncidentId> parse_incident(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || stopped != end || number == 0) return {};
  return migration::IncidentId{ledger::Sequence{number}};
}

Result<std::optional<migration::IncidentChoice>> parse_choice(const CommandLine& line) {
  const auto typed = line.value("incident");
  if (!typed) return std::optional<migration::IncidentChoice>{};
  if (*typed == "none") return std::optional(migration::IncidentChoice{});
  if (const auto id = parse_incident(*typed)) return std::optional(migration::IncidentChoice{id});
  return fail(
      Code::usage,
      fmt::format("\"{}\" is no incident's number", *typed),
      "it is that of the event that opened it; without it the newest open one is taken",
      "nothing was changed",
      line.without({"incident"})
  );
}

}  // namespace hal9::tools
