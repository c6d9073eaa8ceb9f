// Random values of the domain, for properties. Shares are drawn often at the ends, since rules
// break there.
#pragma once

#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/rollback.h"
#include "migration/route.h"

#include <string>
#include <vector>

#include <rapidcheck.h>

namespace hal9::migration::test {

rc::Gen<Share> any_share();
rc::Gen<Time> any_time();
rc::Gen<std::string> any_text();
rc::Gen<Route> any_route();
rc::Gen<std::vector<RouteAmount>> any_amounts();
rc::Gen<RollbackPlan> any_plan();
rc::Gen<RaisePlan> any_raise();
rc::Gen<Configuration> any_configuration();
rc::Gen<Fact> any_fact();
// Any command whatever, reports and cuts among them.
rc::Gen<CommandBody> any_body();
rc::Gen<Command> any_command();

}  // namespace hal9::migration::test
