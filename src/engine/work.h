// What is still to do: a pure function of the state and of the time gone by. An executor that was
// killed anywhere goes on from it.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace hal9::engine {

enum class WorkKind : std::uint8_t {
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
  bool operator==(const Work&) const = default;
};

// What the caller's own command asked to be raised, behind its gates.
enum class MayRaise : std::uint8_t { nothing, routes, features };

// Lowering goes before everything else, raising comes last. What was read back lower than it was
// applied is a drift, not work: only a request that was not applied yet raises anything, only on a
// route that is still configured, and only for the command whose request it is. `elapsed` says the
// time since a running rollback's start (ramp.h); nobody asks it when none is running. Of several
// rollbacks the first one that has something to lower does its step.
using Elapsed = std::function<Micros(const migration::RollbackPlan&)>;
Work next_work(const migration::State& state, const Elapsed& elapsed, MayRaise may_raise);

// Where these routes should be at this moment, as far as they are lowered: by the lowest of the ramps
// that run, else what is requested; never above what was read back last.
std::vector<migration::RouteAmount> wanted_now(
    const migration::State& state,
    const Elapsed& elapsed,
    const std::vector<migration::RouteAmount>& routes
);

// Whether the plan's routes are at or below their targets, as far as anybody has read them.
bool at_target(const migration::State& state, const migration::RollbackPlan& plan);

}  // namespace hal9::engine
