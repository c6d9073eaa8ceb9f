// An incident: what people respond to. It owns rollbacks, and has one key for pager, chat, ticket and
// status page. Opened by a rollback or by hand, closed by hand. Pure data; decide_incident.cpp has the rules.
#pragma once

#include "base/name.h"
#include "base/time.h"
#include "ledger/line.h"

#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::migration {

// By the event that opened it: a number that can be said on the phone.
struct IncidentId {
  ledger::Sequence opened;
  auto operator<=>(const IncidentId&) const = default;
};

enum class Severity : std::uint8_t { minor, major, critical };

// What opens one without a person's asking for it: nothing, an emergency, any `rollback`.
enum class IncidentsBy : std::uint8_t { hand, emergency, rollback };

// How another system calls it: pagerduty, PX41.
struct ExternalId {
  Name system;
  std::string id;  // 1 to kExternalIdBytes, no control character
  bool operator==(const ExternalId&) const = default;
};

inline constexpr std::size_t kTitleBytes = 200;
inline constexpr std::size_t kExternalIdBytes = 200;
inline constexpr std::size_t kExternalIds = 16;    // of one incident
inline constexpr std::size_t kIncidentsOpen = 16;  // at once

// One that is open.
struct Incident {
  IncidentId id;
  Time opened;
  Severity severity = Severity::major;
  std::string title;
  std::optional<Name> commander;  // who leads the response
  std::vector<ExternalId> external;
  std::string by;               // the actor's id
  std::uint64_t rollbacks = 0;  // that it owns
  bool operator==(const Incident&) const = default;
};

std::string to_text(IncidentId id);
std::string to_text(Severity severity);
std::string to_text(IncidentsBy by);
std::optional<Severity> parse_severity(std::string_view text);

// The subject of its events, by which they are found: incident-71.
std::string subject_of(IncidentId id);
// Each of `added` in its system's place in `ids`, else behind them.
void merge(std::vector<ExternalId>& ids, const std::vector<ExternalId>& added);

}  // namespace hal9::migration
