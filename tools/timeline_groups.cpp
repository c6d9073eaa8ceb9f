#include "timeline_groups.h"

#include "base/escape.h"
#include "base/id.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "formats.h"
#include "migration/incident.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/rollback.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// Of a rollback shown as text, so many events from its beginning and as many from its end.
constexpr std::size_t kShownOfEachEnd = 20;

std::string share_text(const migration::RollbackPlan& plan) {
  const auto range = migration::highest_of(plan);
  const bool mirror = range.share_from == range.share_to && range.mirror_from != range.mirror_to;
  return fmt::format(
      "{} {}% to {}%",
      mirror ? "mirror" : "share",
      to_text(mirror ? range.mirror_from : range.share_from),
      to_text(mirror ? range.mirror_to : range.share_to)
  );
}

// What became of it, and how long it took.
std::string end_text(const engine::RollbackView& view) {
  const auto& rollback = view.rollback;
  std::string text = migration::to_text(rollback.status);
  if (!rollback.observed) text += ", recorded and not observed";
  if (rollback.superseded_by) text += " by " + to_text(*rollback.superseded_by);
  if (rollback.ended) {
    text += fmt::format(" after {}", since_text(*rollback.ended - rollback.plan.started).substr(2));
  }
  return text;
}

// A rollback's reason stands in its heading.
std::string event_line(
    const engine::TimelineEntry& entry, std::optional<Micros> since, bool with_reason
) {
  std::string text = fmt::format(
      "  {:>14}  {:>6}  {}  {}",
      since ? since_text(*since) : for_people(entry.time).substr(0, 20),
      entry.sequence.value,
      escape_terminal(entry.actor),
      escape_terminal(entry.text)
  );
  if (entry.via == "spool") text += " (via spool)";
  if (with_reason && !entry.reason.empty()) {
    text += fmt::format(" \"{}\"", escape_terminal(entry.reason));
  }
  return text + "\n";
}

Json event_json(const engine::TimelineEntry& entry, std::optional<Micros> since) {
  Json json = engine::to_json(entry);
  json["since_seconds"] = since ? Json(static_cast<double>(since->count()) / 1e6) : Json(nullptr);
  return json;
}

// Of csv, where each event is a row.
Json row_of_groups() {
  Json row{{"group", 0}, {"incident", nullptr}, {"rollback", nullptr}};
  row.update(row_of_timeline());
  row["since_seconds"] = nullptr;
  return row;
}

}  // namespace

std::string since_text(Micros since) {
  using namespace std::chrono;
  const char sign = since < Micros{0} ? '-' : '+';
  const auto all = duration_cast<milliseconds>(since < Micros{0} ? -since : since).count();
  const auto hours = all / 3'600'000;
  const auto minutes = all / 60'000 % 60;
  const auto in_minute = all % 60'000;
  const std::string rest = fmt::format("{:02}.{:03}", in_minute / 1000, in_minute % 1000);
  if (hours > 0) return fmt::format("T{}{}:{:02}:{}", sign, hours, minutes, rest);
  return fmt::format("T{}{}:{}", sign, minutes, rest);
}

std::string scope_text(const engine::RollbackView& view) {
  const std::size_t routes = view.rollback.plan.routes.size();
  if (view.of_routes) return fmt::format("{} of {} routes", routes, *view.of_routes);
  if (routes == 1) return "the one route";
  return routes == 0 ? "no route" : fmt::format("all {} routes", routes);
}

std::string heading_text(const engine::RollbackView& view) {
  const auto& rollback = view.rollback;
  const std::string why =
      rollback.reason.empty() ? "no reason given" : "\"" + escape_terminal(rollback.reason) + "\"";
  const std::string owner =
      rollback.incident ? ", of incident " + to_text(*rollback.incident) : std::string();
  return fmt::format(
      "Rollback {}: {} of {}, {}, phase {} to {}{}\n  {} by {}, {}; {}\n",
      to_text(rollback.plan.id),
      migration::to_text(rollback.plan.kind),
      scope_text(view),
      share_text(rollback.plan),
      migration::to_text(rollback.plan.from_phase),
      migration::to_text(rollback.plan.to_phase),
      owner,
      for_people(rollback.plan.started),
      escape_terminal(rollback.by),
      why,
      end_text(view)
  );
}

