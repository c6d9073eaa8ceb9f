// A gradual move forward: its steps, its pause, and its end.

#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/decide_parts.h"
#include "migration/events.h"
#include "migration/fold.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

constexpr const char* kResume = "hal9-migrate migrate resume";

// Whoever takes a step has to know of everything that happened to the raise.
Result<const Raise*> raise_of(const State& state, const RaiseId& id, ledger::Sequence at) {
  const bool same = state.raise && state.raise->plan.id == id && state.raise->at == at &&
                    state.raise->status == RaiseStatus::running;
  if (same) return &*state.raise;
  return fail(
      Code::stale,
      "this gradual move forward has ended, or another process goes on with it",
      "",
      "its step was not taken",
      "hal9-migrate status"
  );
}

bool pauses_on_the_way(const RaisePlan& plan, const std::vector<RouteAmount>& now, Share pause) {
  const bool mirror = ends_of(plan).mirror;
  return std::ranges::any_of(plan.routes, [&](const RouteRaise& route) {
    const auto is = std::ranges::find(now, route.route, &RouteAmount::route);
    if (is == now.end()) return false;
    const Share from = (mirror ? is->mirror : is->share).value_or(Share::none());
    return from < pause && pause < (mirror ? route.mirror_to : route.share_to);
  });
}

RouteRaise raise_of(const RouteAmount& amount, const RouteState& now) {
  const Share share = lowest(now.share);
  const Share mirror = lowest(now.mirror);
  return {
      amount.route,
      share,
      std::max(share, amount.share.value_or(share)),
      share,
      mirror,
      std::max(mirror, amount.mirror.value_or(mirror)),
      mirror
  };
}

// No more than the plan leads to, and nothing that is there already.
std::vector<RouteAmount> step_of(const State& state, const Raise& raise, const StepRaise& step) {
  std::vector<RouteAmount> amounts;
  for (const auto& asked : step.routes) {
    const auto planned = std::ranges::find(raise.plan.routes, asked.route, &RouteRaise::route);
    const auto known = state.routes.find(asked.route);
    if (planned == raise.plan.routes.end() || known == state.routes.end()) continue;
    if (!known->second.configured) continue;
    RouteAmount amount{asked.route, {}, {}};
    const auto rises = [](std::optional<Share> wanted, Share most, const Amount& now) {
      const Share share = std::min(wanted.value_or(Share::none()), most);
      return share > now.requested ? std::optional(share) : std::nullopt;
    };
    amount.share = rises(asked.share, planned->share_to, known->second.share);
    amount.mirror = rises(asked.mirror, planned->mirror_to, known->second.mirror);
    if (amount.share || amount.mirror) amounts.push_back(std::move(amount));
  }
  return amounts;
}

// The raise ends, and its routes go back to where they were before it.
std::vector<Decided> go_back(
    Facts& facts, const Command& command, const Raise& raise, RaiseEnd end, const std::string& why
) {
  WayBack back;
  back.to_phase = phase_before(facts.state(), raise.plan);
  back.routes.emplace();
  for (const auto& route : raise.plan.routes) {
    back.routes->push_back(route.route);
    back.targets.push_back({route.route, route.share_begun, route.mirror_begun});
  }
  State behind = facts.state();
  behind.raise.reset();
  behind.sequence.value += 1;
  auto lowering = lower(behind, command, back);
  const bool moves = std::ranges::any_of(lowering, [](const Decided& decided) {
    return std::holds_alternative<RollbackStarted>(decided.fact);
  });
  const auto by = moves ? std::optional(RollbackId{command.id.bytes}) : std::nullopt;
  facts.add(ended(raise.plan, end, why, by));
  auto decided = facts.done();
  std::ranges::move(lowering, std::back_inserter(decided));
  return decided;
}

}  // namespace

bool is_through(const State& state, const RaisePlan& plan) {
  std::vector<RouteAmount> observed;
  for (const auto& route : plan.routes) {
    const auto known = state.routes.find(route.route);
    if (known == state.routes.end() || !known->second.configured) continue;
    observed.push_back({route.route, known->second.share.observed, known->second.mirror.observed});
  }
  return is_at_end(plan, observed);
}

Result<void> check_halts(
    const State& state,
    const std::vector<RouteAmount>& routes,
    ledger::Sequence seen,
    const std::string& next
) {
  bool unseen = state.halt && *state.halt > seen;
  for (const auto& amount : routes) {
    const auto halted = state.halted_routes.find(amount.route);
    unseen = unseen || (halted != state.halted_routes.end() && halted->second > seen);
  }
  if (!unseen) return {};
  return fail(
      Code::conflict,
      "an emergency has halted the traffic since the gates were looked at",
      "a halt is cleared only by a command whose gates have seen it",
      "nothing was changed; the traffic stays with flat",
      next
  );
}

void release_halts(Facts& facts, const std::vector<RouteAmount>& routes) {
  std::optional<ledger::Sequence> newest = facts.state().halt;
  for (const auto& amount : routes) {
    const auto halted = facts.state().halted_routes.find(amount.route);
    if (halted == facts.state().halted_routes.end()) continue;
    newest = std::max(newest, std::optional(halted->second));
  }
  if (newest) facts.add(HaltReleased{*newest});
}

Phase phase_before(const State& state, const RaisePlan& plan) {
  return std::min(state.phase, plan.phase_begun.value_or(plan.phase));
}

RaiseEnded ended(
    const RaisePlan& plan, RaiseEnd end, const std::string& why, std::optional<RollbackId> by
) {
  return {plan.id, end, why, by, plan.held_begun};
}

