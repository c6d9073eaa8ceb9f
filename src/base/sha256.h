// SHA-256 (FIPS 180-4) over bytes, by libcrypto.
#pragma once

#include "base/result.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace hal9 {

using Digest = std::array<std::uint8_t, 32>;

// The parts are hashed as if they stood one behind the other. Thread-safe.
Digest sha256(std::initializer_list<std::string_view> parts);
inline Digest sha256(std::string_view bytes) {
  return sha256({bytes});
}

// 64 lower-case hexadecimal digits.
std::string to_hex(const Digest& digest);
Result<Digest> parse_digest(std::string_view hex);

// A digest's 32 bytes as they are, for hashing and storing.
inline std::string_view as_bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace hal9
