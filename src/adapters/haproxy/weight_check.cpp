// What a reload of HAProxy would do to weights, and whether it has what is configured.
#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/weight_balancer.h"
#include "adapters/haproxy/weight_pool.h"
#include "adapters/haproxy/weight_router.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

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

// Every name that this HAProxy does not have; of one that does not tell, nothing.
std::vector<std::string> not_there(
    const migration::Configuration& configuration, const WeightBalancer& balancer
) {
  std::vector<std::string> missing;
  const auto text = balancer.state();
  if (!text) return missing;
  const auto servers = parse_servers_state(*text);
  if (!servers) return missing;
  for (const auto& pool : weight_settings(configuration).pools) {
    if (std::ranges::find(*servers, pool.backend, &ServerState::backend) == servers->end()) {
      missing.push_back(fmt::format("HAProxy has no backend {} with servers", pool.backend));
      continue;
    }
    for (const auto* names : {&pool.flat, &pool.hierarchical}) {
      for (const auto& name : *names) {
        const bool there = std::ranges::any_of(*servers, [&](const ServerState& server) {
          return server.backend == pool.backend && server.name == name;
        });
        if (there) continue;
        missing.push_back(fmt::format("HAProxy's backend {} has no server {}", pool.backend, name));
      }
    }
  }
  return missing;
}

void say_not_seen(
    const migration::Configuration& configuration,
    const WeightBalancer& balancer,
    const Error& error,
    WeightCheck& check
) {
  const auto missing = error.code == Code::unreachable ? std::vector<std::string>{}
                                                       : not_there(configuration, balancer);
  for (const auto& one : missing) {
    check.misnamed.push_back(fmt::format(
        "balancer {}: {}, and router.pools names it: no share is set there, and a cut is not "
        "observed",
        balancer.name(),
        one
    ));
  }
  if (!missing.empty()) return;
  check.warnings.push_back(fmt::format(
      "whether a cut would work, and what a reload would do, could not be looked at: {}",
      sentence(error)
  ));
}

}  // namespace

WeightCheck check_weights(const migration::Configuration& configuration) {
  WeightCheck check;
  const auto& pools = weight_settings(configuration).pools;
  for (const auto& settings : configuration.haproxy.balancers) {
    const WeightBalancer balancer(configuration, settings);
    auto seen = balancer.pools();
    if (!seen) {
      say_not_seen(configuration, balancer, seen.error(), check);
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
