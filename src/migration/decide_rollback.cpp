// Ways back: a rollback, and `migrate` toward flat.

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/decide_parts.h"
#include "migration/events.h"
#include "migration/fold.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/selection.h"
#include "migration/state.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

// Of the routes that are meant.
bool all_routes(const State& state, const WayBack& back, auto predicate) {
  return std::ranges::all_of(state.routes, [&](const auto& entry) {
    return !is_selected(back.routes, entry.first) || predicate(entry.second);
  });
}

Target target_of(const WayBack& back, const Route& route) {
  const auto own = std::ranges::find(back.targets, route, &RouteAmount::route);
  return own == back.targets.end() ? back.target : Target{own->share, own->mirror};
}

// Something that is, or may come to be, in the router is above the target.
bool falls(const RouteState& route, const Target& target) {
  return highest(route.share) > target.share.value_or(Share::all()) ||
         highest(route.mirror) > target.mirror.value_or(Share::all());
}

bool leads_low_enough(const RouteLowering& lowering, const Target& target) {
  return lowering.share_to <= target.share.value_or(Share::all()) &&
         lowering.mirror_to <= target.mirror.value_or(Share::all());
}

// A mirror that is switched off goes at once: nothing of it may be left.
bool mirrors_are_down(const State& state, const WayBack& back) {
  return all_routes(state, back, [&](const RouteState& route) {
    return route.share.requested <= back.target.share.value_or(Share::all()) &&
           route.mirror.requested <= back.target.mirror.value_or(Share::all()) &&
           in_router(route.mirror) <= route.mirror.requested;
  });
}

// Whether the running rollback leads every route that is meant to at least what is asked for now, and
// as soon. One that is there already needs nobody.
bool is_running_already(const State& state, const Rollback& running, const WayBack& back, Time at) {
  if (back.to_phase < running.plan.to_phase) return false;
  if (back.mirror_only) return mirrors_are_down(state, back);
  const Time end = at + back.gradual.value_or(Micros{0});
  return std::ranges::all_of(state.routes, [&](const auto& entry) {
    const auto& [route, now] = entry;
    const Target target = target_of(back, route);
    if (!is_selected(back.routes, route) || !falls(now, target)) return true;
    const auto* lowering = lowering_in(running.plan, route);
    return lowering != nullptr && leads_low_enough(*lowering, target) &&
           end_of(running.plan, *lowering) <= end;
  });
}

RouteLowering lowering_of(const Route& route, const RouteState& now, const Target& target) {
  return {
      route,
      highest(now.share),
      std::min(lowest(now.share), target.share.value_or(Share::all())),
      highest(now.mirror),
      std::min(lowest(now.mirror), target.mirror.value_or(Share::all()))
  };
}

// A running one whose routes are all in the new plan.
bool is_taken_over(const RollbackPlan& running, const WayBack& back) {
  return std::ranges::all_of(running.routes, [&](const RouteLowering& lowering) {
    return is_selected(back.routes, lowering.route);
  });
}

// When the route would have ended by what runs already, if that is sooner. A mirror that is switched
// off does not hurry the shares.
Time end_beside(
    const State& state, const WayBack& back, const Route& route, Time started, Time ends
) {
  for (const auto& rollback : state.running) {
    const auto* lowering = lowering_in(rollback.plan, route);
    if (lowering == nullptr) continue;
    const Time end = std::max(end_of(rollback.plan, *lowering), started);
    ends = back.mirror_only ? end : std::min(ends, end);
  }
  return ends;
}

// The plan ends when its last route does; one that ends before says so.
void set_ends(RollbackPlan& plan) {
  if (plan.routes.empty()) return;
  Time last = plan.started;
  for (const auto& lowering : plan.routes) last = std::max(last, end_of(plan, lowering));
  plan.ends = last;
  for (auto& lowering : plan.routes) {
    if (lowering.ends == last) lowering.ends.reset();
  }
}

RollbackPlan plan_of(const State& state, const Command& command, const WayBack& back) {
  RollbackPlan plan;
  plan.id = RollbackId{command.id.bytes};
  plan.started = command.at;
  plan.ends = command.at + std::max(Micros{0}, back.gradual.value_or(Micros{0}));
  plan.from_phase = state.phase;
  plan.to_phase = back.to_phase;
  plan.partial = back.partial;
  plan.force = back.force;
  plan.preserve_data = back.preserve_data;
  for (const auto& rollback : state.running) {
    const auto& other = rollback.plan;
    if (!is_taken_over(other, back)) continue;
    plan.to_phase = std::min(plan.to_phase, other.to_phase);
    plan.partial = plan.partial || other.partial;
    plan.force = plan.force || other.force;
    plan.preserve_data = plan.preserve_data || other.preserve_data;
  }
  plan.partial = plan.partial && plan.to_phase != Phase::none;
  for (const auto& [route, now] : state.routes) {
    if (!is_selected(back.routes, route) || !concerns(now)) continue;
    auto lowering = lowering_of(route, now, target_of(back, route));
    // A mirror that is switched off goes at once, however long the shares take.
    if (back.mirror_only) lowering.mirror_from = lowering.mirror_to;
    lowering.ends = end_beside(state, back, route, plan.started, plan.ends);
    plan.routes.push_back(std::move(lowering));
  }
  set_ends(plan);
  plan.kind = plan.ends > plan.started ? RollbackKind::gradual : RollbackKind::immediate;
  return plan;
}

