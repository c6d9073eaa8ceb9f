// One pool as HAProxy shows it: its servers with their weights, and the share that these are. Pure
// functions, thread safe.
#pragma once

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/weights.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::haproxy {

struct WeightedServer {
  ServerState state;
  std::uint32_t weight = 0;     // as it was set
  std::uint32_t initial = 0;    // as HAProxy's configuration has it: what a restart begins with
  std::uint32_t effective = 0;  // what counts now: less than `weight` during a slow start
  StatRow stat;

  // Takes new requests by its weight.
  [[nodiscard]] bool serves() const {
    return state.up() && !state.in_maintenance() && !state.draining();
  }
};

struct PoolSeen {
  std::vector<WeightedServer> flat;          // in the order of the configuration
  std::vector<WeightedServer> hierarchical;  // the same
  std::uint64_t queued = 0;                  // in the backend, for whichever server is free
  std::vector<std::string> problems;         // a server that nobody listed, a spare one

  // Every hierarchical server is in maintenance: what no raise writes.
  [[nodiscard]] bool halted() const;
  [[nodiscard]] Weights weights() const;
  // What hierarchical gets, by the effective weights. A server that is down counts with its weight,
  // since it comes back by itself; so do those of a halted pool, whose share has no effect.
  [[nodiscard]] Share share() const;
};

// Of the configuration, and the file that follows them; of another kind of router none.
const migration::WeightSettings& weight_settings(const migration::Configuration& configuration);

// What cuts a pool off: flat's weights full, then maint, then weight 0. Flat's first, since with both at
// 0 nobody would answer.
std::vector<std::string> cut_commands(const migration::WeightPool& pool);

// The answers to pool_questions().
std::vector<std::string> pool_questions(const migration::WeightPool& pool);
// Error: failed, for answers that make no sense, and for a server that the backend does not have.
Result<PoolSeen> pool_seen(
    const migration::WeightPool& pool, std::string_view servers, std::string_view stat
);

// `set weight` for those that differ. Flat's rise first, then hierarchical's, then what falls of flat:
// at no moment is everything 0, and hierarchical is never above what both ends have.
std::vector<std::string> weight_commands(
    const migration::WeightPool& pool, const Weights& now, const Weights& wanted
);
// Toward flat: flat's higher, hierarchical's lower ones of both.
Weights toward_flat(const Weights& now, const Weights& wanted);
// The most of `wanted` for hierarchical that is at or below the share beside what flat takes now: less
// than it was set to while its servers start slowly or are down.
Weights beside_what_flat_takes(const PoolSeen& seen, Weights wanted, Share share);

// Sessions, requests and servers of one system in the pool.
engine::SystemReading system_of(const std::vector<WeightedServer>& servers);

}  // namespace hal9::haproxy
