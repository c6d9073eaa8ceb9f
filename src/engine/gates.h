// Looking at the gates before traffic goes forward. What is seen goes into the command; decide
// judges it. A gate with nothing configured behind it is `not checked`: printed and recorded, never
// passed.
#pragma once

#include "engine/router.h"
#include "engine/spool.h"
#include "migration/gate.h"
#include "migration/state.h"

#include <vector>

namespace hal9::engine {

// `overrides` marks gates as overridden; it changes no outcome.
std::vector<migration::Gate> look_at_gates(
    const migration::State& state,
    Router& router,
    Spool& spool,
    const std::vector<migration::GateName>& overrides
);

}  // namespace hal9::engine
