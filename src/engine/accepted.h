// The configuration that a ledger accepted last, from the ledger itself.
#pragma once

#include "base/result.h"
#include "ledger/store.h"
#include "migration/configuration.h"
#include "migration/state.h"

#include <optional>

namespace hal9::engine {

// As of `state`; absent: none was accepted yet. Errors: those of reading.
Result<std::optional<migration::Configuration>> accepted_configuration(
    ledger::Reader& reader, const migration::State& state
);

}  // namespace hal9::engine
