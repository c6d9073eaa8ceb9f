#include "engine/fold.h"

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/evolve.h"
#include "migration/state.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace hal9::engine {

Result<migration::State> state_at(ledger::Reader& reader, ledger::Sequence at) {
  migration::State state;
  auto snapshot = reader.snapshot_before(migration::kFold, at);
  if (!snapshot) return pass_on(snapshot);
  const auto& nearest = *snapshot;
  if (nearest) {
    auto stored = migration::decode_state(nearest->state);
    if (stored && stored->sequence == nearest->sequence) state = std::move(*stored);
  }
  auto folded = fold_tail(reader, state, at);
  if (!folded) return pass_on(folded);
  return state;
}

Result<void> fold_tail(ledger::Reader& reader, migration::State& state, ledger::Sequence to) {
  if (state.sequence >= to) return {};
  ledger::Filter filter;
  filter.from = ledger::Sequence{state.sequence.value + 1};
  filter.to = to;
  std::optional<Error> bad;
  ledger::Event event;
  auto scanned = reader.scan(filter, [&](ledger::Sequence sequence, std::string_view line) {
    auto decoded = ledger::decode_for_fold(line, event);
    if (!decoded) {
      bad = decoded.error();
      return false;
    }
    if (sequence.value != state.sequence.value + 1) return false;
    migration::evolve(state, event);
    state.sequence = sequence;  // evolve is total; the place is the store's to say
    return true;
  });
  if (!scanned) return pass_on(scanned);
  if (bad) return tl::unexpected<Error>(std::move(*bad));
  if (state.sequence != to) {
    return fail(
        Code::damaged,
        fmt::format("event {} is not in the ledger", state.sequence.value + 1),
        fmt::format("the head says that there are {}", to.value),
        "nothing was changed",
        "hal9-migrate ledger verify"
    );
  }
  return {};
}

}  // namespace hal9::engine
