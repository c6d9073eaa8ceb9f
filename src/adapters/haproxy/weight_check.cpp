// What a reload of HAProxy would do to weights.
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/weight_balancer.h"
#include "adapters/haproxy/weight_pool.h"
#include "adapters/haproxy/weight_router.h"
#include "migration/configuration.h"

#include <cstddef>
#include <string>

#include <fmt/format.h>

namespace hal9::haproxy {

namespace {

using migration::WeightPool;

// Reloads put traffic back where HAProxy's own configuration has some and nothing else is read.
std::string comes_back(const WeightPool& pool, const PoolSeen& seen) {
  for (const auto& server : seen.hierarchical) {
    if (server.initial == 0) continue;
    return fmt::format(
        "server {}/{} has weight {} in HAProxy's configuration: without router.state_file a reload "
        "would put traffic back",
        pool.backend,
        server.state.name,
        server.initial
    );
  }
  return {};
}

}  // namespace

WeightCheck check_weights(const migration::Configuration& configuration) {
  WeightCheck check;
  const auto& pools = weight_settings(configuration).pools;
  for (const auto& settings : configuration.haproxy.balancers) {
    const WeightBalancer balancer(configuration, settings);
    auto seen = balancer.pools();
    if (!seen) {
      check.warnings.push_back(
          "what a reload would do could not be looked at: " + sentence(seen.error())
      );
      continue;
    }
    const bool followed =
        weight_settings(configuration).state_file.has_value() && balancer.is_here();
    for (std::size_t i = 0; i < pools.size(); ++i) {
      for (const auto& problem : (*seen)[i].problems) check.warnings.push_back(problem);
      if (followed) continue;
      if (auto back = comes_back(pools[i], (*seen)[i]); !back.empty()) {
        check.refusals.push_back(fmt::format("balancer {}: {}", balancer.name(), back));
      }
    }
  }
  return check;
}

}  // namespace hal9::haproxy
