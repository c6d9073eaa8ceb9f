// Durable when acknowledged: ours beside the raw loop, one event a transaction and a thousand.
// Ours also encodes, checks and hashes, keeps the tree and takes the lock file.
#include "adapters/sqlite/sqlite_store.h"
#include "base/sha256.h"
#include "bench.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "life.h"
#include "raw_ledger.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::bench {

namespace {

namespace fs = std::filesystem;
using ledger::Draft;

// Events a second.
double run_ours(
    const fs::path& file, std::uint64_t first, std::uint64_t events, std::uint64_t at_once
) {
  auto store = must(sqlite::open(file));
  std::vector<Draft> drafts;
  for (std::uint64_t n = first; n < first + events; ++n) {
    drafts.push_back(one_draft(n));
    // Ours is one command a transaction; its record covers all of its events.
    drafts.back().causation = drafts[(n - first) / at_once * at_once].causation;
  }
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < events; i += at_once) {
    const Draft& draft = drafts[i];
    auto batch = must(store->begin(std::chrono::milliseconds{1000}));
    must(batch->append(
        {&draft, std::min(at_once, events - i)}, draft.time, *draft.causation, sha256(draft.data)
    ));
    must(batch->commit());
  }
  return static_cast<double>(events) / seconds_since(begin);
}

double run_raw(
    const fs::path& file, std::uint64_t first, std::uint64_t events, std::uint64_t at_once
) {
  RawLedger database(file);
  std::vector<Prepared> prepared;
  for (std::uint64_t n = first; n < first + events; ++n) {
    Draft draft = one_draft(n);
    const std::uint64_t of = (n - first) / at_once * at_once;
    if (of != n - first) draft.causation = prepared[of].event.draft.causation;
    Prepared& one =
        prepared.emplace_back(Prepared{{draft, ledger::source_of("bench"), {n}, draft.time}, {}});
    one.line = ledger::encode(one.event);
  }
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < events; i += at_once) {
    database.append(prepared.data() + i, prepared.data() + std::min(i + at_once, events));
  }
  return static_cast<double>(events) / seconds_since(begin);
}

void row(const Places& places, std::uint64_t events, std::uint64_t at_once, double wanted) {
  const fs::path ours = places.folder / fmt::format("ours-{}.db", at_once);
  const fs::path raw = places.folder / fmt::format("raw-{}.db", at_once);
  must(sqlite::create(ours, "bench"));
  must(sqlite::create(raw, "bench"));
  compare(
      fmt::format("append, {} a transaction, ev/s", at_once),
      places.rounds,
      {true, wanted},
      [&](std::uint64_t round) { return run_ours(ours, round * events + 1, events, at_once); },
      [&](std::uint64_t round) { return run_raw(raw, round * events + 1, events, at_once); }
  );
}

}  // namespace

void append_rows(const Places& places) {
  row(places, 500, 1, 0.90);
  row(places, 30000, 1000, 0.95);
}

}  // namespace hal9::bench
