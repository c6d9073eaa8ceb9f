// JSON from outside, read within limits: at most 1 MiB and 32 levels, UTF-8, one document, no name
// twice in an object, integers that every reader holds exactly. A number with a fraction stays the
// text that it was written as, so that 12.25 is 12.25 and nothing near it.
//
// Thread-safe.
#pragma once

#include "base/result.h"
#include "base/share.h"

#include <cstddef>
#include <string_view>

#include <nlohmann/json.hpp>

namespace hal9::exec {

inline constexpr std::size_t kMostJson = std::size_t{1024} * 1024;

// Error: damaged; `why` says what is wrong, at which byte where it can.
Result<nlohmann::json> read_strict_json(std::string_view bytes);

// A percentage: a number or a text of 0 to 100 with at most two decimals. Error: damaged.
Result<Share> share_in(const nlohmann::json& value);

}  // namespace hal9::exec
