// What a selection of routes and several rollbacks at once come to, for those who put it into words or
// go on without a ledger.
#pragma once

#include "base/id.h"
#include "engine/cut.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/route.h"
#include "migration/state.h"

#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

// Whether the command is about the route: a rollback of others is not.
bool is_selected(const migration::CommandBody& body, const migration::Route& route);

// Every route as it was last observed.
std::vector<migration::RouteAmount> observed_routes(const migration::State& state);

// " --regions A": the options of a forward command that raise these of all routes, held ones too, and never
// another one; where no regions and components select them, those in the first one's region.
std::string naming(
    const std::vector<migration::Route>& routes, const std::vector<migration::Route>& all
);

// The rollback that the command began or joined.
std::optional<RollbackId> own_rollback(const std::vector<ledger::Event>& events);

// Of a selection, how many of all there are; and what of somebody else is still under way.
void say_beside(
    Outcome& outcome, const migration::CommandBody& body, const std::optional<RollbackId>& own
);

// A raise that somebody's way back has overtaken is not done, whatever else is. Nothing of other commands.
void say_overtaken(Outcome& outcome, const std::vector<ledger::Event>& events);

// To where the plan goes that was under way, or all of them where none is the caller's own; a route
// that several lower goes to the lowest of their targets.
void go_by_plans(
    Lowering& lowering, const migration::State& state, const std::optional<RollbackId>& own
);

}  // namespace hal9::engine
