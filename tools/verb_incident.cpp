// `incident open|update|close|list|show`: what people respond to.
#include "adapters/wiring/wiring.h"
#include "base/name.h"
#include "base/result.h"
#include "command_line.h"
#include "context.h"
#include "deliver_list.h"
#include "deliver_outcome.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "formats.h"
#include "incident_choice.h"
#include "migration/commands.h"
#include "migration/incident.h"
#include "mistyped.h"
#include "say.h"
#include "timeline_groups.h"
#include "verbs.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

constexpr std::size_t kListed = 20;

Result<std::optional<migration::Severity>> severity_of(const CommandLine& line) {
  const auto typed = line.value("severity");
  if (!typed) return std::optional<migration::Severity>{};
  if (const auto severity = migration::parse_severity(*typed)) return severity;
  const std::string meant = meant_by(*typed, {"minor", "major", "critical"});
  return fail(
      Code::usage,
      fmt::format("there is no severity \"{}\"", *typed),
      "minor, major or critical",
      "nothing was changed",
      line.with_instead("severity", *typed, meant.empty() ? "major" : meant)
  );
}

Result<std::optional<Name>> commander_of(const CommandLine& line) {
  const auto typed = line.value("commander");
  if (!typed) return std::optional<Name>{};
  auto name = Name::parse(*typed);
  if (name) return std::optional(std::move(*name));
  name.error().what = "--commander: " + name.error().what;
  name.error().next = line.without({"commander"});
  return pass_on(name);
}

Result<std::vector<migration::ExternalId>> external_of(const CommandLine& line) {
  std::vector<migration::ExternalId> ids;
  for (const std::string& typed : line.values("external")) {
    const auto split = typed.find('=');
    auto system = Name::parse(typed.substr(0, split));
    if (split == std::string::npos || split + 1 == typed.size() || !system) {
      return fail(
          Code::usage,
          fmt::format("--external \"{}\" does not say which system calls it what", typed),
          "it is SYSTEM=ID",
          "nothing was changed",
          line.with("external", "pagerduty=PX41")
      );
    }
    ids.push_back({std::move(*system), typed.substr(split + 1)});
  }
  return ids;
}

// "latest": the newest that is open; to look at, the newest of all.
Result<migration::IncidentId> which(
    const CommandLine& line, engine::Service& service, bool open_ones
) {
  const std::string& typed = line.operand();
  if (const auto id = parse_incident(typed)) return *id;
  if (typed != "latest") {
    return fail(
        Code::usage,
        fmt::format("\"{}\" is no incident's number", typed),
        "incident list has them; latest is the newest",
        "nothing was changed",
        line.with_operand("latest")
    );
  }
  auto newest = service.incidents(open_ones ? migration::kIncidentsOpen : 1);
  if (!newest) return pass_on(newest);
  for (const auto& view : *newest) {
    if (!open_ones || !view.closed) return view.incident.id;
  }
  return fail(
      Code::negative,
      open_ones ? "no incident is open" : "there is no incident in this ledger",
      "",
      "nothing was changed",
      "hal9-migrate incident open \"what is wrong\""
  );
}

Result<int> carry_out(
    Context& context, const wiring::Wired& wired, const migration::CommandBody& body
) {
  context.say_where(*wired.service);
  auto outcome = wired.service->on_incident(context.asker(), body);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, wired, *outcome, Way::other);
}

}  // namespace

Result<int> run_incident_open(Context& context) {
  const CommandLine& line = context.line();
  migration::OpenIncident open;
  open.title = line.operand();
  auto severity = severity_of(line);
  if (!severity) return pass_on(severity);
  open.severity = severity->value_or(migration::Severity::major);
  auto commander = commander_of(line);
  if (!commander) return pass_on(commander);
  open.commander = std::move(*commander);
  auto external = external_of(line);
  if (!external) return pass_on(external);
  open.external = std::move(*external);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  return carry_out(context, *wired, open);
}

Result<int> run_incident_update(Context& context) {
  const CommandLine& line = context.line();
  migration::ChangeIncident change;
  auto severity = severity_of(line);
  if (!severity) return pass_on(severity);
  change.severity = *severity;
  change.title = line.value("title");
  auto commander = commander_of(line);
  if (!commander) return pass_on(commander);
  change.commander = std::move(*commander);
  auto external = external_of(line);
  if (!external) return pass_on(external);
  change.external = std::move(*external);
  if (!change.severity && !change.title && !change.commander && change.external.empty()) {
    return fail(
        Code::usage,
        "nothing is said that would change",
        "--severity, --title, --commander or --external",
        "nothing was changed",
        line.with("severity", "critical")
    );
  }
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto id = which(line, *wired->service, true);
  if (!id) return pass_on(id);
  change.incident = *id;
  return carry_out(context, *wired, change);
}

Result<int> run_incident_close(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto id = which(context.line(), *wired->service, true);
  if (!id) return pass_on(id);
  return carry_out(context, *wired, migration::CloseIncident{*id});
}

Result<int> run_incident_list(Context& context) {
  auto limit = context.line().number("limit");
  if (!limit) return pass_on(limit);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto views = wired->service->incidents(limit->value_or(kListed));
  if (!views) return pass_on(views);
  auto code = deliver_list(context, *wired, *views, incidents_text);
  context.say_spooled(*wired->service);
  return code;
}

Result<int> run_incident_show(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto id = which(context.line(), *wired->service, false);
  if (!id) return pass_on(id);
  auto view = wired->service->incident(*id);
  if (!view) return pass_on(view);
  std::vector<engine::RollbackView> rollbacks;
  for (const auto& rollback : view->rollbacks) {
    auto one = wired->service->rollback(rollback);
    if (!one) return pass_on(one);
    rollbacks.push_back(std::move(*one));
  }
  auto entries = wired->service->incident_events(*view);
  if (!entries) return pass_on(entries);
  GroupEvents events;
  for (const auto& entry : *entries) events.entry(entry, entry.time - view->incident.opened);
  return context.deliver(
      *wired,
      {[&](bool) { return incident_text(*view, rollbacks, events.text(context.wide())); },
       [&] {
         Json json = engine::to_json(*view);
         Json list = Json::array();
         for (const auto& rollback : rollbacks) list.push_back(engine::to_json(rollback));
         json["rollbacks"] = std::move(list);
         json["events"] = events.json();
         return json;
       }},
      kDone
  );
}

}  // namespace hal9::tools
