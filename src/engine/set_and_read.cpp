#include "engine/set_and_read.h"

#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <algorithm>
#include <span>
#include <utility>

namespace hal9::engine {

Result<RoutesReadBack> set_and_read(
    Router& router, std::span<const migration::RouteAmount> routes, Toward toward
) {
  auto set = router.set_traffic(routes, toward);
  if (set) return RoutesReadBack{std::move(*set), {}};
  if (set.error().code != Code::partly_done) return pass_on(set);
  auto reading = router.read();
  if (!reading) return pass_on(reading);
  RoutesReadBack back{{}, set.error()};
  const auto add = [&](const migration::Route& route, Share share, Share mirror) {
    const auto asked = std::ranges::find(routes, route, &migration::RouteAmount::route);
    if (asked == routes.end()) return;
    migration::RouteAmount observed{route, {}, {}};
    if (asked->share) observed.share = share;
    if (asked->mirror) observed.mirror = mirror;
    back.observed.push_back(observed);
  };
  for (const auto& one : reading->routes) add(one.route, one.share, one.mirror);
  for (const auto& one : reading->others) {
    if (one.route) add(*one.route, one.share, one.mirror);
  }
  return back;
}

Result<FeaturesReadBack> set_and_read(
    Router& router, std::span<const migration::FeatureAmount> features
) {
  auto set = router.set_features(features);
  if (set) return FeaturesReadBack{std::move(*set), {}};
  if (set.error().code != Code::partly_done) return pass_on(set);
  auto reading = router.read();
  if (!reading) return pass_on(reading);
  FeaturesReadBack back{{}, set.error()};
  for (const auto& one : reading->features) {
    const auto asked = std::ranges::find(features, one.feature, &migration::FeatureAmount::feature);
    if (asked != features.end()) back.observed.push_back(one);
  }
  return back;
}

}  // namespace hal9::engine
