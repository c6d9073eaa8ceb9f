// Incidents: by hand, and by the rollbacks that belong to them.

#include "base/id.h"
#include "base/result.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/decide_parts.h"
#include "migration/events.h"
#include "migration/incident.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::migration {

namespace {

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

tl::unexpected<Error> unusable(std::string what, const char* line) {
  return fail(Code::usage, std::move(what), "", "nothing was changed", line);
}

Result<void> check_title(const std::string& title, const char* line) {
  if (title.empty()) return unusable("an incident needs a title", line);
  if (title.size() > kTitleBytes || has_control(title)) {
    return unusable(
        fmt::format("a title has {} bytes at most, and is one line", kTitleBytes), line
    );
  }
  return {};
}

// Of `ids`, which are to come beside `known`.
Result<void> check_external(
    std::vector<ExternalId> known, const std::vector<ExternalId>& ids, const char* line
) {
  for (const auto& one : ids) {
    if (one.id.empty() || one.id.size() > kExternalIdBytes || has_control(one.id)) {
      return unusable(
          fmt::format(
              "the id of {} has 1 to {} bytes on one line", one.system.text(), kExternalIdBytes
          ),
          line
      );
    }
    if (std::ranges::count(ids, one.system, &ExternalId::system) > 1) {
      return unusable(fmt::format("{} has two ids", one.system.text()), line);
    }
  }
  merge(known, ids);
  if (known.size() > kExternalIds) {
    return unusable(fmt::format("an incident has {} external ids at most", kExternalIds), line);
  }
  return {};
}

const Incident* find_open(const State& state, IncidentId id) {
  const auto found = std::ranges::find(state.incidents, id, &Incident::id);
  return found == state.incidents.end() ? nullptr : &*found;
}

tl::unexpected<Error> not_open(const State& state, IncidentId id) {
  std::vector<std::string> open;
  open.reserve(state.incidents.size());
  for (const auto& incident : state.incidents) open.push_back(to_text(incident.id));
  return fail(
      Code::conflict,
      fmt::format("incident {} is not open", to_text(id)),
      open.empty() ? "no incident is open" : fmt::format("open: {}", fmt::join(open, ", ")),
      "nothing was changed",
      "hal9-migrate incident list"
  );
}

// What of a rollback is somebody's answer to something that went wrong: not what was switched off or
// moved down as a step of the migration.
std::optional<IncidentChoice> choice_of(const Command& command) {
  if (const auto* back = std::get_if<RollBack>(&command.body)) {
    if (back->mirror_only) return IncidentChoice{};
    return back->incident;
  }
  if (const auto* cut = std::get_if<RecordCut>(&command.body)) return cut->incident;
  if (std::holds_alternative<StepRaise>(command.body)) return {};
  return IncidentChoice{};
}

bool opens_one(const State& state, RollbackKind kind) {
  switch (state.incidents_by.value_or(IncidentsBy::hand)) {
    case IncidentsBy::hand:
      return false;
    case IncidentsBy::emergency:
      return kind == RollbackKind::emergency;
    case IncidentsBy::rollback:
      return true;
  }
  return false;
}

Severity severity_of(RollbackKind kind) {
  switch (kind) {
    case RollbackKind::emergency:
      return Severity::critical;
    case RollbackKind::gradual:
      return Severity::minor;
    case RollbackKind::immediate:
      return Severity::major;
  }
  return Severity::major;
}

std::optional<Fact> incident_for(
    const State& state, const Command& command, const RollbackPlan& plan
) {
  const auto choice = choice_of(command);
  if (choice && !choice->joins) return {};
  if (choice && find_open(state, *choice->joins) != nullptr) {
    return IncidentJoined{*choice->joins, plan.id};
  }
  if (!state.incidents.empty()) return IncidentJoined{state.incidents.back().id, plan.id};
  if (!opens_one(state, plan.kind)) return {};
  return IncidentOpened{
      severity_of(plan.kind),
      fmt::format("{} rollback from {}", to_text(plan.kind), phase_text(state)),
      {},
      {},
      plan.id
  };
}

}  // namespace

Result<std::vector<Decided>> decide_open(
    const State& state, const Command& command, const OpenIncident& open
) {
  constexpr const char* kLine = "hal9-migrate incident open \"what is wrong\"";
  if (auto ok = check_title(open.title, kLine); !ok) return pass_on(ok);
  if (auto ok = check_external({}, open.external, kLine); !ok) return pass_on(ok);
  if (state.incidents.size() >= kIncidentsOpen) {
    return fail(
        Code::conflict,
        fmt::format("{} incidents are open", kIncidentsOpen),
        "no more are told apart at once",
        "nothing was changed",
        "hal9-migrate incident list"
    );
  }
  Facts facts(state, command);
  facts.add(IncidentOpened{open.severity, open.title, open.commander, open.external, {}});
  return facts.done();
}

Result<std::vector<Decided>> decide_change(
    const State& state, const Command& command, const ChangeIncident& change
) {
  constexpr const char* kLine = "hal9-migrate incident update --severity critical";
  const auto* incident = find_open(state, change.incident);
  if (incident == nullptr) return not_open(state, change.incident);
  if (change.title) {
    if (auto ok = check_title(*change.title, kLine); !ok) return pass_on(ok);
  }
  if (auto ok = check_external(incident->external, change.external, kLine); !ok) return pass_on(ok);
  IncidentChanged changed{change.incident, {}, {}, {}, {}};
  if (change.severity != incident->severity) changed.severity = change.severity;
  if (change.title != incident->title) changed.title = change.title;
  if (change.commander != incident->commander) changed.commander = change.commander;
  for (const auto& one : change.external) {
    if (std::ranges::find(incident->external, one) == incident->external.end()) {
      changed.external.push_back(one);
    }
  }
  if (changed == IncidentChanged{change.incident, {}, {}, {}, {}}) return std::vector<Decided>{};
  Facts facts(state, command);
  facts.add(std::move(changed));
  return facts.done();
}

Result<std::vector<Decided>> decide_close(
    const State& state, const Command& command, const CloseIncident& close
) {
  if (find_open(state, close.incident) == nullptr) return not_open(state, close.incident);
  const auto own = std::ranges::find(state.running, close.incident, &Rollback::incident);
  if (own != state.running.end()) {
    return fail(
        Code::conflict,
        fmt::format("rollback {} of this incident has not ended", to_text(own->plan.id)),
        "an incident is closed when what it is about is over",
        "nothing was changed; the incident stays open",
        "hal9-migrate rollback resume"
    );
  }
  Facts facts(state, command);
  facts.add(IncidentClosed{close.incident});
  return facts.done();
}

std::vector<Decided> with_incident(
    const State& state, const Command& command, std::vector<Decided> decided
) {
  const auto started = std::ranges::find_if(decided, [](const Decided& one) {
    return std::holds_alternative<RollbackStarted>(one.fact);
  });
  if (started == decided.end()) return decided;
  auto incident = incident_for(state, command, std::get<RollbackStarted>(started->fact).plan);
  if (!incident) return decided;
  Facts facts(state, command);
  for (auto& one : decided) facts.add(std::move(one.fact), one.time);
  facts.add(std::move(*incident));
  return facts.done();
}

}  // namespace hal9::migration
