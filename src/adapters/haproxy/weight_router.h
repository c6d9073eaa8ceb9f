// The router port on HAProxy where server weights in one backend are the split: a pool of routes moves
// as one. What it cannot do: mirrors, features, shares between two steps of weights.h. README.md has
// what the real one did.
#pragma once

#include "base/result.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <memory>
#include <string>
#include <vector>

namespace hal9::haproxy {

// Precondition: configuration.router == RouterKind::haproxy_weights. Connects at each call, so a router
// that is restarted meanwhile is no matter. Copies what it needs.
std::unique_ptr<engine::Router> make_weight_router(const migration::Configuration& configuration);

// For `config check`: what a reload of HAProxy would do, and whether those that answer have what
// router.pools names. `refusals`: a reload would put traffic back.
struct WeightCheck {
  std::vector<std::string> refusals;
  std::vector<std::string> misnamed;  // sentences: a backend or server that a HAProxy does not have
  std::vector<std::string> warnings;
};
WeightCheck check_weights(const migration::Configuration& configuration);

std::vector<std::string> weight_break_glass_lines(
    const migration::Configuration& configuration,
    const std::vector<std::string>& names,       // of balancers; empty: all of them
    const std::vector<migration::Route>& routes  // whose pools; empty: all of them
);

}  // namespace hal9::haproxy
