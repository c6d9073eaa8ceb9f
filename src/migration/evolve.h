// state + event -> state. Total: any line of any origin gives a state; what makes no sense becomes
// an anomaly in it, never an error and never a crash.
#pragma once

#include "ledger/line.h"
#include "migration/state.h"

namespace hal9::migration {

// Decodes the event's data by its type and folds it in. Unknown types and undecodable data:
// anomaly.
void evolve(State& state, const ledger::Event& event);

}  // namespace hal9::migration
