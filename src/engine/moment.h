// The state at the moment that a question is about, and its routes beside what the router shows.
#pragma once

#include "base/result.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "ledger/store.h"
#include "migration/state.h"

#include <optional>
#include <vector>

namespace hal9::engine {

struct Moment {
  ledger::Head head;
  migration::State state;
  bool as_of = false;  // an earlier moment was asked for
};

// Errors: usage for a sequence beyond the ledger's end; those of reading.
Result<Moment> moment_at(ledger::Reader& reader, const AsOf& as_of);

// `looked`: the router is one that can be read back; otherwise its reading is left out.
std::vector<RouteView> route_views(
    const migration::State& state, const std::optional<Reading>& reading, bool looked
);

}  // namespace hal9::engine
