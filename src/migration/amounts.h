// What was asked for, what was sent, what was read back: three facts, never mixed up.
#pragma once

#include "base/name.h"
#include "base/share.h"
#include "migration/route.h"

#include <optional>

namespace hal9::migration {

struct Amount {
  Share requested;
  Share applied;
  Share observed;
  auto operator<=>(const Amount&) const = default;
};

// Whether this is more than what was asked for, or than what is there.
inline bool rises_to(const Amount& now, Share wanted) {
  return wanted > now.requested || wanted > now.observed;
}

// A step over many routes is one event that lists its routes. What is absent is not touched.
struct RouteAmount {
  Route route;
  std::optional<Share> share;
  std::optional<Share> mirror;
  bool operator==(const RouteAmount&) const = default;
};

struct FeatureAmount {
  Name feature;
  Share percentage;
  bool operator==(const FeatureAmount&) const = default;
};

}  // namespace hal9::migration
