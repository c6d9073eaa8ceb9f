#include "base/escape.h"
#include "base/id.h"
#include "base/time.h"
#include "engine/views.h"
#include "migration/incident.h"
#include "migration/rollback.h"
#include "say.h"
#include "table.h"
#include "timeline_groups.h"

#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

constexpr std::size_t kLongestCell = 48;

std::string external_words(const migration::Incident& incident) {
  std::vector<std::string> words;
  words.reserve(incident.external.size());
  for (const auto& one : incident.external) {
    words.push_back(one.system.text() + " " + escape_terminal(one.id));
  }
  return words.empty() ? "-" : fmt::format("{}", fmt::join(words, ", "));
}

std::string commander_words(const migration::Incident& incident) {
  return incident.commander ? incident.commander->text() : "-";
}

}  // namespace

std::string open_incident_text(const migration::Incident& incident) {
  std::string text = fmt::format(
      "incident {} ({}, {}) is open since {}",
      to_text(incident.id),
      to_text(incident.severity),
      incident.title,
      for_people(incident.opened)
  );
  if (incident.commander) text += ", commander " + incident.commander->text();
  return text;
}

std::string incidents_text(const std::vector<engine::IncidentView>& views, Look look) {
  if (views.empty()) return "no incidents\n";
  Table table(
      {"INCIDENT",
       "STATUS",
       "SEVERITY",
       "OPENED",
       "CLOSED",
       "COMMANDER",
       "ROLLBACKS",
       "BY",
       "EXTERNAL",
       "TITLE"}
  );
  for (const auto& view : views) {
    const auto& incident = view.incident;
    table.add(
        {to_text(incident.id),
         view.closed ? "closed" : "open",
         to_text(incident.severity),
         for_people(incident.opened),
         view.closed ? for_people(*view.closed) : "-",
         commander_words(incident),
         fmt::format("{}", view.rollbacks.size()),
         incident.by,
         external_words(incident),
         incident.title}
    );
  }
  return table.text(look.wide ? 0 : kLongestCell);
}

std::string incident_text(
    const engine::IncidentView& view,
    const std::vector<engine::RollbackView>& rollbacks,
    const std::string& events
) {
  const auto& incident = view.incident;
  std::string text = fmt::format(
      "Incident: {}\nTitle: {}\nStatus: {}\nSeverity: {}\nCommander: {}\nExternal: {}\n"
      "Opened: {} by {}\n",
      to_text(incident.id),
      escape_terminal(incident.title),
      view.closed ? "closed" : "open",
      to_text(incident.severity),
      commander_words(incident),
      external_words(incident),
      for_people(incident.opened),
      escape_terminal(incident.by)
  );
  if (!view.reason.empty()) text += "Reason: " + escape_terminal(view.reason) + "\n";
  if (view.closed) {
    text += fmt::format(
        "Closed: {} by {}, after {}\nResolution: {}\n",
        for_people(*view.closed),
        escape_terminal(view.closed_by),
        since_text(*view.closed - incident.opened).substr(2),
        view.resolution.empty() ? "none given" : escape_terminal(view.resolution)
    );
  }
  if (rollbacks.empty()) text += "Rollbacks: none\n";
  for (const auto& rollback : rollbacks) text += heading_text(rollback);
  if (!events.empty()) text += "What happened, by the time since it began:\n" + events;
  const std::string id = to_text(incident.id);
  return text + (view.closed ? "next: hal9-migrate incident list\n"
                             : "next: hal9-migrate incident close " + id + " --reason \"how\"\n");
}

}  // namespace hal9::tools
