// Snapshots made again from the lines: beside those that are there, then put in their place as one.
// Killed anywhere, the old ones or the new ones are there; both are only a shorter way to a state.
#pragma once

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstdint>
#include <string>

namespace hal9::engine {

struct Rebuilt {
  ledger::Sequence up_to;  // the head when it began; what is recorded meanwhile is folded later
  std::uint64_t snapshots = 0;
  std::string state_digest;  // of the fold of all of them
};

// Reads every line from the first on; memory is constant. Writers wait for single batches only.
// Errors: damaged (a line is missing or not in the grammar: the old snapshots stay), those of begin().
Result<Rebuilt> rebuild_snapshots(ledger::Reader& reader, ledger::Store& store);

}  // namespace hal9::engine
