// Reading what JsonWriter wrote, member by member in its order, without a document between: a fold of
// a million events is mostly this. Internal to this folder.
//
// It takes a part of the one form only: text of printable ASCII without escapes. What it takes,
// decode_fields would take with the same value; whatever else there is, it gives up and says
// nothing, and the reader over a document judges, so that a refusal reads the same on both roads.
#pragma once

#include "base/plain.h"
#include "base/result.h"
#include "migration/codec_io.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::migration {

class ScanReader {
 public:
  static constexpr bool kReads = true;

  explicit ScanReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  // As JsonReader's: an optional that is not the next member is absent.
  template <class T>
  void operator()(std::string_view name, T& value) {
    if (!good_) return;
    if constexpr (IsOptional<T>::value) {
      value.reset();
      if (name_is_next(name)) read(value.emplace());
    } else {
      if (!name_is_next(name)) return give_up();
      read(value);
    }
  }
  // A member's value that its type refuses.
  void refuse(std::string_view /*name*/, std::string_view /*why*/) { give_up(); }

  // The whole of the bytes as one object.
  template <class T>
  bool read_all(T& value) {
    read(value);
    return good_ && at_ == end_;
  }

 private:
  void give_up() { good_ = false; }
  bool accept(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool accept(std::string_view token) {
    if (!std::string_view(at_, rest()).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  [[nodiscard]] std::size_t rest() const { return static_cast<std::size_t>(end_ - at_); }

  // Past `,"name":`, or nothing was read.
  bool name_is_next(std::string_view name) {
    const char* const before = at_;
    if ((first_ || accept(',')) && accept('"') && accept(name) && accept("\":")) {
      first_ = false;
      return true;
    }
    at_ = before;
    return false;
  }

  std::string_view text() {
    if (!accept('"')) {
      give_up();
      return {};
    }
    const char* const begin = at_;
    at_ = past_plain(at_, end_);
    const std::string_view found(begin, static_cast<std::size_t>(at_ - begin));
    if (!accept('"')) give_up();
    return found;
  }
  std::uint64_t number() {
    const char* const begin = at_;
    std::uint64_t value = 0;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - begin < 16) {
      value = value * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    }
    const bool spelt = at_ != begin && (*begin != '0' || at_ - begin == 1);
    if (!spelt || value > kMaxInteger) give_up();
    return value;
  }

  template <class T>
  void read(T& value) {
    if constexpr (std::same_as<T, bool>) {
      value = accept("true");
      if (!value && !accept("false")) give_up();
    } else if constexpr (Textual<T>) {
      const std::string_view found = text();
      if (good_ && !from_text(found, value)) give_up();
    } else if constexpr (Numeric<T>) {
      const std::uint64_t found = number();
      if (good_ && !from_number(found, value)) give_up();
    } else {
      object([&] { fields(*this, value); });
    }
  }
  template <class T>
  void read(std::vector<T>& values) {
    values.clear();
    if (!accept('[')) return give_up();
    if (accept(']')) return;
    do {
      read(values.emplace_back());
    } while (good_ && accept(','));
    if (!accept(']')) give_up();
  }
  // Written in the order of the keys, so each is behind the one before.
  template <class K, class V>
  void read(std::map<K, V>& values) {
    values.clear();
    object([&] {
      while (good_ && at_ != end_ && *at_ != '}') {
        if (!first_ && !accept(',')) return give_up();
        first_ = false;
        K key{};
        if (!from_text(text(), key) || !accept(':')) return give_up();
        if (!values.empty() && !(values.rbegin()->first < key)) return give_up();
        read(values.emplace_hint(values.end(), std::move(key), V{})->second);
      }
    });
  }
  template <class F>
  void object(F members) {
    if (!accept('{')) return give_up();
    const bool outer = std::exchange(first_, true);
    members();
    first_ = outer;
    if (!accept('}')) give_up();
  }

  const char* at_;
  const char* end_;
  bool first_ = true;  // no member of this object was read yet
  bool good_ = true;
};

// False: it gave up, and `into` is of no use.
template <class T>
bool scan_fields(std::string_view bytes, T& into) {
  return bytes.size() <= kMaxBytes && ScanReader(bytes).read_all(into);
}

// The value that encode_fields wrote as these bytes. Error: damaged.
template <class T>
Result<T> decode_fields(std::string_view what, std::string_view bytes) {
  Result<T> value{T{}};
  if (scan_fields(bytes, *value)) return value;
  return decode_document<T>(what, bytes);
}

}  // namespace hal9::migration
