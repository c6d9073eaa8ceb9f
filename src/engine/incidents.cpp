#include "engine/incidents.h"

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/incident.h"
#include "migration/state.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::IncidentId;

ledger::Filter events_of(IncidentId id) {
  ledger::Filter filter;
  filter.subjects = {migration::subject_of(id)};
  return filter;
}

void take(IncidentView& view, const ledger::Event& event) {
  auto fact = migration::decode_fact(event.draft.type, event.draft.data);
  if (!fact) return;
  if (auto* opened = std::get_if<migration::IncidentOpened>(&*fact)) {
    view.incident.opened = event.draft.time;
    view.incident.severity = opened->severity;
    view.incident.title = std::move(opened->title);
    view.incident.commander = std::move(opened->commander);
    view.incident.external = std::move(opened->external);
    view.incident.by = event.draft.author.auth_id;
    view.reason = event.draft.reason;
    view.found = true;
    if (opened->rollback) view.rollbacks.push_back(*opened->rollback);
  } else if (const auto* changed = std::get_if<migration::IncidentChanged>(&*fact)) {
    view.incident.severity = changed->severity.value_or(view.incident.severity);
    view.incident.title = changed->title.value_or(view.incident.title);
    if (changed->commander) view.incident.commander = changed->commander;
    migration::merge(view.incident.external, changed->external);
  } else if (const auto* joined = std::get_if<migration::IncidentJoined>(&*fact)) {
    view.rollbacks.push_back(joined->rollback);
  } else if (std::holds_alternative<migration::IncidentClosed>(*fact)) {
    view.closed = event.draft.time;
    view.closed_by = event.draft.author.auth_id;
    view.resolution = event.draft.reason;
  }
  view.incident.rollbacks = view.rollbacks.size();
}

// What a person did to an incident, in words.
struct Words {
  std::string headline;
  std::string next;
};

Outcome outcome_of(const Writer& writer, const Recorded& recorded, Words words) {
  Outcome outcome;
  outcome.state = writer.state();
  outcome.moved = !recorded.events.empty();
  if (outcome.moved) {
    outcome.first = recorded.events.front().sequence;
    outcome.last = recorded.events.back().sequence;
  } else {
    outcome.notes.emplace_back("it was so already; nothing had to change");
  }
  outcome.headline = std::move(words.headline);
  outcome.next = std::move(words.next);
  return outcome;
}

}  // namespace

Result<IncidentView> incident_view(ledger::Reader& reader, IncidentId id) {
  IncidentView view;
  view.incident.id = id;
  auto read = reader.scan(events_of(id), [&](ledger::Sequence, std::string_view line) {
    if (auto event = ledger::decode(line)) take(view, *event);
    return true;
  });
  if (!read) return pass_on(read);
  if (view.found) return view;
  return fail(
      Code::usage,
      "there is no incident " + to_text(id),
      "an incident's number is that of the event that opened it",
      "nothing was changed",
      "hal9-migrate incident list"
  );
}

void say_incident(Outcome& outcome, const std::optional<migration::IncidentChoice>& choice) {
  if (!choice || !choice->joins) return;
  const IncidentId asked = *choice->joins;
  const auto owner = outcome.rollback ? outcome.rollback->rollback.incident : std::nullopt;
  if (owner == asked) return;
  const auto& open = outcome.state.incidents;
  const bool is_open = std::ranges::find(open, asked, &migration::Incident::id) != open.end();
  outcome.notes.push_back(fmt::format(
      "incident {} {}: {}",
      to_text(asked),
      is_open ? "owns nothing by this" : "is not open, which hindered nothing",
      !outcome.rollback ? "no rollback began"
                        : "this rollback belongs to " +
                              (owner ? "incident " + to_text(*owner) : std::string("none"))
  ));
}

Result<std::vector<IncidentView>> Service::incidents(std::size_t limit) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  ledger::Filter filter;
  filter.types = {migration::type_of(migration::IncidentOpened{})};
  filter.direction = ledger::Direction::backward;
  std::vector<IncidentId> ids;
  auto read = (*reader)->scan(filter, [&](ledger::Sequence sequence, std::string_view) {
    if (ids.size() < limit) ids.push_back({sequence});
    return ids.size() < limit;
  });
  if (!read) return pass_on(read);
  std::vector<IncidentView> views;
  views.reserve(ids.size());
  for (const IncidentId id : ids) {
    auto view = incident_view(**reader, id);
    if (!view) return pass_on(view);
    views.push_back(std::move(*view));
  }
  return views;
}

Result<IncidentView> Service::incident(IncidentId id) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  return incident_view(**reader, id);
}

Result<std::vector<TimelineEntry>> Service::incident_events(const IncidentView& view) {
  std::map<ledger::Sequence, TimelineEntry> events;
  const auto add = [&](const TimelineEntry& entry) {
    events.emplace(entry.sequence, entry);
    return true;
  };
  if (auto read = timeline(events_of(view.incident.id), add); !read) return pass_on(read);
  for (const RollbackId& rollback : view.rollbacks) {
    ledger::Filter filter;
    filter.correlation = CorrelationId{rollback.bytes};
    if (auto read = timeline(filter, add); !read) return pass_on(read);
  }
  std::vector<TimelineEntry> entries;
  entries.reserve(events.size());
  for (auto& [sequence, entry] : events) entries.push_back(std::move(entry));
  return entries;
}

Result<Outcome> Service::on_incident(const Asker& asker, const migration::CommandBody& body) {
  auto store = parts_->ports.open_store();
  if (!store) return pass_on(store);
  Writer writer(**store, *parts_->ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) return pass_on(prepared);
  std::vector<std::string> notes;
  auto recorded = writer.execute(parts_->whole_command(asker, body, notes));
  if (!recorded) return pass_on(recorded);
  Words words;
  if (std::holds_alternative<migration::OpenIncident>(body)) {
    const auto& opened = writer.state().incidents.back();
    words.headline = fmt::format(
        "incident {} is open: {}, {}", to_text(opened.id), to_text(opened.severity), opened.title
    );
    words.next = "hal9-migrate incident show " + to_text(opened.id);
  } else if (const auto* change = std::get_if<migration::ChangeIncident>(&body)) {
    words.headline = "incident " + to_text(change->incident) + " is as asked for";
    words.next = "hal9-migrate incident show " + to_text(change->incident);
  } else if (const auto* close = std::get_if<migration::CloseIncident>(&body)) {
    words.headline = "incident " + to_text(close->incident) + " is closed";
    words.next = "hal9-migrate incident list";
  }
  auto outcome = outcome_of(writer, *recorded, std::move(words));
  for (auto& note : notes) outcome.notes.push_back(std::move(note));
  return outcome;
}

}  // namespace hal9::engine
