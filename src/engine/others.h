// Routes that the router's maps hold and the configuration does not: what is to be done about them
// on a way back. They have no share to hold, whatever target the configured ones go to.
#pragma once

#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/state.h"

#include <vector>

namespace hal9::engine {

// As they stand, those that are up.
std::vector<migration::RouteAmount> others_up(const Reading& reading);

// Those that stand above what the ledger knows of them (0 where it knows none), each with that.
std::vector<migration::RouteAmount> others_above(
    const Reading& reading, const migration::State& state
);

// The same, and every route that the ledger knows and the router shows above its record.
std::vector<migration::RouteAmount> all_above(
    const Reading& reading, const migration::State& state
);

// What the router shows of these routes.
std::vector<migration::RouteAmount> as_read(
    const Reading& reading, const std::vector<migration::RouteAmount>& routes
);

}  // namespace hal9::engine
