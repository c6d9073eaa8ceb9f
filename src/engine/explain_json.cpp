#include "engine/explain.h"
#include "engine/json_parts.h"
#include "engine/views.h"
#include "engine/views_json.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

Json entries_json(const std::vector<TimelineEntry>& entries) {
  Json list = Json::array();
  for (const TimelineEntry& entry : entries) list.push_back(to_json(entry));
  return list;
}

}  // namespace

Json to_json(const ExplainView& view) {
  Json causes = Json::array();
  for (const Cause& cause : view.causes) {
    causes.push_back({{"how", cause.how}, {"event", to_json(cause.entry)}});
  }
  Json changes = Json::array();
  for (const Change& change : view.changes) {
    changes.push_back(
        {{"place", change.place},
         {"what", nullable(change.what)},
         {"before", change.before},
         {"after", change.after}}
    );
  }
  // As a line has it; a damaged one has none.
  Json data = Json::parse(view.data, nullptr, false);
  return {
      {"where", where_json(view.where)},
      {"event", to_json(view.entry)},
      {"id", nullable(view.id)},
      {"role", nullable(view.role)},
      {"command", nullable(view.command)},
      {"leaf", view.leaf},
      {"data", data.is_discarded() ? Json(nullptr) : std::move(data)},
      {"began", view.began},
      {"causes", std::move(causes)},
      {"with_it", entries_json(view.with_it)},
      {"after", entries_json(view.after)},
      {"more", view.more},
      {"changes", std::move(changes)},
      {"prove", fmt::format("hal9-migrate ledger prove {}", view.entry.sequence.value)}
  };
}

}  // namespace hal9::engine
