// Which weights give a share, and which share weights give.
//
// Weights are put on one line of steps. At the bottom flat has its full weight and hierarchical 0;
// hierarchical grows step by step while flat stays full, and only when hierarchical is full too flat
// falls. So a lowering never lowers flat and never raises hierarchical, a raise the other way round,
// and whichever of two writers comes late puts nothing above what the other one asked for. It is also
// the line on which HAProxy's round robin sends no burst (src/adapters/haproxy/README.md).
//
// The steps are the same for every pool, whatever its servers: k/(256+k) of the requests, then
// 256/(512-k). Shares are rounded up to hundredths where they are told, so that nothing is reported
// lower than it is, and asked ones are rounded down to a step. Pure functions, thread safe.
#pragma once

#include "base/share.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hal9::haproxy {

inline constexpr std::uint32_t kFullWeight = 256;            // of one server, and the most
inline constexpr std::uint32_t kLastStep = 2 * kFullWeight;  // all traffic is at hierarchical

// hierarchical / (hierarchical + flat), rounded up; 100% only where flat has nothing, and 0 only where
// hierarchical has nothing.
Share share_of(std::uint64_t hierarchical, std::uint64_t flat);

// The highest step whose share is not above this one.
std::uint32_t step_of(Share share);
Share share_at(std::uint32_t step);
// The share nearest from below; reachable(reachable(x)) == reachable(x).
Share reachable(Share share);

// The weight of each server, in the order of the pool's lists.
struct Weights {
  std::vector<std::uint32_t> flat;
  std::vector<std::uint32_t> hierarchical;
  bool operator==(const Weights&) const = default;
};

// Precondition: 1 to 256 servers of each system. The sums stand to each other as the step says.
Weights weights_at(std::uint32_t step, std::size_t flat_servers, std::size_t hierarchical_servers);
// `total` over so many servers, none more than one above another.
std::vector<std::uint32_t> spread(std::uint32_t total, std::size_t servers);

}  // namespace hal9::haproxy
