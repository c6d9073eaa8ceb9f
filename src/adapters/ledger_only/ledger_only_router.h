// The router that moves nothing: what is recorded is all there is, and every line printed says so.
// Each call hears the last recorded amounts, which stand in for a read-back.
#pragma once

#include "engine/router.h"
#include "migration/configuration.h"
#include "migration/state.h"

#include <functional>
#include <memory>

namespace hal9::ledger_only {

// `recorded` gives the state as the ledger has it now.
std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration, std::function<migration::State()> recorded
);

}  // namespace hal9::ledger_only
