#include "base/share.h"

#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace hal9 {

namespace {

tl::unexpected<Error> refused(std::string_view typed) {
  return fail(
      Code::usage,
      fmt::format("\"{}\" is not a percentage", escape_terminal(shorten(typed, 40))),
      "a percentage is 0 to 100 with at most two decimals: 5, 0.5, 12.25",
      "nothing was changed"
  );
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

Result<Share> parse_share(std::string_view percent) {
  std::string_view text = percent;
  if (text.ends_with('%')) text.remove_suffix(1);
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const std::string_view decimals =
      dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  const bool shaped = !whole.empty() && whole.size() <= 3 && decimals.size() <= 2 &&
                      (dot == std::string_view::npos || !decimals.empty()) &&
                      std::ranges::all_of(whole, is_digit) &&
                      std::ranges::all_of(decimals, is_digit);
  if (!shaped) return refused(percent);
  std::uint32_t hundredths = 0;
  for (const char digit : whole)
    hundredths = hundredths * 10 + static_cast<std::uint32_t>(digit - '0');
  for (std::size_t i = 0; i < 2; ++i) {
    const char digit = i < decimals.size() ? decimals[i] : '0';
    hundredths = hundredths * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  if (hundredths > Share::kWhole) return refused(percent);
  return Share::of_hundredths(hundredths);
}

std::string to_text(Share share) {
  const unsigned whole = share.hundredths() / 100U;
  const unsigned rest = share.hundredths() % 100U;
  if (rest == 0) return fmt::format("{}", whole);
  if (rest % 10 == 0) return fmt::format("{}.{}", whole, rest / 10);
  return fmt::format("{}.{:02}", whole, rest);
}

}  // namespace hal9
