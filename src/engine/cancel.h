// What `rollback cancel` and its dry run look at.
#pragma once

#include "base/id.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <vector>

namespace hal9::engine {

// Null: it does not run.
const migration::RollbackPlan* running_plan(const migration::State& state, RollbackId id);
// Where the router shows the plan's routes.
std::vector<migration::RouteAmount> read_routes(
    const migration::RollbackPlan& plan, const Reading& reading
);

}  // namespace hal9::engine
