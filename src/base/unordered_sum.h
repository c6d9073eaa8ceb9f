// Whether two lists hold the same items, in whatever order, without keeping or sorting either: the sum
// of a keyed mix of each. Who made the lists must not have known the key, or he could have balanced
// what is wrong with them: it is random, and of one look.
#pragma once

#include "base/id.h"

#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace hal9 {

class UnorderedSum {
 public:
  explicit UnorderedSum(const Bytes16& key) {
    std::memcpy(&start_, key.data(), sizeof start_);
    std::memcpy(&factor_, key.data() + sizeof start_, sizeof factor_);
    factor_ |= 1U;
  }

  // One item, by its numbers.
  void add(std::initializer_list<std::uint64_t> item) {
    std::uint64_t mixed = start_;
    for (const std::uint64_t part : item) {
      mixed = (mixed ^ part) * factor_;
      mixed ^= mixed >> 32U;
      mixed *= 0x9E3779B97F4A7C15U;
      mixed ^= mixed >> 29U;
    }
    sum_ += mixed;
    ++count_;
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  // Precondition: the same key.
  bool operator==(const UnorderedSum&) const = default;

 private:
  std::uint64_t start_ = 0;
  std::uint64_t factor_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t count_ = 0;
};

// Bytes16 as two numbers of an item.
inline std::uint64_t first_half(const Bytes16& bytes) {
  std::uint64_t half = 0;
  std::memcpy(&half, bytes.data(), sizeof half);
  return half;
}
inline std::uint64_t second_half(const Bytes16& bytes) {
  std::uint64_t half = 0;
  std::memcpy(&half, bytes.data() + sizeof half, sizeof half);
  return half;
}

}  // namespace hal9
