// What an event is about. A line carries one subject; an event over several routes (or features)
// carries "all" and names them in its fact.
#pragma once

#include "migration/configuration.h"
#include "migration/events.h"

#include <string>

namespace hal9::engine {

// Whether `fact`, recorded under "all", is about `subject` too: it names that route or feature, or it
// concerns every route (phases, gates, rollbacks, halts) and `subject` is a configured one.
bool is_about(
    const migration::Fact& fact,
    const std::string& subject,
    const migration::Configuration& configuration
);

}  // namespace hal9::engine