std::string heading_text(const engine::IncidentView& view) {
  const auto& incident = view.incident;
  std::string text = fmt::format(
      "Incident {}: {}, {}, {} rollback{}\n  {} by {}",
      to_text(incident.id),
      escape_terminal(incident.title),
      to_text(incident.severity),
      view.rollbacks.size(),
      view.rollbacks.size() == 1 ? "" : "s",
      for_people(incident.opened),
      escape_terminal(incident.by)
  );
  if (incident.commander) text += ", commander " + incident.commander->text();
  if (!view.closed) return text + "; open\n";
  return text + fmt::format(
                    "; closed by {} after {}\n",
                    escape_terminal(view.closed_by),
                    since_text(*view.closed - incident.opened).substr(2)
                );
}

Json row_of_timeline() {
  engine::TimelineEntry entry;
  // The two long texts that an event can have: its reason and its note.
  entry.objects.resize(2);
  return engine::to_json(entry);
}

bool GroupText::begin(const engine::GroupOf& of) {
  const std::string gap = groups_++ == 0 ? "" : "\n";
  of_rollback_ = of.rollback != nullptr;
  if (of.rollback != nullptr) return output_.write(gap + heading_text(*of.rollback));
  if (of.incident != nullptr) return output_.write(gap + heading_text(*of.incident));
  return output_.write(gap + "Between rollbacks\n");
}

bool GroupText::entry(const engine::TimelineEntry& entry, std::optional<Micros> since) {
  return output_.write(event_line(entry, since, !of_rollback_));
}

GroupList::GroupList(Output& output, Format format)
    : output_(output), format_(format), list_(format, row_of_groups()) {}

bool GroupList::begin(const engine::GroupOf& of) {
  ++number_;
  group_ = Json{
      {"group", number_}, {"incident", nullptr}, {"rollback", nullptr}, {"events", Json::array()}
  };
  if (of.incident != nullptr) group_["incident"] = engine::to_json(*of.incident);
  if (of.rollback != nullptr) group_["rollback"] = engine::to_json(*of.rollback);
  return true;
}

// In csv an element is a row, so that there each event is one.
bool GroupList::entry(const engine::TimelineEntry& entry, std::optional<Micros> since) {
  Json event = event_json(entry, since);
  if (format_ == Format::csv) {
    const auto id_of = [&](const char* of, const char* id) {
      return group_[of].is_null() ? Json(nullptr) : group_[of][id];
    };
    Json row{
        {"group", number_},
        {"incident", id_of("incident", "incident")},
        {"rollback", id_of("rollback", "id")}
    };
    row.update(event);
    return output_.write(list_.element(row));
  }
  group_["events"].push_back(std::move(event));
  const bool between = group_["rollback"].is_null() && group_["incident"].is_null();
  return !between || group_["events"].size() < kOutsideHeld || (end() && begin({}));
}

bool GroupList::end() {
  if (format_ == Format::csv || group_["events"].empty()) return true;
  return output_.write(list_.element(group_));
}

bool GroupEvents::begin(const engine::GroupOf& /*of*/) {
  return true;
}

bool GroupEvents::entry(const engine::TimelineEntry& entry, std::optional<Micros> since) {
  lines_.push_back(event_line(entry, since, false));
  events_.push_back(event_json(entry, since));
  return true;
}

std::string GroupEvents::text(bool all) const {
  std::string text;
  const std::size_t left_out =
      all || lines_.size() <= 2 * kShownOfEachEnd ? 0 : lines_.size() - 2 * kShownOfEachEnd;
  for (std::size_t at = 0; at < lines_.size(); ++at) {
    if (left_out > 0 && at == kShownOfEachEnd) {
      text += fmt::format("  ... {} more: --format wide shows them\n", left_out);
      at += left_out;
    }
    text += lines_[at];
  }
  return text;
}

}  // namespace hal9::tools
