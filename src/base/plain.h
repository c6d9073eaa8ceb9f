// Text that stands for itself in a JSON string: printable ASCII but quote and backslash. By a table,
// since nearly every byte that is read is looked at.
#pragma once

#include <array>
#include <cstddef>

namespace hal9 {

constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (std::size_t c = ' '; c <= '~'; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
inline constexpr auto kPlain = make_plain();

// The first byte from `at` on that is not plain, or `end`.
inline const char* past_plain(const char* at, const char* end) {
  while (at != end && kPlain[static_cast<unsigned char>(*at)]) ++at;
  return at;
}

}  // namespace hal9
