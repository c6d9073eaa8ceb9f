// What a line asks for beside a balancer that a restart has sent to flat.
#pragma once

#include "migration/commands.h"
#include "migration/state.h"

namespace hal9::engine {

// Whether it asks for nothing more than what is there already. Routes that stay behind until they are
// named are no part of a line that names none, as long as it is about others as well. Pure.
bool asks_for_what_is_there(const migration::State& state, const migration::Move& move);

}  // namespace hal9::engine
