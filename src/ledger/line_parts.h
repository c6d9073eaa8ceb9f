// What the two readers of a line share: which characters its members may hold. Internal to this folder.
#pragma once

#include "base/plain.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hal9::ledger {

inline constexpr std::string_view kSourcePrefix = "/hal9/ledger/";
inline constexpr std::size_t kSequenceDigits = 20;
inline constexpr std::size_t kMaxWord = 64;
inline constexpr std::size_t kMaxType = 128;
inline constexpr std::size_t kMaxActor = 256;
inline constexpr std::size_t kMaxSubject = 129;

// What a character may be part of, by a table: every byte of every line is looked at.
enum Part : std::uint8_t { kWord = 1, kActor = 2, kSubject = 4, kReason = 8 };

constexpr std::array<std::uint8_t, 256> make_parts() {
  std::array<std::uint8_t, 256> parts{};
  for (std::size_t c = 0; c < 128; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    if (digit || lower || c == '_') parts[c] |= kWord;
    if (digit || lower || upper || c == '_' || c == '.' || c == '-') parts[c] |= kSubject;
    if (kPlain[c]) parts[c] |= kReason;  // of a reason's characters those without an escape
    if (kPlain[c] && c != ' ') parts[c] |= kActor;
  }
  return parts;
}
inline constexpr auto kParts = make_parts();

constexpr bool is_part(Part part, char c) {
  return (kParts[static_cast<unsigned char>(c)] & part) != 0;
}

}  // namespace hal9::ledger
