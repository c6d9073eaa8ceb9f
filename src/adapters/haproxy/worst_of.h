// One error of several balancers' answers. Pure, thread safe.
#pragma once

#include "adapters/haproxy/map_commands.h"
#include "base/result.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace hal9::haproxy {

// Some balancers did it and some did not: one that does not answer goes before other errors.
template <class T>
std::optional<Error> worst_of(const std::vector<Result<T>>& results) {
  std::optional<Error> worst;
  for (const auto& result : results) {
    if (result) continue;
    if (!worst) {
      worst = result.error();
    } else {
      worst->code = std::min(worst->code, result.error().code);
      worst->what += "; " + sentence(result.error());
    }
  }
  if (worst && results.size() > 1 && worst->state.empty()) {
    worst->state = "the balancers that are not named did it";
  }
  return worst;
}

}  // namespace hal9::haproxy
