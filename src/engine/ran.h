// What a rollback did, beside what it had planned: how long it took, in how many steps, and how far above
// its line the router was read back.
#pragma once

#include "base/share.h"
#include "base/time.h"

#include <cstdint>
#include <optional>

namespace hal9::engine {

struct RanView {
  Micros planned{};           // from its start to its end by the plan; 0: at once
  std::optional<Micros> ran;  // the same as it was; absent: it has not ended
  std::uint64_t steps = 0;    // that were read back (or, on ledger-only, recorded)
  // The most that a route's share was above where the plan had it at the time when it was read back; of an
  // immediate one nothing is a line.
  std::optional<Share> above;
  std::uint64_t stalls = 0;     // times that the router did not do it or did not answer
  std::uint64_t executors = 0;  // processes that went on with it, the first one too
};

}  // namespace hal9::engine
