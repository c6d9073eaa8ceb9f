// What a command left where it is, for its outcome: routes below what a way back was asked to end at, and
// held ones that a move forward did not name. Each note ends in the line that raises these and no others.
#pragma once

#include "engine/views.h"
#include "ledger/line.h"
#include "migration/commands.h"

#include <vector>

namespace hal9::engine {

// `events`: of the command. What another rollback leads lower is said as that.
void say_what_stays(
    Outcome& outcome, const migration::CommandBody& body, const std::vector<ledger::Event>& events
);
void say_held(Outcome& outcome);

}  // namespace hal9::engine
