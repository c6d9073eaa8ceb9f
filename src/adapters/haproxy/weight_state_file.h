// HAProxy's server-state-file, which follows the weights: what `show servers state` prints, with the
// weights and the maintenance that are wanted. HAProxy reads it at its start where its configuration
// says `server-state-file` and `load-server-state-from-file global`.
//
// It takes a weight over only where the server's weight in its configuration (srv_iweight) is still the
// one in the file, and maintenance always (measured on 2.6.12).
#pragma once

#include "adapters/haproxy/weights.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace hal9::haproxy {

// By the pool's place in the configuration.
using PoolWeights = std::map<std::size_t, Weights>;

// The text with these weights in the rows of the pools' servers; `halt` puts the hierarchical ones into
// maintenance as well. Other rows stay. Error: failed, for a text that is none of HAProxy's, or without
// a row for one of the servers. Pure.
Result<std::string> with_weights(
    std::string_view text,
    const migration::WeightSettings& settings,
    const PoolWeights& weights,
    bool halt
);

}  // namespace hal9::haproxy
