// Names of routes, features, checkpoints, people: `[A-Za-z0-9_.-]`, 1 to 64 characters.
//
// The alphabet is narrow for a reason: `;` and a newline inside a name would be commands on
// HAProxy's socket. A Name can only be made through parse, so a value of this type is safe in every
// sink (socket, map file, path, SQL, terminal).
#pragma once

#include "base/result.h"

#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9 {

class Name {
 public:
  Name() = default;  // empty: only as a placeholder before assignment
  static Result<Name> parse(std::string_view text);
  // The same where nobody is told why not. False: `into` is as it was.
  static bool parse(std::string_view text, Name& into);

  [[nodiscard]] const std::string& text() const { return text_; }
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// The candidate nearest to `typed` (Damerau-Levenshtein, at most a third of its length, at least
// one), or empty: the "did you mean" of commands, options and names.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace hal9
