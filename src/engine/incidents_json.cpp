#include "base/id.h"
#include "base/time.h"
#include "engine/json_parts.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "migration/incident.h"

#include <utility>

namespace hal9::engine {

Json incident_json(const migration::Incident& incident) {
  Json external = Json::array();
  for (const auto& one : incident.external) {
    external.push_back({{"system", one.system.text()}, {"id", one.id}});
  }
  return {
      {"incident", incident.id.opened.value},
      {"severity", to_text(incident.severity)},
      {"title", incident.title},
      {"commander", incident.commander ? Json(incident.commander->text()) : Json(nullptr)},
      {"opened", to_text(incident.opened)},
      {"by", incident.by},
      {"external", std::move(external)}
  };
}

Json to_json(const IncidentView& view) {
  Json rollbacks = Json::array();
  for (const auto& id : view.rollbacks) rollbacks.push_back(to_text(id));
  Json json = incident_json(view.incident);
  json["status"] = view.closed ? "closed" : "open";
  json["reason"] = nullable(view.reason);
  json["closed"] = view.closed ? Json(to_text(*view.closed)) : Json(nullptr);
  json["closed_by"] = nullable(view.closed_by);
  json["resolution"] = nullable(view.resolution);
  json["rollbacks"] = std::move(rollbacks);
  return json;
}

}  // namespace hal9::engine
