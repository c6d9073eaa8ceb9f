// What the tests of rollbacks and cuts begin with.
#pragma once

#include "base/share.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "migration/state.h"
#include "migration/support.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace hal9::migration::test {

inline const Route kRoute = route("us-west-2.substrate");

inline Bench in_canary(Share share) {
  Bench bench;
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, share));
  return bench;
}

inline RollBack gradual(std::chrono::minutes duration, std::optional<Share> percentage = {}) {
  auto back = rollback({}, percentage);
  back.gradual = duration;
  return back;
}

inline bool all_zero(const State& state) {
  return std::ranges::all_of(state.routes, [](const auto& entry) {
    return entry.second.share == Amount{} && entry.second.mirror == Amount{};
  });
}

}  // namespace hal9::migration::test
