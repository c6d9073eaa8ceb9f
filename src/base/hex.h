// Hexadecimal digits to bytes, several at once: each event that is read has a hundred of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hal9 {

// N lower-case digits to N / 2 bytes; false: one of them is none, and `into` is of no use.
template <std::size_t N>
bool read_hex(const char* digits, std::uint8_t* into) {
  static_assert(N % 2 == 0 && N <= 8);
  // A digit in each byte of one number, the first one lowest.
  std::uint64_t text = 0;
  for (std::size_t i = 0; i < N; ++i) {
    text |= static_cast<std::uint64_t>(static_cast<unsigned char>(digits[i])) << (8 * i);
  }
  constexpr std::uint64_t kEach = 0x0101010101010101U >> (8 * (8 - N));
  // '0' is 0x30 and 'a' is 0x61: the lower half of the byte, and 9 more where bit 6 says letter.
  const std::uint64_t letters = text >> 6U & kEach;
  const std::uint64_t values = (text & kEach * 0x0FU) + letters * 9U;
  // Whatever is no digit has a value above 15 or is not what that value is written as.
  const std::uint64_t above_9 = (values + kEach * 6U) >> 4U & kEach;
  const std::uint64_t written = values + kEach * '0' + above_9 * ('a' - '0' - 10U);
  const std::uint64_t pairs = values << 4U | values >> 8U;  // every second byte is one
  for (std::size_t i = 0; i < N / 2; ++i) into[i] = static_cast<std::uint8_t>(pairs >> (16 * i));
  return written == text && (values & kEach * 0xF0U) == 0;
}

}  // namespace hal9
