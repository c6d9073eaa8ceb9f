// What a command left where it is, for its outcome: routes below what a way back was asked to end at, and
// held or halted ones that a move forward did not name. Each note ends in the line that raises these and
// no others, or in one for each region where no regions and components select them.
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
// `events`: of the command, whose end is what they would rise to. Nothing while a raise is open: no line
// raises them before that is through.
void say_held(Outcome& outcome, const std::vector<ledger::Event>& events);

}  // namespace hal9::engine
