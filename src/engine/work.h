// What is still to do: a pure function of the state and of the time gone by. An executor that was
// killed anywhere goes on from it.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/state.h"

#include <optional>
#include <vector>

namespace hal9::engine {

enum class WorkKind {
  none,      // everything that was requested is observed
  lower,     // bring `routes` down: the step of a rollback, or amounts above what is requested
  wait,      // a ramp's next step is `pause` away
  raise,     // bring `routes` up, after the halt is cleared if `clear_halt`
  features,  // bring `features` to their requested percentage
};

struct Work {
  WorkKind kind = WorkKind::none;
  std::vector<migration::RouteAmount> routes;
  std::vector<migration::FeatureAmount> features;
  bool clear_halt = false;
  Micros pause{};
  std::optional<RollbackId> rollback;  // the one that `lower` and `wait` are a step of
};

// Lowering goes before everything else, raising comes last. `elapsed` is the time since the running
// rollback's start (ramp.h); nobody looks at it when none is running.
Work next_work(const migration::State& state, Micros elapsed);

}  // namespace hal9::engine
