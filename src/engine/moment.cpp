#include "engine/moment.h"

#include "base/result.h"
#include "engine/fold.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/amounts.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

const RouteReading* reading_of(
    const std::optional<Reading>& reading, const migration::Route& route
) {
  if (!reading) return nullptr;
  const auto found = std::ranges::find(reading->routes, route, &RouteReading::route);
  return found == reading->routes.end() ? nullptr : &*found;
}

}  // namespace

Result<Moment> moment_at(ledger::Reader& reader, const AsOf& as_of) {
  Moment moment;
  auto head = reader.head();
  if (!head) return pass_on(head);
  moment.head = std::move(*head);
  ledger::Sequence at = moment.head.sequence;
  if (as_of.sequence) {
    if (*as_of.sequence > at) {
      return fail(
          Code::usage,
          fmt::format("there is no event {}", as_of.sequence->value),
          fmt::format("the ledger ends at {}", at.value),
          "",
          "hal9-migrate timeline"
      );
    }
    at = *as_of.sequence;
    moment.as_of = true;
  } else if (as_of.recorded) {
    auto found = reader.sequence_at(*as_of.recorded);
    if (!found) return pass_on(found);
    at = *found;
    moment.as_of = true;
  }
  auto state = state_at(reader, at);
  if (!state) return pass_on(state);
  moment.state = std::move(*state);
  return moment;
}

std::vector<RouteView> route_views(
    const migration::State& state, const std::optional<Reading>& reading, bool looked
) {
  std::vector<RouteView> views;
  for (const auto& [route, amounts] : state.routes) {
    // One that was in the map once, belongs to no configuration and is down concerns nobody.
    const bool gone = !amounts.configured && amounts.share == migration::Amount{} &&
                      amounts.mirror == migration::Amount{};
    if (gone && reading_of(reading, route) == nullptr) continue;
    RouteView view{route, amounts.share, amounts.mirror, amounts.held, {}, looked};
    const auto* read = looked ? reading_of(reading, route) : nullptr;
    if (read != nullptr) view.reading = *read;
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace hal9::engine
