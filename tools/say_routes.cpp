#include "say_routes.h"

#include "base/escape.h"
#include "base/share.h"
#include "engine/router.h"
#include "engine/views.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "say.h"
#include "table.h"
#include "terminal.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

using engine::RouteView;

// Columns of a cell before it is cut in a table that is not wide.
constexpr std::size_t kLongestCell = 36;

Share mirror_now(const RouteView& route) {
  return route.reading ? route.reading->mirror : route.mirror.observed;
}

bool all_alike(const std::vector<RouteView>& routes) {
  return std::ranges::all_of(routes, [&](const RouteView& route) {
    return share_now(route) == share_now(routes.front()) &&
           mirror_now(route) == mirror_now(routes.front()) && route.held == routes.front().held;
  });
}

}  // namespace

Share share_now(const RouteView& route) {
  return route.reading ? route.reading->share : route.share.observed;
}

std::string percent(Share share) {
  return to_text(share) + "%";
}

std::string warning(std::string_view text, bool colour) {
  return Terminal::marked(Mark::warning, escape_terminal(text), colour) + "\n";
}
std::string failure(std::string_view text, bool colour) {
  return Terminal::marked(Mark::failed, escape_terminal(text), colour) + "\n";
}

std::string routes_text(const std::vector<RouteView>& routes, bool each, Look look) {
  if (routes.empty()) return "Routes: none\n";
  if (!each && all_alike(routes)) {
    return fmt::format(
        "Routes: all {} at share {}, mirror {}{}\n",
        routes.size(),
        percent(share_now(routes.front())),
        percent(mirror_now(routes.front())),
        routes.front().held ? ", held" : ""
    );
  }
  std::vector<std::string> head = {"ROUTE", "SHARE", "MIRROR", "HELD"};
  if (each) head = {"ROUTE", "REQUESTED", "APPLIED", "OBSERVED", "ROUTER", "MIRROR", "HELD"};
  Table table(head);
  for (const RouteView& route : routes) {
    const std::string name = to_text(route.route);
    const std::string held = route.held ? "held" : "-";
    if (!each) {
      table.add({name, percent(share_now(route)), percent(mirror_now(route)), held});
      continue;
    }
    table.add(
        {name,
         percent(route.share.requested),
         route.looked ? percent(route.share.applied) : "-",
         route.looked ? percent(route.share.observed) : "-",
         route.reading ? percent(route.reading->share) : "-",
         percent(mirror_now(route)),
         held}
    );
  }
  return table.text(look.wide ? 0 : kLongestCell);
}

std::string other_text(const engine::OtherReading& other) {
  return fmt::format(
      "{} is no configured route, and the router still sends {} of it to hierarchical{}",
      shorten(other.key, 130),
      percent(other.share),
      other.mirror > Share::none() ? " and mirrors " + percent(other.mirror) : ""
  );
}

std::string line_down(const std::vector<RouteView>& routes, migration::Phase phase) {
  Share highest;
  const bool mirror = phase == migration::Phase::shadow;
  for (const auto& route : routes) {
    highest = std::max(highest, mirror ? route.mirror.observed : route.share.observed);
  }
  if (phase == migration::Phase::none) return "hal9-migrate rollback";
  return "hal9-migrate rollback --percentage " + to_text(highest);
}

}  // namespace hal9::tools
