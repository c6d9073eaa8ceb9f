// zstd (RFC 8878) over whole contents, bounded: what is said to be longer than `most` is not unpacked,
// and what is longer than it said is not either. Private to this folder. Thread-safe.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::objects {

// The most bytes that pack() makes of `content_bytes`.
std::size_t packed_bound(std::size_t content_bytes);
// Error: failed (no memory).
Result<std::string> pack(std::string_view content);
// One frame that says how long it is; absent: it is something else, or longer than `most`.
std::optional<std::string> unpack(std::string_view packed, std::size_t most);

}  // namespace hal9::objects
