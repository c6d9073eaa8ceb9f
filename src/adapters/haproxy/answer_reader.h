// Answers of one conversation, taken in the order of the questions. One Reader belongs to one thread.
#pragma once

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/picture.h"
#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::haproxy {

// The first one that makes no sense is the error.
class Reader {
 public:
  explicit Reader(const std::vector<std::string>& answers, std::size_t from = 0)
      : answers_(answers), next_(from) {}

  template <class T>
  void take(Result<T> (*parse)(std::string_view), T& into) {
    const auto& answer = answers_[next_++];
    if (error_) return;
    auto value = parse(answer);
    if (value) {
      into = std::move(*value);
    } else {
      error_ = std::move(value.error());
    }
  }
  void take_entries(std::string_view map, Values& into) {
    std::vector<MapEntry> entries;
    take(parse_map, entries);
    into = values_of(entries, map);
  }
  void take_values(std::string_view map, Values& into) {
    take_entries(map, into);
    if (into.unreadable && !error_) {
      error_ = Error{Code::failed, "a map holds what is no number", into.problems.front(), {}, {}};
    }
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const std::vector<std::string>& answers_;
  std::size_t next_;
  std::optional<Error> error_;
};

}  // namespace hal9::haproxy
