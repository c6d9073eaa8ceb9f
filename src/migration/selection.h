// Which routes a command is about: by region and component, by name or by what is left out (runbook,
// "Special Scenarios").
//
// Invariant of what select() returns: at least one route, each of the configuration, in its order.
#pragma once

#include "base/name.h"
#include "base/result.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <optional>
#include <string>
#include <vector>

namespace hal9::migration {

// One dimension: these, or all but those. Both are no choice; neither is all.
struct Choice {
  std::vector<Name> named;
  std::vector<Name> excluded;
  bool operator==(const Choice&) const = default;
};

struct Selection {
  Choice regions;
  Choice components;
  bool operator==(const Selection&) const = default;
};

// Whether the route is among those that were selected; absent: every one is.
bool is_selected(const std::optional<std::vector<Route>>& routes, const Route& route);

// Nothing was chosen: every route is meant.
bool is_everything(const Selection& selection);
// Regions or components are named, and not only left out: who names a route means it, held or not.
bool names_routes(const Selection& selection);

// The selected routes; empty where they are all that there are, since "every route" means more than
// the ones that are configured today. Error: usage (both of one dimension, an unknown name, nothing is
// left), which lists the names that there are, and leaves `next` to whoever knows what was typed.
Result<std::vector<Route>> select(const Configuration& configuration, const Selection& selection);

// " --regions A,B --components C" that selects just `some` of `all`; " --include-held" where no regions
// and components do, and everything has to be named. Empty: they are all.
std::string options_for(const std::vector<Route>& some, const std::vector<Route>& all);
// Whether one line's regions and components select just `some` of `all`.
bool is_selectable(const std::vector<Route>& some, const std::vector<Route>& all);
// The same where they have to be named: " --regions" and every region for all of them; of those that no
// regions and components select, the ones in the first's region.
std::string names_for(const std::vector<Route>& some, const std::vector<Route>& all);

}  // namespace hal9::migration
