// Which folded states are stored beside the lines: each command is a process that folds from the last
// one (at 1,000 events an emergency spent more time on folding than on its router), and every moment
// of the past is asked for as well.
//
// Invariant: of every kSnapshotEvery sequences the first snapshot stays for good; of the others only the
// newest is there, at most kNewestSnapshotEvery events and one transaction behind the head.
#pragma once

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/state.h"

#include <cstdint>

namespace hal9::engine {

inline constexpr std::uint64_t kSnapshotEvery = 128;
inline constexpr std::uint64_t kNewestSnapshotEvery = 16;

// Stores `state`, which is that of the batch's last event, if one is due since `before`. Errors: those
// of writing.
Result<void> keep_snapshot(
    ledger::Batch& batch, ledger::Sequence before, const migration::State& state
);

}  // namespace hal9::engine
