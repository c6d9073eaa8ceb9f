// One HAProxy whose servers' weights are the shares, and what is asked of it. What balancer.h is for
// maps; weight_router.h puts several of them together and keeps the state file.
//
// The kill switch is `maint` on every hierarchical server of a pool: no raise writes it. A worker that
// a reload left behind lets nobody change its weights ("Proxy is disabled"): it is counted and told of,
// and only its sessions can be ended.
//
// Every call connects anew and ends by its own deadline. Errors name the balancer. Thread safety: one
// call at a time for one WeightBalancer.
#pragma once

#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/old_workers.h"
#include "adapters/haproxy/socket_client.h"
#include "adapters/haproxy/weight_pool.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace hal9::haproxy {

// By the pool's place in the configuration.
using PoolShares = std::map<std::size_t, Share>;

class WeightBalancer {
 public:
  WeightBalancer(const migration::Configuration& configuration, const migration::Balancer& balancer)
      : configuration_(configuration), balancer_(balancer), old_(configuration, balancer) {}

  [[nodiscard]] const std::string& name() const { return balancer_.name.text(); }
  // Reads the state file of this machine, if there is one.
  [[nodiscard]] bool is_here() const { return !balancer_.elsewhere.value_or(false); }

  [[nodiscard]] Result<engine::Reading> read() const;
  // Every pool, in the configuration's order.
  [[nodiscard]] Result<std::vector<PoolSeen>> pools() const;
  // The whole answer to `show servers state`, as the state file has it.
  [[nodiscard]] Result<std::string> state() const;
  // Writes what is there already. Error: failed, with what HAProxy says, or where a reload would put
  // traffic back since its configuration gives weights to hierarchical servers.
  [[nodiscard]] Result<void> prove_writable() const;
  // Sets what is asked (toward flat: never above what is there), waits for a slow start, and reads
  // back. Error: failed if a share is higher than asked; one that is lower after a raise is returned.
  [[nodiscard]] Result<PoolShares> set(const PoolShares& asked, engine::Toward toward) const;
  // Of these pools: hierarchical servers into maint, their weights 0, flat's full.
  [[nodiscard]] BalancerCut cut(const std::set<std::size_t>& pools, Deadline by) const;
  [[nodiscard]] engine::EndedSessions end_sessions() const;
  // Takes `servers` (backend/server) out of maintenance. Error: negative while no server of a pool
  // that it took some out of is up.
  [[nodiscard]] Result<void> clear_halt(const std::set<std::string>& servers) const;

 private:
  [[nodiscard]] Result<Connection> connect(
      Deadline by, std::chrono::milliseconds limit = Connection::kPatientLimit
  ) const;
  [[nodiscard]] tl::unexpected<Error> named(Error error) const;
  [[nodiscard]] const std::vector<migration::WeightPool>& all() const {
    return weight_settings(configuration_).pools;
  }
  // Asks `commands` and then for every pool; the last of it.
  [[nodiscard]] Result<std::vector<PoolSeen>> look(
      Connection& connection, std::vector<std::string> commands, Deadline by
  ) const;
  [[nodiscard]] Result<std::vector<PoolSeen>> pools_in(
      const std::vector<std::string>& answers, std::size_t from
  ) const;
  [[nodiscard]] Result<std::vector<PoolSeen>> lower(
      Connection& connection, const PoolShares& asked, Deadline by
  ) const;
  [[nodiscard]] Result<std::vector<PoolSeen>> raise(
      Connection& connection, const PoolShares& asked, Deadline by
  ) const;
  [[nodiscard]] Result<void> add_old_workers(engine::Reading& reading, Deadline by) const;
  void cut_in(
      Connection& connection, const std::set<std::size_t>& pools, Deadline by, BalancerCut& cut
  ) const;
  void cut_old(Deadline by, BalancerCut& cut) const;
  [[nodiscard]] Result<std::size_t> end_old_sessions(Deadline by) const;
  [[nodiscard]] std::string not_ended(const Error& error) const;

  const migration::Configuration& configuration_;
  migration::Balancer balancer_;
  OldWorkers old_;
};

// What these pools show, as the port tells it.
engine::Reading weight_reading(
    const migration::Configuration& configuration,
    const Name& balancer,
    const std::vector<PoolSeen>& pools
);
// Shares of the routes of these pools.
std::vector<migration::RouteAmount> weight_amounts(
    const migration::Configuration& configuration, const PoolShares& shares
);

}  // namespace hal9::haproxy
