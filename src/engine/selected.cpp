#include "engine/selected.h"

#include "base/counted.h"
#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/cut.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/selection.h"
#include "migration/state.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::RouteAmount;

bool covers_all(const migration::RollbackPlan& plan, const migration::State& state) {
  return std::ranges::all_of(state.routes, [&](const auto& entry) {
    return !entry.second.configured || migration::lowering_in(plan, entry.first) != nullptr;
  });
}

}  // namespace

bool is_selected(const migration::CommandBody& body, const migration::Route& route) {
  const auto* request = std::get_if<migration::RollBack>(&body);
  return request == nullptr || migration::is_selected(request->routes, route);
}

std::vector<migration::RouteAmount> observed_routes(const migration::State& state) {
  std::vector<migration::RouteAmount> observed;
  observed.reserve(state.routes.size());
  for (const auto& [route, amounts] : state.routes) {
    // A key of the router that was no route, and went: nobody's traffic goes by it.
    const bool gone =
        amounts.share.observed == Share::none() && amounts.mirror.observed == Share::none();
    if (!amounts.configured && gone) continue;
    observed.push_back({route, amounts.share.observed, amounts.mirror.observed});
  }
  return observed;
}

std::string naming(
    const std::vector<migration::Route>& routes, const std::vector<migration::Route>& all
) {
  if (routes.size() == all.size()) return " --include-held";
  return migration::names_for(routes, all);
}

std::optional<RollbackId> own_rollback(const std::vector<ledger::Event>& events) {
  if (const auto started = find_fact<migration::RollbackStarted>(events)) return started->plan.id;
  const auto asked = find_fact<migration::RollbackAsked>(events);
  return asked ? asked->joined : std::nullopt;
}

void say_beside(
    Outcome& outcome, const migration::CommandBody& body, const std::optional<RollbackId>& own
) {
  const auto* request = std::get_if<migration::RollBack>(&body);
  if (request != nullptr && request->routes) {
    outcome.detail += fmt::format(
        "; {} of {} routes were selected",
        request->routes->size(),
        std::ranges::count_if(
            outcome.state.routes, [](const auto& entry) { return entry.second.configured; }
        )
    );
  }
  for (const auto& rollback : outcome.state.running) {
    if (rollback.plan.id == own) continue;
    outcome.notes.push_back(fmt::format(
        "another rollback goes on: {} of {} routes to {}%, by {}; if nobody runs it: "
        "hal9-migrate rollback resume",
        to_text(rollback.plan.kind),
        rollback.plan.routes.size(),
        to_text(migration::highest_of(rollback.plan).share_to),
        rollback.by
    ));
  }
}

void say_overtaken(Outcome& outcome, const std::vector<ledger::Event>& events) {
  const auto asked = find_fact<migration::TrafficRequested>(events);
  if (!asked) return;
  const auto& routes = outcome.state.routes;
  const auto missing = std::ranges::count_if(asked->routes, [&](const RouteAmount& amount) {
    const auto now = routes.find(amount.route);
    return now != routes.end() && (amount.share > now->second.share.observed ||
                                   amount.mirror > now->second.mirror.observed);
  });
  if (missing == 0) return;
  outcome.code = Code::partly_done;
  outcome.headline = fmt::format(
      "not raised on {}: overtaken by a way back",
      counted(static_cast<std::size_t>(missing), "route")
  );
  const auto& last = outcome.state.last_rollback;
  if (last) {
    outcome.headline += fmt::format(" ({} rollback of {})", to_text(last->plan.kind), last->by);
  }
  outcome.next = "hal9-migrate status";
}

void go_by_plans(
    Lowering& lowering, const migration::State& state, const std::optional<RollbackId>& own
) {
  const auto is_own = [&](const migration::Rollback& one) { return one.plan.id == own; };
  const bool alone = std::ranges::any_of(state.running, is_own);
  std::map<migration::Route, RouteAmount> lowest;
  bool all = false;
  lowering.percentage = Share::none();
  lowering.shares_only = false;
  for (const auto& rollback : state.running) {
    if (alone && !is_own(rollback)) continue;
    all = all || covers_all(rollback.plan, state);
    for (const auto& one : rollback.plan.routes) {
      lowest.try_emplace(one.route, RouteAmount{one.route, one.share_to, one.mirror_to});
    }
  }
  for (const auto& rollback : state.running) {
    for (const auto& one : rollback.plan.routes) {
      const auto known = lowest.find(one.route);
      if (known == lowest.end()) continue;
      known->second.share = std::min(known->second.share, std::optional(one.share_to));
      known->second.mirror = std::min(known->second.mirror, std::optional(one.mirror_to));
    }
  }
  std::vector<migration::Route> routes;
  for (auto& [route, target] : lowest) {
    lowering.percentage = std::max(lowering.percentage, target.share.value_or(Share::none()));
    lowering.shares_only = lowering.shares_only || target.mirror > Share::none();
    routes.push_back(route);
    lowering.targets.push_back(target);
  }
  lowering.routes = all ? std::nullopt : std::optional(std::move(routes));
}

}  // namespace hal9::engine
