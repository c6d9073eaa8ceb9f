// Incidents as folds of their own events, which are found by their subject.
#pragma once

#include "base/result.h"
#include "engine/views.h"
#include "ledger/store.h"
#include "migration/commands.h"
#include "migration/incident.h"

#include <optional>

namespace hal9::engine {

// As of the ledger's end. Error: usage (there is none of this number), those of reading.
Result<IncidentView> incident_view(ledger::Reader& reader, migration::IncidentId id);

// What a rollback's own command had to do with incidents, for its outcome: a named one that is not open
// was not hindered by it, and is said.
void say_incident(Outcome& outcome, const std::optional<migration::IncidentChoice>& choice);

}  // namespace hal9::engine
