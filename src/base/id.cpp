#include "base/id.h"

#include "base/result.h"
#include "base/time.h"

#include <array>
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

// By a table: each event that is read has three or four ids.
constexpr std::array<std::int8_t, 256> make_hex_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::int8_t value = 0;
  for (const char digit : kDigits) values[static_cast<unsigned char>(digit)] = value++;
  return values;
}
constexpr auto kHexValues = make_hex_values();

int hex_value(char digit) {
  return kHexValues[static_cast<unsigned char>(digit)];
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

Result<Bytes16> parse_uuid(std::string_view text) {
  const auto refused = [] {
    return fail(
        Code::usage,
        "that is not an id",
        "an id looks like 0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b, in lower case",
        "nothing was changed"
    );
  };
  if (text.size() != 36) return refused();
  Bytes16 bytes{};
  int all = 0;  // below 0 once one of them was
  std::size_t at = 0;
  for (std::uint8_t& byte : bytes) {
    if (is_dash(at)) {
      if (text[at] != '-') return refused();
      ++at;
    }
    const int high = hex_value(text[at++]);
    const int low = hex_value(text[at++]);
    all |= high | low;
    byte = static_cast<std::uint8_t>(high * 16 + low);
  }
  if (all < 0) return refused();
  return bytes;
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
