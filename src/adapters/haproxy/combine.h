// What several balancers showed, as one reading: nothing lower than the highest of them.
// Pure functions, thread safe.
#pragma once

#include "engine/router.h"
#include "migration/amounts.h"

#include <string>
#include <utility>
#include <vector>

namespace hal9::haproxy {

// Precondition: at least one; each with the same routes and features in the same order.
engine::Reading combine(std::vector<std::pair<std::string, engine::Reading>> readings);

// Raises `into` to the higher value of each route; an empty one takes all of `other`.
void raise_to(
    std::vector<migration::RouteAmount>& into, const std::vector<migration::RouteAmount>& other
);

}  // namespace hal9::haproxy
