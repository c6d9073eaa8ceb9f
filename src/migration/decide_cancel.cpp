// `rollback cancel`: a running rollback stops where it is.

#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/decide_parts.h"
#include "migration/events.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

// Where another rollback that runs leads the route, nothing stops it.
std::optional<RouteLowering> beside(
    const State& state, const RollbackPlan& plan, const Route& route
) {
  std::optional<RouteLowering> lowest;
  for (const auto& rollback : state.running) {
    const auto* lowering =
        rollback.plan.id == plan.id ? nullptr : lowering_in(rollback.plan, route);
    if (lowering == nullptr) continue;
    if (!lowest) lowest = *lowering;
    lowest->share_to = std::min(lowest->share_to, lowering->share_to);
    lowest->mirror_to = std::min(lowest->mirror_to, lowering->mirror_to);
  }
  return lowest;
}

// What is requested from here on: what is there now, and never more than where it came from.
std::vector<RouteAmount> held_at(
    const State& state, const RollbackPlan& plan, const std::vector<RouteAmount>& observed
) {
  std::vector<RouteAmount> amounts;
  for (const auto& lowering : plan.routes) {
    const auto seen = std::ranges::find(observed, lowering.route, &RouteAmount::route);
    if (seen == observed.end()) continue;
    RouteAmount amount{
        lowering.route,
        std::min(seen->share.value_or(Share::none()), lowering.share_from),
        std::min(seen->mirror.value_or(Share::none()), lowering.mirror_from)
    };
    if (const auto other = beside(state, plan, lowering.route)) {
      amount.share = std::min(*amount.share, other->share_to);
      amount.mirror = std::min(*amount.mirror, other->mirror_to);
    }
    amounts.push_back(std::move(amount));
  }
  return amounts;
}

}  // namespace

Result<std::vector<Decided>> decide_cancel(
    const State& state, const Command& command, const CancelRollback& cancel
) {
  const auto running = std::ranges::find_if(state.running, [&](const Rollback& rollback) {
    return rollback.plan.id == cancel.rollback;
  });
  if (running == state.running.end()) {
    return fail(
        Code::conflict,
        fmt::format("rollback {} does not run", to_text(cancel.rollback)),
        "only a rollback that has not ended can be cancelled",
        "nothing was changed",
        "hal9-migrate rollback list"
    );
  }
  if (running->plan.kind == RollbackKind::emergency) {
    return fail(
        Code::conflict,
        "an emergency is not cancelled",
        "its kill switch is on; traffic goes forward again by migrate, behind its gates",
        "nothing was changed",
        "hal9-migrate status"
    );
  }
  const RollbackPlan plan = running->plan;
  Facts facts(state, command);
  facts.take_executor();
  facts.report({facts.state().fence, cancel.read_back, {}}, {}, cancel.observed);
  facts.add(RollbackCancelled{plan.id, held_at(state, plan, cancel.observed)});
  return facts.done();
}

}  // namespace hal9::migration
