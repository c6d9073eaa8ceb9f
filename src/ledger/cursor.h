// A bounds-checked reader over the bytes of a line: untrusted input goes through this and nothing
// else. The first thing that does not fit is kept with its offset; after it every call fails, so
// that a caller checks once at the end of a stretch.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace hal9::ledger {

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  // True, and past it, if `token` stands here.
  bool accept(std::string_view token) {
    if (failed_ || !bytes_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  // True, and past it, if `,"name":"` stands here.
  template <std::size_t N>
  bool accept_member(const char (&name)[N]) {
    constexpr std::size_t kSize = N + 4;
    if (failed_ || bytes_.size() - at_ < kSize) return false;
    const char* const here = bytes_.data() + at_;
    if (std::memcmp(here, ",\"", 2) != 0 || std::memcmp(here + 2, name, N - 1) != 0 ||
        std::memcmp(here + N + 1, "\":\"", 3) != 0) {
      return false;
    }
    at_ += kSize;
    return true;
  }

  // Past `token`, or failed.
  void expect(std::string_view token, std::string_view what) {
    if (!accept(token)) fail(what);
  }

  // The raw inside of a JSON string whose opening quote has been read; past its closing quote.
  // Escapes stay as they are.
  std::string_view raw_string(std::string_view what) {
    if (failed_) return {};
    const std::size_t begin = at_;
    // Nearly every string has no escape: two looks instead of one for each byte.
    const std::string_view plain = bytes_.substr(begin, bytes_.find('"', begin) - begin);
    if (begin + plain.size() < bytes_.size() && plain.find('\\') == std::string_view::npos) {
      at_ += plain.size() + 1;
      return plain;
    }
    while (!failed_ && at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (c == '"') return bytes_.substr(begin, at_++ - begin);
      at_ += c == '\\' ? 2 : 1;
    }
    fail(what);
    return {};
  }

  // Everything from here to `suffix` at the end of the bytes; at the end.
  std::string_view rest_before(std::string_view suffix, std::string_view what) {
    const std::string_view rest = failed_ ? std::string_view{} : bytes_.substr(at_);
    if (failed_ || !rest.ends_with(suffix)) {
      fail(what);
      return {};
    }
    at_ = bytes_.size();
    return rest.substr(0, rest.size() - suffix.size());
  }

  void fail(std::string_view what) {
    if (failed_) return;
    failed_ = true;
    what_ = what;
    failed_at_ = at_ < bytes_.size() ? at_ : bytes_.size();
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const std::string& what() const { return what_; }
  [[nodiscard]] std::size_t failed_at() const { return failed_at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
  std::string what_;
  std::size_t failed_at_ = 0;
};

}  // namespace hal9::ledger
