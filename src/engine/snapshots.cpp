#include "engine/snapshots.h"

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/state.h"

#include <string>

namespace hal9::engine {

Result<void> keep_snapshot(
    ledger::Batch& batch, ledger::Sequence before, const migration::State& state
) {
  if (before.value / kNewestSnapshotEvery == state.sequence.value / kNewestSnapshotEvery) return {};
  if (auto thinned = batch.thin_snapshots(migration::kFold, kSnapshotEvery); !thinned)
    return thinned;
  return batch.put_snapshot(
      {state.sequence, std::string(migration::kFold), migration::encode_state(state)}
  );
}

}  // namespace hal9::engine
