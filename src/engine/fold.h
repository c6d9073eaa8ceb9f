// Folding a ledger into a state: the newest snapshot of this fold's version, then the tail.
#pragma once

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/state.h"

namespace hal9::engine {

// The state after event `at` (at most the head's). Errors: whatever the reader fails with; a
// snapshot that cannot be decoded is passed over, since every snapshot is disposable.
Result<migration::State> state_at(ledger::Reader& reader, ledger::Sequence at);

// Folds the events after state.sequence up to `to` into it. Error: damaged when a line is missing
// or not in the grammar.
Result<void> fold_tail(ledger::Reader& reader, migration::State& state, ledger::Sequence to);

}  // namespace hal9::engine
