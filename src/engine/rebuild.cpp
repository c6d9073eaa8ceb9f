#include "engine/rebuild.h"

#include "base/result.h"
#include "engine/fold.h"
#include "engine/snapshots.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace hal9::engine {

namespace {

// A fold that nobody reads.
const std::string kBeside = "rebuilding-" + std::string(migration::kFold);
constexpr std::chrono::seconds kWait{10};
// So many snapshots a transaction: some milliseconds for whoever waits behind it.
constexpr std::size_t kTogether = 64;

Result<void> put(ledger::Store& store, const std::vector<ledger::Snapshot>& snapshots) {
  if (snapshots.empty()) return {};
  auto batch = store.begin(kWait);
  if (!batch) return pass_on(batch);
  for (const ledger::Snapshot& snapshot : snapshots) {
    if (auto done = (*batch)->put_snapshot(snapshot); !done) return done;
  }
  return (*batch)->commit();
}

Result<void> swap(ledger::Store& store, const std::string& from, const std::string& into) {
  auto batch = store.begin(kWait);
  if (!batch) return pass_on(batch);
  if (auto swapped = (*batch)->swap_snapshots(from, into); !swapped) return swapped;
  return (*batch)->commit();
}

}  // namespace

Result<Rebuilt> rebuild_snapshots(ledger::Reader& reader, ledger::Store& store) {
  auto head = reader.head();
  if (!head) return pass_on(head);
  // What one that was killed has left.
  if (auto emptied = swap(store, kBeside, kBeside); !emptied) return pass_on(emptied);
  Rebuilt rebuilt{head->sequence, 0, {}};
  migration::State state;
  std::vector<ledger::Snapshot> made;
  while (state.sequence < head->sequence) {
    const ledger::Sequence next{state.sequence.value + kSnapshotEvery};
    const bool last = next > head->sequence;
    if (auto done = fold_tail(reader, state, std::min(next, head->sequence)); !done) {
      return pass_on(done);
    }
    if (last) break;
    made.push_back({state.sequence, kBeside, migration::encode_state(state)});
    ++rebuilt.snapshots;
    if (made.size() < kTogether) continue;
    if (auto done = put(store, made); !done) return pass_on(done);
    made.clear();
  }
  if (auto done = put(store, made); !done) return pass_on(done);
  if (auto done = swap(store, kBeside, std::string(migration::kFold)); !done) return pass_on(done);
  rebuilt.state_digest = migration::state_digest(state);
  return rebuilt;
}

}  // namespace hal9::engine
