#include "engine/work.h"

#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

using migration::Amount;
using migration::RouteAmount;
using migration::State;

const migration::RouteState* find(const State& state, const migration::Route& route) {
  const auto found = state.routes.find(route);
  return found == state.routes.end() ? nullptr : &found->second;
}

// The router may hold what was applied and not yet read back.
Share highest(const Amount& amount) {
  return std::max(amount.applied, amount.observed);
}

// A step never asks for more than was last observed, whatever the clocks say.
std::vector<RouteAmount> capped(const State& state, std::vector<RouteAmount> amounts) {
  for (RouteAmount& amount : amounts) {
    const auto* route = find(state, amount.route);
    if (route == nullptr) continue;
    if (amount.share) amount.share = std::min(*amount.share, highest(route->share));
    if (amount.mirror) amount.mirror = std::min(*amount.mirror, highest(route->mirror));
  }
  return amounts;
}

bool falls(const State& state, const std::vector<RouteAmount>& amounts) {
  return std::ranges::any_of(amounts, [&](const RouteAmount& amount) {
    const auto* route = find(state, amount.route);
    return route != nullptr && ((amount.share && *amount.share < highest(route->share)) ||
                                (amount.mirror && *amount.mirror < highest(route->mirror)));
  });
}

Work rollback_work(const State& state, const migration::RollbackPlan& plan, Micros elapsed) {
  const Micros duration = std::max(Micros{0}, plan.ends - plan.started);
  const bool finish = elapsed >= duration || at_target(state, plan);
  // In steps, not at every look: an event is a step, not a glance at the clock.
  const Micros reached = finish ? duration : migration::step_reached(plan, elapsed);
  Work work;
  work.rollback = plan.id;
  work.routes = capped(state, migration::amounts_at(plan, reached));
  if (finish || falls(state, work.routes)) {
    work.kind = WorkKind::lower;
    return work;
  }
  work.kind = WorkKind::wait;
  work.routes.clear();
  work.pause = migration::next_step(plan, elapsed) - elapsed;
  return work;
}

bool is_lowered(const State& state, const migration::Route& route) {
  return std::ranges::any_of(state.running, [&](const migration::Rollback& rollback) {
    return migration::lowering_in(rollback.plan, route) != nullptr;
  });
}

// A lowering that is due goes before every wait; the shortest wait is the one to wait.
Work running_work(const State& state, const Elapsed& elapsed) {
  std::optional<Work> shortest;
  for (const auto& rollback : state.running) {
    Work work = rollback_work(state, rollback.plan, elapsed(rollback.plan));
    if (work.kind == WorkKind::lower) return work;
    if (!shortest || work.pause < shortest->pause) shortest = std::move(work);
  }
  return shortest.value_or(Work{});
}

bool falls_short(const Amount& amount) {
  return amount.requested > highest(amount);
}

void add(
    std::vector<RouteAmount>& routes,
    const migration::Route& route,
    std::optional<Share> RouteAmount::* member,
    Share share
) {
  if (routes.empty() || routes.back().route != route) routes.push_back({route, {}, {}});
  routes.back().*member = share;
}

void sort_in(
    Work& down,
    Work& up,
    const migration::Route& route,
    const migration::RouteState& amounts,
    Amount migration::RouteState::* which,
    std::optional<Share> RouteAmount::* member
) {
  const Amount& amount = amounts.*which;
  if (amount.requested < highest(amount)) {
    add(down.routes, route, member, amount.requested);
  } else if (amounts.configured && falls_short(amount)) {
    add(up.routes, route, member, amount.requested);
  }
}

// Routes whose router's value differs from what is requested, downward or upward.
Work route_work(const State& state) {
  Work down;
  Work up;
  down.kind = WorkKind::lower;
  up.kind = WorkKind::raise;
  for (const auto& [route, amounts] : state.routes) {
    sort_in(down, up, route, amounts, &migration::RouteState::share, &RouteAmount::share);
    sort_in(down, up, route, amounts, &migration::RouteState::mirror, &RouteAmount::mirror);
  }
  if (!down.routes.empty()) return down;
  if (!up.routes.empty()) return up;
  return {};
}

std::vector<migration::FeatureAmount> open_features(const State& state, bool raising) {
  std::vector<migration::FeatureAmount> open;
  for (const auto& [feature, amount] : state.features) {
    const bool down = amount.requested < highest(amount);
    if (down || (raising && falls_short(amount))) open.push_back({feature, amount.requested});
  }
  return open;
}

}  // namespace

bool at_target(const State& state, const migration::RollbackPlan& plan) {
  return std::ranges::all_of(plan.routes, [&](const migration::RouteLowering& lowering) {
    const auto* route = find(state, lowering.route);
    return route == nullptr || (highest(route->share) <= lowering.share_to &&
                                highest(route->mirror) <= lowering.mirror_to);
  });
}

std::vector<RouteAmount> wanted_now(
    const State& state, const Elapsed& elapsed, const std::vector<RouteAmount>& routes
) {
  std::map<migration::Route, RouteAmount> wanted;
  for (const RouteAmount& one : routes) {
    const auto* route = find(state, one.route);
    const auto now = route == nullptr ? migration::RouteState{} : *route;
    wanted[one.route] = {one.route, now.share.observed, now.mirror.observed};
    if (is_lowered(state, one.route)) continue;
    wanted[one.route].share = std::min(now.share.requested, now.share.observed);
    wanted[one.route].mirror = std::min(now.mirror.requested, now.mirror.observed);
  }
  for (const auto& rollback : state.running) {
    for (const RouteAmount& step : migration::amounts_at(rollback.plan, elapsed(rollback.plan))) {
      const auto found = wanted.find(step.route);
      if (found == wanted.end()) continue;
      found->second.share = std::min(found->second.share, step.share);
      found->second.mirror = std::min(found->second.mirror, step.mirror);
    }
  }
  std::vector<RouteAmount> amounts;
  for (const auto& [route, amount] : wanted) amounts.push_back(amount);
  return amounts;
}

Work next_work(const State& state, const Elapsed& elapsed, MayRaise may_raise) {
  if (!state.running.empty()) return running_work(state, elapsed);
  Work routes = route_work(state);
  if (routes.kind == WorkKind::lower) return routes;
  auto features = open_features(state, may_raise == MayRaise::features);
  if (!features.empty()) {
    Work work;
    work.kind = WorkKind::features;
    work.features = std::move(features);
    return work;
  }
  if (may_raise != MayRaise::routes) return {};
  const bool released = state.halt && state.halt_released && *state.halt_released >= *state.halt;
  if (routes.kind == WorkKind::raise || released) {
    routes.kind = WorkKind::raise;
    routes.clear_halt = released;
  }
  return routes;
}

}  // namespace hal9::engine
