#include "base/name.h"

#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace hal9 {

namespace {

constexpr std::size_t kMaxName = 64;

constexpr std::array<bool, 256> make_allowed() {
  std::array<bool, 256> allowed{};
  for (std::size_t c = 0; c < allowed.size(); ++c) {
    allowed[c] = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                 c == '_' || c == '.' || c == '-';
  }
  return allowed;
}
constexpr auto kAllowed = make_allowed();

bool allowed(char c) {
  return kAllowed[static_cast<unsigned char>(c)];
}

// Damerau-Levenshtein (adjacent transpositions): "emergancy", "rollbakc" are one edit away.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

bool Name::parse(std::string_view text, Name& into) {
  if (text.empty() || text.size() > kMaxName || !std::ranges::all_of(text, allowed)) return false;
  into.text_ = text;
  return true;
}

Result<Name> Name::parse(std::string_view text) {
  Result<Name> name{Name()};
  if (parse(text, *name)) return name;
  return fail(
      Code::usage,
      "\"" + escape_terminal(shorten(text, 80)) + "\" is not a name",
      "a name is 1 to 64 of the characters A-Z a-z 0-9 _ . -",
      "nothing was changed"
  );
}

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  if (typed.size() > kMaxName) return {};
  const std::size_t limit = std::max<std::size_t>(1, typed.size() / 3);
  std::size_t best = std::numeric_limits<std::size_t>::max();
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t edits = distance(typed, candidate);
    if (edits <= limit && edits < best) {
      best = edits;
      found = candidate;
    }
  }
  return found;
}

}  // namespace hal9
