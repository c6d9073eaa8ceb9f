// What of a migration's state is another after an event, as people read it.
#pragma once

#include "engine/explain.h"
#include "migration/state.h"

#include <vector>

namespace hal9::engine {

// By place; what stayed is not in it.
std::vector<Change> changes_between(const migration::State& before, const migration::State& after);

}  // namespace hal9::engine
