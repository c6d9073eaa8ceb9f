#include "migration/state.h"

#include "base/share.h"
#include "migration/amounts.h"
#include "migration/fold.h"
#include "migration/phase.h"
#include "migration/rollback.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace hal9::migration {

Share in_router(const Amount& amount) {
  return std::max(amount.applied, amount.observed);
}
Share highest(const Amount& amount) {
  return std::max(amount.requested, in_router(amount));
}
Share lowest(const Amount& amount) {
  return std::min(amount.requested, amount.observed);
}

bool at_targets(const State& state, const RollbackPlan& plan) {
  return std::ranges::all_of(plan.routes, [&](const RouteLowering& lowering) {
    const auto route = state.routes.find(lowering.route);
    if (route == state.routes.end()) return false;
    return in_router(route->second.share) <= lowering.share_to &&
           in_router(route->second.mirror) <= lowering.mirror_to;
  });
}

bool is_released(const State& state, ledger::Sequence halt) {
  return state.halt_released && *state.halt_released >= halt;
}

std::string phase_text(const State& state) {
  if (state.phase == Phase::none) return to_text(Phase::none);
  std::optional<Share> low;
  Share high;
  for (const auto& [route, amounts] : state.routes) {
    const Amount& amount = state.phase == Phase::shadow ? amounts.mirror : amounts.share;
    // A route that was taken out of the configuration counts as long as it has traffic.
    if (!amounts.configured && amount.observed == Share::none()) continue;
    low = low ? std::min(*low, amount.observed) : amount.observed;
    high = std::max(high, amount.observed);
  }
  const Share least = low.value_or(Share::none());
  if (least == high) return fmt::format("{} ({}%)", to_text(state.phase), to_text(high));
  return fmt::format("{} ({}-{}%)", to_text(state.phase), to_text(least), to_text(high));
}

}  // namespace hal9::migration
