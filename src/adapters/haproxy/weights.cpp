#include "adapters/haproxy/weights.h"

#include "base/share.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hal9::haproxy {

namespace {

std::uint32_t hierarchical_at(std::uint32_t step) {
  return std::min(step, kFullWeight);
}

std::uint32_t flat_at(std::uint32_t step) {
  return std::min(kFullWeight, kLastStep - step);
}

}  // namespace

Share share_of(std::uint64_t hierarchical, std::uint64_t flat) {
  if (hierarchical == 0) return Share::none();
  if (flat == 0) return Share::all();
  const std::uint64_t whole = hierarchical + flat;
  const std::uint64_t up = (hierarchical * Share::kWhole + whole - 1) / whole;
  return Share::of_hundredths(
      static_cast<std::uint32_t>(std::min<std::uint64_t>(up, Share::kWhole - 1))
  );
}

Share share_at(std::uint32_t step) {
  return share_of(hierarchical_at(step), flat_at(step));
}

std::uint32_t step_of(Share share) {
  std::uint32_t low = 0;
  std::uint32_t high = kLastStep;
  while (low < high) {
    const std::uint32_t middle = (low + high + 1) / 2;
    if (share_at(middle) <= share) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

Share reachable(Share share) {
  return share_at(step_of(share));
}

std::vector<std::uint32_t> spread(std::uint32_t total, std::size_t servers) {
  std::vector<std::uint32_t> weights;
  const auto count = static_cast<std::uint32_t>(servers);
  for (std::uint32_t i = 0; i < count; ++i) {
    weights.push_back((total / count) + (i < total % count ? 1 : 0));
  }
  return weights;
}

Weights weights_at(std::uint32_t step, std::size_t flat_servers, std::size_t hierarchical_servers) {
  // The system with fewer servers has full ones: each step then is one of each of its servers.
  const auto times = static_cast<std::uint32_t>(std::min(flat_servers, hierarchical_servers));
  return {
      spread(flat_at(step) * times, flat_servers),
      spread(hierarchical_at(step) * times, hierarchical_servers)
  };
}

}  // namespace hal9::haproxy
