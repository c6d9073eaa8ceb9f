#include "base/id.h"

#include "base/hex.h"
#include "base/result.h"
#include "base/time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hal9 {

namespace {

constexpr bool is_dash(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

std::string to_uuid_text(const Bytes16& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    if (is_dash(at)) ++at;
    text[at++] = kDigits[byte >> 4U];
    text[at++] = kDigits[byte & 15U];
  }
  return text;
}

bool parse_uuid(std::string_view text, Bytes16& into) {
  if (text.size() != kUuidLength) return false;
  const char* const at = text.data();
  const bool dashes = at[8] == '-' && at[13] == '-' && at[18] == '-' && at[23] == '-';
  return dashes && read_hex<8>(at, into.data()) && read_hex<4>(at + 9, &into[4]) &&
         read_hex<4>(at + 14, &into[6]) && read_hex<4>(at + 19, &into[8]) &&
         read_hex<8>(at + 24, &into[10]) && read_hex<4>(at + 32, &into[14]);
}

Result<Bytes16> parse_uuid(std::string_view text) {
  Bytes16 bytes{};
  if (parse_uuid(text, bytes)) return bytes;
  return fail(
      Code::usage,
      "that is not an id",
      "an id looks like 0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b, in lower case",
      "nothing was changed"
  );
}

Bytes16 make_uuid7(Time time, const Bytes16& random) {
  Bytes16 bytes = random;
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const auto milliseconds = static_cast<std::uint64_t>(since_epoch.count());
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
  }
  bytes[6] = static_cast<std::uint8_t>(0x70U | (bytes[6] & 0x0FU));  // version 7
  bytes[8] = static_cast<std::uint8_t>(0x80U | (bytes[8] & 0x3FU));  // variant 10
  return bytes;
}

}  // namespace hal9
