// What the doors share that lead forward.
#pragma once

#include "base/result.h"
#include "engine/environment.h"
#include "engine/service.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/state.h"

#include <string>
#include <vector>

namespace hal9::engine {

// The feature that is a phase: what mirrors requests.
inline constexpr const char* kShadowMode = "shadow_mode";

// What no gate would change (another phase is next, a rollback runs, a pause off the way): refused
// before anybody looks at gates or is asked, as decide refuses it.
Result<void> possible_behind_gates(
    Environment& environment,
    const Asker& asker,
    const migration::State& state,
    migration::CommandBody body
);
// As it was asked for; its gates are looked at later.
migration::Move body_of(const MoveRequest& request);
bool blocked(
    const std::vector<migration::Gate>& gates, const migration::Configuration& configuration
);
tl::unexpected<Error> not_confirmed();
// "canary (5%) -> ramp-up at 50% over 10m, on 2 of 15 routes"
std::string forward_text(
    const MoveRequest& request,
    const migration::State& state,
    const migration::Configuration& configuration
);
// Of everything and of single routes; 0: there is none.
ledger::Sequence newest_halt(const migration::State& state);

}  // namespace hal9::engine
