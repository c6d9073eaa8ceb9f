#include "migration/selection.h"

#include "base/name.h"
#include "base/result.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::migration {

namespace {

constexpr const char* kAllHeld = " --include-held";

std::string list_of(const std::vector<Name>& names) {
  std::vector<std::string> words;
  words.reserve(names.size());
  for (const Name& name : names) words.push_back(name.text());
  return fmt::format("{}", fmt::join(words, ", "));
}

bool has(const std::vector<Name>& names, const Name& name) {
  return std::ranges::find(names, name) != names.end();
}

tl::unexpected<Error> unknown(
    std::string_view dimension, const Name& name, const std::vector<Name>& known
) {
  return fail(
      Code::usage,
      fmt::format("there is no {} {}", dimension, name.text()),
      fmt::format("{}s: {}", dimension, list_of(known)),
      "nothing was changed"
  );
}

// The names of one dimension that are left.
Result<std::vector<Name>> chosen(
    std::string_view dimension, const Choice& choice, const std::vector<Name>& known
) {
  if (!choice.named.empty() && !choice.excluded.empty()) {
    return fail(
        Code::usage,
        fmt::format("{}s are named and excluded at once", dimension),
        fmt::format("one of both says which are meant; {}s: {}", dimension, list_of(known)),
        "nothing was changed"
    );
  }
  for (const auto* list : {&choice.named, &choice.excluded}) {
    for (const Name& name : *list) {
      if (!has(known, name)) return unknown(dimension, name, known);
    }
  }
  std::vector<Name> left;
  std::ranges::copy_if(known, std::back_inserter(left), [&](const Name& name) {
    return choice.named.empty() ? !has(choice.excluded, name) : has(choice.named, name);
  });
  if (!left.empty()) return left;
  return fail(
      Code::usage,
      fmt::format("no {} is left", dimension),
      fmt::format("{}s: {}", dimension, list_of(known)),
      "nothing was changed"
  );
}

}  // namespace

bool is_selected(const std::optional<std::vector<Route>>& routes, const Route& route) {
  return !routes || std::ranges::find(*routes, route) != routes->end();
}

bool is_everything(const Selection& selection) {
  return selection == Selection{};
}

bool names_routes(const Selection& selection) {
  return !selection.regions.named.empty() || !selection.components.named.empty();
}

Result<std::vector<Route>> select(const Configuration& configuration, const Selection& selection) {
  auto regions = chosen("region", selection.regions, configuration.regions);
  if (!regions) return pass_on(regions);
  auto components = chosen("component", selection.components, configuration.components);
  if (!components) return pass_on(components);
  std::vector<Route> routes;
  for (const Route& route : routes_of(configuration)) {
    if (has(*regions, route.region) && has(*components, route.component)) routes.push_back(route);
  }
  if (routes.size() == routes_of(configuration).size()) routes.clear();
  return routes;
}

std::string options_for(const std::vector<Route>& some, const std::vector<Route>& all) {
  std::vector<Name> regions;
  std::vector<Name> components;
  const auto note = [](std::vector<Name>& names, const Name& name) {
    if (!has(names, name)) names.push_back(name);
  };
  for (const Route& route : some) {
    note(regions, route.region);
    note(components, route.component);
  }
  std::vector<Name> all_regions;
  std::vector<Name> all_components;
  std::size_t covered = 0;
  for (const Route& route : all) {
    note(all_regions, route.region);
    note(all_components, route.component);
    if (has(regions, route.region) && has(components, route.component)) ++covered;
  }
  if (some.size() == all.size()) return {};
  if (covered != some.size()) return kAllHeld;
  const auto option = [](const char* name, const std::vector<Name>& names, std::size_t of) {
    if (names.size() == of) return std::string();
    std::vector<std::string> words;
    words.reserve(names.size());
    for (const Name& one : names) words.push_back(one.text());
    return fmt::format(" --{} {}", name, fmt::join(words, ","));
  };
  return option("regions", regions, all_regions.size()) +
         option("components", components, all_components.size());
}

bool is_selectable(const std::vector<Route>& some, const std::vector<Route>& all) {
  return options_for(some, all) != kAllHeld;
}

std::string names_for(const std::vector<Route>& some, const std::vector<Route>& all) {
  if (some.empty()) return {};
  if (some.size() == all.size()) {
    std::vector<std::string> regions;
    for (const Route& route : all) {
      const std::string& name = route.region.text();
      if (std::ranges::find(regions, name) == regions.end()) regions.push_back(name);
    }
    return fmt::format(" --regions {}", fmt::join(regions, ","));
  }
  if (is_selectable(some, all)) return options_for(some, all);
  std::vector<Route> of_first_region;
  std::ranges::copy_if(some, std::back_inserter(of_first_region), [&](const Route& route) {
    return route.region == some.front().region;
  });
  return options_for(of_first_region, all);
}

}  // namespace hal9::migration
