// A route: region x component, what traffic can be moved on. Its text is `region.component`; that
// text is the key in the router's maps and the subject of events.
#pragma once

#include "base/name.h"
#include "base/result.h"

#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <string>
#include <string_view>

namespace hal9::migration {

struct Route {
  Name region;
  Name component;
  auto operator<=>(const Route&) const = default;
};

std::string to_text(const Route& route);
// Splits at the first dot that leaves two known names; regions therefore hold no dot (the
// configuration refuses one that does). Error: usage.
Result<Route> parse_route(std::string_view text);
// The same where nobody is told why not. False: `into` is of no use.
bool parse_route(std::string_view text, Route& into);

}  // namespace hal9::migration
