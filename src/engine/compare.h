// What the router shows against what is on record. Pure.
#pragma once

#include "engine/router.h"
#include "engine/views.h"
#include "migration/state.h"

#include <vector>

namespace hal9::engine {

struct Comparison {
  std::vector<Difference> above;  // of shares and mirrors: the router shows more than is recorded
  std::vector<Difference> other;  // lower shares and mirrors, and features
};

// Where the router has no switch for everything (Reading::halted_each), and each route's halt is on
// record and none of everything: that is what the reading says then.
void tell_halts_apart(Reading& reading, const migration::State& state);

// Values, and neither the kill switch nor the systems behind the router.
Comparison compare(const Reading& reading, const migration::State& state);

}  // namespace hal9::engine
