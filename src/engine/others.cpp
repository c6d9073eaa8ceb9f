#include "engine/others.h"

#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/state.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace hal9::engine {

std::vector<migration::RouteAmount> others_up(const Reading& reading) {
  std::vector<migration::RouteAmount> up;
  for (const auto& other : reading.others) {
    if (other.route && other.is_up()) up.push_back({*other.route, other.share, other.mirror});
  }
  return up;
}

std::vector<migration::RouteAmount> others_above(
    const Reading& reading, const migration::State& state
) {
  std::vector<migration::RouteAmount> above;
  for (const auto& other : others_up(reading)) {
    const auto known = state.routes.find(other.route);
    const auto now = known == state.routes.end() ? migration::RouteState{} : known->second;
    if (other.share > now.share.observed || other.mirror > now.mirror.observed) {
      above.push_back({other.route, now.share.observed, now.mirror.observed});
    }
  }
  return above;
}

std::vector<migration::RouteAmount> all_above(
    const Reading& reading, const migration::State& state
) {
  auto above = others_above(reading, state);
  for (const auto& route : reading.routes) {
    const auto known = state.routes.find(route.route);
    if (known == state.routes.end()) continue;
    const auto& recorded = known->second;
    if (route.share > recorded.share.observed || route.mirror > recorded.mirror.observed) {
      above.push_back({route.route, recorded.share.observed, recorded.mirror.observed});
    }
  }
  return above;
}

std::vector<migration::RouteAmount> as_read(
    const Reading& reading, const std::vector<migration::RouteAmount>& routes
) {
  std::vector<migration::RouteAmount> shown;
  for (const auto& amount : routes) {
    const auto route = std::ranges::find(reading.routes, amount.route, &RouteReading::route);
    const auto other =
        std::ranges::find(reading.others, std::optional(amount.route), &OtherReading::route);
    if (route != reading.routes.end()) {
      shown.push_back({amount.route, route->share, route->mirror});
    } else if (other != reading.others.end()) {
      shown.push_back({amount.route, other->share, other->mirror});
    }
  }
  return shown;
}

}  // namespace hal9::engine
