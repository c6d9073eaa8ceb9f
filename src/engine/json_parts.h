// Pieces that several views have in JSON. Private to the engine's JSON files.
#pragma once

#include "base/share.h"
#include "base/time.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/incident.h"

#include <string>
#include <vector>

namespace hal9::engine {

// Null where nothing is known.
inline Json nullable(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

inline double percent(Share share) {
  return share.hundredths() / 100.0;
}
inline double seconds(Micros duration) {
  return static_cast<double>(duration.count()) / 1e6;
}
inline Json where_json(const Whereabouts& where) {
  return {
      {"ledger", where.ledger},
      {"migration", where.name},
      {"router", where.router},
      {"watchdog", where.watchdog}
  };
}

Json gates_json(const std::vector<migration::Gate>& gates);
Json incident_json(const migration::Incident& incident);
Json due_json(const migration::DueHook& due, bool entered_again);

}  // namespace hal9::engine
