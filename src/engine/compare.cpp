#include "engine/compare.h"

#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <string>

namespace hal9::engine {

namespace {

std::string percent(Share share) {
  return to_text(share) + "%";
}

void compare_one(Comparison& all, const std::string& place, Share recorded, Share observed) {
  if (recorded == observed) return;
  auto& list = observed > recorded ? all.above : all.other;
  list.push_back({place, percent(recorded), percent(observed)});
}

}  // namespace

void tell_halts_apart(Reading& reading, const migration::State& state) {
  if (!reading.halted || !reading.halted_each || state.halt || reading.routes.empty()) return;
  const bool each = std::ranges::all_of(reading.routes, [&](const RouteReading& route) {
    return state.halted_routes.contains(route.route);
  });
  if (!each) return;
  reading.halted = false;
  for (RouteReading& route : reading.routes) route.halted = true;
}

Comparison compare(const Reading& reading, const migration::State& state) {
  Comparison all;
  for (const auto& route : reading.routes) {
    const auto known = state.routes.find(route.route);
    const migration::RouteState recorded =
        known == state.routes.end() ? migration::RouteState{} : known->second;
    const std::string place = to_text(route.route);
    compare_one(all, place + " share", recorded.share.observed, route.share);
    compare_one(all, place + " mirror", recorded.mirror.observed, route.mirror);
    const bool halted = state.halted_routes.contains(route.route);
    // The switch for everything halts each of them too.
    if (halted == route.halted || (halted && reading.halted)) continue;
    all.other.push_back({place + " kill key", halted ? "on" : "off", route.halted ? "on" : "off"});
  }
  for (const auto& feature : reading.features) {
    const auto known = state.features.find(feature.feature);
    const Share recorded = known == state.features.end() ? Share::none() : known->second.observed;
    if (recorded == feature.percentage) continue;
    all.other.push_back(
        {"feature " + feature.feature.text(), percent(recorded), percent(feature.percentage)}
    );
  }
  return all;
}

}  // namespace hal9::engine
