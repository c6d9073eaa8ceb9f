#include "incident_choice.h"

#include "base/result.h"
#include "command_line.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/incident.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace hal9::tools {

std::optional<migration::IncidentId> parse_incident(std::string_view text) {
  constexpr std::size_t kDigits = 18;
  if (text.empty() || text.size() > kDigits) return {};
  std::uint64_t number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return {};
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  if (number == 0) return {};
  return migration::IncidentId{ledger::Sequence{number}};
}

Result<std::optional<migration::IncidentChoice>> parse_choice(const CommandLine& line) {
  const auto typed = line.value("incident");
  if (!typed) return std::optional<migration::IncidentChoice>{};
  if (*typed == "latest") return std::optional<migration::IncidentChoice>{};
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
