// A write to the router that took effect while its files could not follow is no failed write: the
// traffic has moved and is read back; what is left undone is said.
#pragma once

#include "base/result.h"
#include "engine/router.h"
#include "migration/amounts.h"

#include <optional>
#include <span>
#include <vector>

namespace hal9::engine {

template <class T>
struct ReadBack {
  std::vector<T> observed;
  std::optional<Error> files;  // the router has the values, its files do not
};

using RoutesReadBack = ReadBack<migration::RouteAmount>;
using FeaturesReadBack = ReadBack<migration::FeatureAmount>;

// Errors: the router's, except Code::partly_done, which becomes `files` after another look.
Result<RoutesReadBack> set_and_read(
    Router& router, std::span<const migration::RouteAmount> routes, Toward toward
);
Result<FeaturesReadBack> set_and_read(
    Router& router, std::span<const migration::FeatureAmount> features
);

}  // namespace hal9::engine