tl::unexpected<Error> guarded(const State& state, Phase from) {
  return fail(
      Code::conflict,
      fmt::format("the phase is {}, not {}", to_text(state.phase), to_text(from)),
      fmt::format("--from-phase {} only rolls back from {}", to_text(from), to_text(from)),
      "nothing was changed",
      fmt::format("hal9-migrate rollback --from-phase {}", to_text(state.phase))
  );
}

tl::unexpected<Error> not_earlier(const State& state, Phase to) {
  return fail(
      Code::conflict,
      fmt::format("phase {} is not before {}", to_text(to), to_text(state.phase)),
      "--to-phase takes an earlier phase",
      "nothing was changed",
      "hal9-migrate status"
  );
}

// What the phase had when it was last left; what that was is unknown: nothing.
Target as_last_left(const State& state, Phase phase) {
  const auto last = state.last_share.find(phase);
  const Share left = last == state.last_share.end() ? Share::none() : last->second;
  if (phase == Phase::shadow) return {Share::none(), left};
  return {left, Share::none()};
}

// The newest lower value among those that were observed; of the mirror in shadow.
Share step_before(const RouteState& route, Share Step::* value, Share now) {
  for (auto step = route.steps.rbegin(); step != route.steps.rend(); ++step) {
    if ((*step).*value < now) return (*step).*value;
  }
  return Share::none();
}

std::vector<RouteAmount> steps_before(const State& state, const RollBack& rollback) {
  const bool shadow = state.phase == Phase::shadow;
  std::vector<RouteAmount> targets;
  for (const auto& [route, now] : state.routes) {
    if (!is_selected(rollback.routes, route)) continue;
    RouteAmount target{route, {}, {}};
    if (shadow) {
      target.mirror = step_before(now, &Step::mirror, highest(now.mirror));
    } else {
      target.share = step_before(now, &Step::share, highest(now.share));
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

// A narrower scope holds in its phase, also when its last route reaches 0 by it.
WayBack way_back_of(const State& state, const RollBack& rollback) {
  const Share percentage = rollback.percentage.value_or(Share::none());
  const bool shadow = state.phase == Phase::shadow;
  WayBack back;
  back.gradual = rollback.gradual;
  back.force = rollback.force;
  back.preserve_data = rollback.preserve_data;
  back.routes = rollback.routes;
  if (rollback.previous_step.value_or(false)) {
    back.targets = steps_before(state, rollback);
    back.to_phase = state.phase;
    back.partial = true;
  } else if (rollback.mirror_only && !shadow) {
    back.mirror_only = true;
    back.target = {{}, Share::none()};
    back.to_phase = state.phase;
  } else if (rollback.to_phase && *rollback.to_phase != Phase::none) {
    back.target = as_last_left(state, *rollback.to_phase);
    if (rollback.percentage) {
      const bool mirror = rollback.to_phase == Phase::shadow;
      (mirror ? back.target.mirror : back.target.share) = rollback.percentage;
    }
    back.to_phase = back.routes ? state.phase : *rollback.to_phase;
    back.partial = back.routes.has_value();
  } else if (rollback.mirror_only || percentage == Share::none()) {
    back.target = {Share::none(), Share::none()};
    back.to_phase = back.routes ? state.phase : Phase::none;
    back.partial = back.routes.has_value();
  } else {
    back.target = shadow ? Target{Share::none(), percentage} : Target{percentage, {}};
    back.to_phase = state.phase;
    back.partial = true;
  }
  return back;
}

}  // namespace

bool concerns(const RouteState& route) {
  return route.configured || highest(route.share) > Share::none() ||
         highest(route.mirror) > Share::none();
}

std::vector<Decided> lower(const State& state, const Command& command, const WayBack& back) {
  Facts facts(state, command);
  const auto asked_kind = back.gradual ? RollbackKind::gradual : RollbackKind::immediate;
  for (const auto& rollback : state.running) {
    if (!is_running_already(state, rollback, back, command.at)) continue;
    facts.add(RollbackAsked{asked_kind, rollback.plan.id});
    return facts.done();
  }
  const bool nothing_above = std::ranges::all_of(state.routes, [&](const auto& entry) {
    return !is_selected(back.routes, entry.first) ||
           !falls(entry.second, target_of(back, entry.first));
  });
  const bool alone = back.routes || state.running.empty();
  if (nothing_above && back.to_phase == state.phase && alone) {
    end_raise(facts, {});
    facts.add(RollbackAsked{asked_kind, {}});
    return facts.done();
  }
  auto plan = plan_of(state, command, back);
  const RollbackId id = plan.id;
  end_raise(facts, id);
  facts.take_executor();
  facts.add(RollbackStarted{std::move(plan)});
  for (const auto& rollback : state.running) {
    if (!is_taken_over(rollback.plan, back)) continue;
    facts.add(RollbackSuperseded{rollback.plan.id, id});
  }
  return facts.done();
}

Result<std::vector<Decided>> decide_rollback(
    const State& state, const Command& command, const RollBack& rollback
) {
  // In phase none the guard has nothing left to protect: what is still up may come down.
  const bool guards = rollback.from_phase && *rollback.from_phase != state.phase;
  if (guards && state.phase != Phase::none) return guarded(state, *rollback.from_phase);
  // Down within its own phase is what a number alone says.
  RollBack meant = rollback;
  if (meant.percentage && meant.to_phase == state.phase) meant.to_phase.reset();
  const bool stays = meant.to_phase && *meant.to_phase >= state.phase;
  if (stays && *meant.to_phase != Phase::none) return not_earlier(state, *meant.to_phase);
  return lower(state, command, way_back_of(state, meant));
}

}  // namespace hal9::migration
