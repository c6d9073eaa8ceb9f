// A share of traffic in hundredths of a percent: 0 to 10000, what the router's maps hold.
//
// Used for the hierarchical share of a route, for mirrors and for features. Exact to 0.01%: no
// floating point between what was asked, written, and read back.
#pragma once

#include "base/result.h"

#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstdint>
#include <string>
#include <string_view>

namespace hal9 {

class Share {
 public:
  static constexpr std::uint16_t kWhole = 10000;

  constexpr Share() = default;
  // Precondition: hundredths <= kWhole; more is cut to kWhole.
  static constexpr Share of_hundredths(std::uint32_t hundredths) {
    Share share;
    share.hundredths_ = static_cast<std::uint16_t>(hundredths > kWhole ? kWhole : hundredths);
    return share;
  }
  static constexpr Share none() { return {}; }
  static constexpr Share all() { return of_hundredths(kWhole); }

  [[nodiscard]] constexpr std::uint16_t hundredths() const { return hundredths_; }
  [[nodiscard]] constexpr Share rest() const { return of_hundredths(kWhole - hundredths_); }
  constexpr auto operator<=>(const Share&) const = default;

 private:
  std::uint16_t hundredths_ = 0;
};

// Percent as people write it: `5`, `0.01`, `12.50`; 0 to 100, at most two decimals, no sign, no
// exponent. A trailing `%` is accepted. Anything else is a usage error that says the range.
Result<Share> parse_share(std::string_view percent);

// `5`, `0.5`, `12.25`: as few decimals as are exact; no percent sign.
std::string to_text(Share share);

}  // namespace hal9