void end_raise(Facts& facts, std::optional<RollbackId> by) {
  const auto& raise = facts.state().raise;
  if (raise) facts.add(RaiseEnded{raise->plan.id, RaiseEnd::superseded, {}, by, {}});
}

void begin_raise(
    Facts& facts,
    const Command& command,
    const Move& move,
    Phase before,
    std::vector<RouteAmount> amounts
) {
  RaisePlan plan;
  plan.id = RaiseId{command.id.bytes};
  plan.phase = move.phase;
  plan.started = command.at;
  plan.ends = command.at + std::max(Micros{1}, move.gradual.value_or(Micros{1}));
  plan.pause_after = move.pause_after;
  if (before != move.phase) plan.phase_begun = before;
  std::vector<Route> held;
  for (const auto& amount : amounts) {
    const bool halted = facts.state().halted_routes.contains(amount.route);
    if (halted || facts.state().routes.at(amount.route).held) held.push_back(amount.route);
  }
  if (!held.empty()) plan.held_begun = std::move(held);
  std::vector<RouteAmount> at_once;
  for (auto& amount : amounts) {
    const RouteState& now = facts.state().routes.at(amount.route);
    const auto stays = [](std::optional<Share>& wanted, const Amount& is) {
      // What is halted is at 0 whatever was asked for; it rises from there.
      if (wanted && *wanted <= lowest(is)) return std::exchange(wanted, std::nullopt);
      return std::optional<Share>();
    };
    RouteAmount first{amount.route, {}, {}};
    first.share = stays(amount.share, now.share);
    first.mirror = stays(amount.mirror, now.mirror);
    // What was asked for and not reached is asked for anew, step by step.
    if (amount.share && now.share.requested > lowest(now.share)) {
      first.share = lowest(now.share);
    }
    if (amount.mirror && now.mirror.requested > lowest(now.mirror)) {
      first.mirror = lowest(now.mirror);
    }
    if (first.share || first.mirror) at_once.push_back(first);
  }
  if (!at_once.empty()) facts.add(TrafficRequested{std::move(at_once)});
  for (const auto& amount : amounts) {
    if (!amount.share && !amount.mirror) continue;
    plan.routes.push_back(raise_of(amount, facts.state().routes.at(amount.route)));
  }
  if (!plan.routes.empty()) facts.add(RaiseStarted{std::move(plan)});
}

Result<std::vector<Decided>> decide_step(
    const State& state, const Command& command, const StepRaise& step
) {
  auto raise = raise_of(state, step.raise, step.at);
  if (!raise) return pass_on(raise);
  const Raise before = **raise;
  Facts facts(state, command);
  facts.add(GatesChecked{before.plan.phase, step.gates});
  const std::string why = first_block(step.gates, state.strict_gates);
  switch (verdict_of(step.gates, state.strict_gates)) {
    case StepVerdict::hold:
      facts.add(RaisePaused{before.plan.id, why});
      return facts.done();
    case StepVerdict::back:
      return go_back(facts, command, before, RaiseEnd::failed, why);
    case StepVerdict::go:
      break;
  }
  facts.take_executor();
  auto amounts = step_of(state, before, step);
  if (!amounts.empty()) {
    facts.add(TrafficRequested{std::move(amounts)});
  } else if (is_through(facts.state(), before.plan)) {
    facts.add(RaiseEnded{before.plan.id, RaiseEnd::completed, {}, {}, {}});
  }
  return facts.done();
}

Result<std::vector<Decided>> decide_pause(
    const State& state, const Command& command, const PauseRaise& pause
) {
  auto raise = raise_of(state, pause.raise, pause.at);
  if (!raise) return pass_on(raise);
  Facts facts(state, command);
  facts.add(RaisePaused{pause.raise, pause.why});
  return facts.done();
}

Result<std::vector<Decided>> decide_resume(
    const State& state, const Command& command, const ResumeRaise& resume
) {
  if (!state.raise) {
    return fail(
        Code::conflict,
        "no gradual move forward is open",
        "there is nothing to resume",
        "nothing was changed",
        "hal9-migrate status"
    );
  }
  const RaisePlan plan = state.raise->plan;
  std::vector<RouteAmount> now;
  for (const auto& route : plan.routes) {
    const auto known = state.routes.find(route.route);
    if (known == state.routes.end()) continue;
    now.push_back({route.route, lowest(known->second.share), lowest(known->second.mirror)});
  }
  if (resume.pause_after && !pauses_on_the_way(plan, now, *resume.pause_after)) {
    return fail(
        Code::usage,
        fmt::format("--pause-after {} is not on the way", to_text(*resume.pause_after)),
        "it lies above where the routes are, and below where they go",
        "nothing was changed",
        kResume
    );
  }
  if (auto ok = check_halts(state, now, resume.halts_seen, kResume); !ok) return pass_on(ok);
  if (auto ok = check_gates(state, resume.gates); !ok) return pass_on(ok);
  Facts facts(state, command);
  facts.add(GatesChecked{plan.phase, resume.gates});
  release_halts(facts, now);
  facts.take_executor();
  // Whoever died before the pause was to wait there; what is behind it is behind a person still.
  auto pause = resume.pause_after;
  if (!pause && plan.pause_after && pauses_on_the_way(plan, now, *plan.pause_after)) {
    pause = plan.pause_after;
  }
  facts.add(RaiseResumed{resumed(plan, now, command.at, pause)});
  return facts.done();
}

std::vector<Decided> decide_abort(const State& state, const Command& command) {
  if (!state.raise) return {};
  Facts facts(state, command);
  const Raise raise = *state.raise;
  return go_back(facts, command, raise, RaiseEnd::aborted, {});
}

}  // namespace hal9::migration
