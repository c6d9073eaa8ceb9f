// `migrate`: forward behind gates, or a way back that holds in the phase it names.

#include "base/result.h"
#include "base/share.h"
#include "migration/amounts.h"
#include "migration/canary_share.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/decide_parts.h"
#include "migration/events.h"
#include "migration/fold.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/route.h"
#include "migration/selection.h"
#include "migration/state.h"
#include "migration/suggested_lines.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

// What the phase had when it was left; unknown: routes stay where they are.
std::optional<Share> as_left(const State& state, Phase phase) {
  const auto last = state.last_share.find(phase);
  return last == state.last_share.end() ? std::optional<Share>() : last->second;
}

tl::unexpected<Error> wrong_percentage(Phase phase, const char* fixed, std::string next) {
  return fail(
      Code::usage,
      fmt::format("phase {} always has a share of {}%", to_text(phase), fixed),
      "another percentage was given",
      "nothing was changed",
      std::move(next)
  );
}

Result<Target> target_of(const State& state, const Move& move) {
  const auto percentage = move.percentage;
  const bool back = move.phase < state.phase;
  switch (move.phase) {
    case Phase::none:
      if (percentage.value_or(Share::none()) != Share::none()) {
        return wrong_percentage(move.phase, "0", "hal9-migrate rollback");
      }
      return Target{Share::none(), Share::none()};
    case Phase::shadow:
      return Target{Share::none(), percentage.value_or(Share::all())};
    case Phase::canary:
      return Target{percentage.value_or(kCanaryShare), Share::none()};
    case Phase::state_migration:
      if (!percentage && back) return Target{as_left(state, move.phase), Share::none()};
      return Target{percentage, Share::none()};
    case Phase::ramp_up:
      if (!percentage && back) return Target{as_left(state, move.phase), Share::none()};
      if (!percentage) {
        return fail(
            Code::usage,
            "phase ramp-up needs a percentage",
            "it is the phase in which the share grows step by step",
            "nothing was changed",
            line_into(state, move.phase)
        );
      }
      return Target{percentage, Share::none()};
    case Phase::full:
      if (percentage.value_or(Share::all()) != Share::all()) {
        return wrong_percentage(move.phase, "100", line_for(Phase::ramp_up, percentage));
      }
      return Target{Share::all(), Share::none()};
  }
  return Target{};
}

// How the routes stand to what is wanted.
struct Sight {
  bool raises = false;   // more is wanted than was requested, of a route that may rise
  bool held = false;     // the same of a held route
  bool lowers = false;   // something may be in the router that is above
  bool pending = false;  // it was requested and has not been reached
  bool below = false;    // the router has less than wanted
  bool above = false;    // the router has more than wanted
};

struct Wanted {
  Share share;
  Share mirror;
};

Wanted wanted_of(const RouteState& route, const Target& target) {
  return {
      target.share.value_or(route.share.requested), target.mirror.value_or(route.mirror.requested)
  };
}

bool is_named(const Move& move) {
  return move.named.value_or(move.routes.has_value());
}

// A held route rises when it is named, or all of them are; one that an emergency has halted by itself
// only when it is named. What an exclusion leaves is not named by it.
bool may_rise(const State& state, const Route& route, const RouteState& now, const Move& move) {
  if (!now.configured) return false;
  if (is_named(move)) return true;
  return !state.halted_routes.contains(route) && (!now.held || move.include_held);
}

// What stays behind until it is named.
bool stays(const State& state, const Route& route, const RouteState& now) {
  return now.held || state.halted_routes.contains(route);
}

// To be typed again. Never one that would raise more than was asked for.
std::string line_again(const Move& move) {
  return move.routes ? "hal9-migrate status" : line_for(move.phase, move.percentage);
}

void look(Sight& sight, const Amount& now, Share wanted, bool stays, bool rises) {
  if (wanted > now.requested && rises) sight.raises = true;
  if (wanted > now.requested && !rises && stays) sight.held = true;
  if (highest(now) > wanted) sight.lowers = true;
  if (wanted == now.requested && (now.observed < wanted || now.applied < wanted)) {
    sight.pending = true;
  }
  if (in_router(now) < wanted && (rises || !stays)) sight.below = true;
  if (in_router(now) > wanted) sight.above = true;
}

Sight sight_of(const State& state, const Move& move, const Target& target) {
  Sight sight;
  for (const auto& [route, now] : state.routes) {
    if (!concerns(now) || !is_selected(move.routes, route)) continue;
    const Wanted wanted = wanted_of(now, target);
    const bool rises = may_rise(state, route, now, move);
    const bool kept = stays(state, route, now);
    look(sight, now.share, wanted.share, kept, rises);
    look(sight, now.mirror, wanted.mirror, kept, rises);
  }
  return sight;
}

Direction direction_within(const State& state, const Sight& sight) {
  if (state.phase == Phase::none) return sight.lowers ? Direction::back : Direction::none;
  if (!state.running.empty()) {
    // What is requested are the running one's targets: only the router tells up from down.
    return sight.above && !sight.below ? Direction::back : Direction::forward;
  }
  if (sight.raises) return Direction::forward;
  if (sight.lowers) return Direction::back;
  const bool open = sight.pending || sight.held || state.halt;
  return open ? Direction::forward : Direction::none;
}

// Whoever names a later phase with a smaller share wants less: the line that he needs goes back.
tl::unexpected<Error> out_of_order(
    const State& state, const Move& move, Phase next, const Sight& sight
) {
  const bool less = move.percentage && sight.lowers && !sight.raises && !sight.held;
  std::string lower = "hal9-migrate rollback";
  if (less && *move.percentage > Share::none()) {
    lower += " --percentage " + to_text(*move.percentage);
  }
  return fail(
      Code::conflict,
      fmt::format(
          "after {} comes {}, not {}",
          state.phase == Phase::none ? "phase none" : to_text(state.phase),
          to_text(next),
          to_text(move.phase)
      ),
      less ? "a migration goes forward one phase at a time; less traffic is a rollback"
           : "a migration goes forward one phase at a time",
      "nothing was changed",
      less ? lower : line_into(state, next)
  );
}

struct Planned {
  Direction direction = Direction::none;
  Target target;
  Sight sight;
};

// Phase full is every route: a part of them reaches 100% in ramp-up.
Result<void> check_full(const State& state, const Move& move) {
  if (move.phase != Phase::full || state.phase == Phase::full || !move.routes) return {};
  return fail(
      Code::usage,
      "phase full is entered by every route",
      "some of them go to 100% in the phase ramp-up",
      "nothing was changed",
      line_for(Phase::ramp_up, Share::all())
  );
}

Result<Planned> plan_move(const State& state, const Move& move) {
  auto target = target_of(state, move);
  if (!target) return pass_on(target);
  if (auto ok = check_full(state, move); !ok) return pass_on(ok);
  Planned planned{Direction::none, *target, sight_of(state, move, *target)};
  if (move.phase < state.phase) {
    planned.direction = Direction::back;
  } else if (move.phase == state.phase) {
    planned.direction = direction_within(state, planned.sight);
  } else {
    const auto next = next_phase(state.phase).value_or(Phase::full);
    if (move.phase != next) return out_of_order(state, move, next, planned.sight);
    planned.direction = Direction::forward;
  }
  if (planned.direction == Direction::back && move.pause_after) {
    return fail(
        Code::usage,
        "a way back does not pause",
        "--pause-after is for a gradual move forward",
        "nothing was changed",
        line_again(move)
    );
  }
  return planned;
}

// A phase is reached when it was observed; until then the next one would stand on nothing.
Result<void> check_reached(const State& state, const Move& move) {
  const auto again = line_of_open_raise(state);
  if (move.phase == state.phase || !again) return {};
  return fail(
      Code::conflict,
      fmt::format("phase {} was entered, and its traffic was not observed", to_text(state.phase)),
      "the next phase comes when the present one is reached",
      "nothing was changed",
      *again
  );
}

// What of the routes that a move selects rises only when it is named.
struct Kept {
  std::vector<Route> held;
  std::vector<Route> halted;  // by a kill key of their own
  std::vector<Route> all;     // that there are, selected or not
};

Kept kept_of(const State& state, const Move& move) {
  Kept kept;
  for (const auto& [route, now] : state.routes) {
    if (!now.configured) continue;
    kept.all.push_back(route);
    if (!is_selected(move.routes, route)) continue;
    if (now.held) kept.held.push_back(route);
    if (state.halted_routes.contains(route)) kept.halted.push_back(route);
  }
  return kept;
}

Result<void> check_held(const State& state, const Move& move, const Sight& sight) {
  const Kept kept = kept_of(state, move);
  const bool enters = move.phase == Phase::full && state.phase != Phase::full;
  const bool full = enters && !is_named(move) &&
                    (!kept.halted.empty() || (!kept.held.empty() && !move.include_held));
  // One that was asked for before and is not there may rise, whatever stays behind.
  if (!full && (sight.raises || sight.pending || !sight.held)) return {};
  if (!kept.halted.empty()) {
    // What an emergency cut begins small again, wherever the others are.
    const auto share = enters || move.percentage > kCanaryShare ? kCanaryShare : move.percentage;
    return fail(
        Code::conflict,
        "an emergency has halted some routes by themselves",
        "they rise only when they are named",
        "nothing was changed",
        line_for(enters ? Phase::ramp_up : move.phase, share) + names_for(kept.halted, kept.all)
    );
  }
  return fail(
      Code::conflict,
      full ? "some routes are held" : "every route that would rise is held",
      "they were rolled back by a partial rollback and rise only when they are named",
      "nothing was changed",
      line_for(move.phase, move.percentage) +
          (move.routes ? names_for(kept.held, kept.all) : " --include-held")
  );
}

// The routes that change, and those that were requested before and are not there yet.
std::vector<RouteAmount> requested_by(const State& state, const Move& move, const Target& target) {
  std::vector<RouteAmount> amounts;
  for (const auto& [route, now] : state.routes) {
    if (!concerns(now) || !is_selected(move.routes, route)) continue;
    Wanted wanted = wanted_of(now, target);
    if (!may_rise(state, route, now, move)) {
      wanted.share = std::min(wanted.share, now.share.requested);
      wanted.mirror = std::min(wanted.mirror, now.mirror.requested);
    }
    const auto changes = [](const Amount& amount, Share share) {
      return amount.requested != share || amount.applied != share || amount.observed != share;
    };
    RouteAmount amount{route, {}, {}};
    if (changes(now.share, wanted.share)) amount.share = wanted.share;
    if (changes(now.mirror, wanted.mirror)) amount.mirror = wanted.mirror;
    if (amount.share || amount.mirror) amounts.push_back(std::move(amount));
  }
  return amounts;
}

// A pause lies on the way, or it is none.
Result<void> check_pause(
    const State& state, const Move& move, const std::vector<RouteAmount>& amounts
) {
  if (!move.pause_after) return {};
  const bool shadow = move.phase == Phase::shadow;
  bool on_the_way = false;
  for (const auto& amount : amounts) {
    const auto to = shadow ? amount.mirror : amount.share;
    const RouteState& now = state.routes.at(amount.route);
    const Share from = lowest(shadow ? now.mirror : now.share);
    on_the_way = on_the_way || (to && from < *move.pause_after && *move.pause_after < *to);
  }
  if (on_the_way) return {};
  return fail(
      Code::usage,
      fmt::format("--pause-after {} is not on the way", to_text(*move.pause_after)),
      "it lies above where the routes are, and below where they go",
      "nothing was changed",
      "hal9-migrate status"
  );
}

// One raise at a time: what the second one means would depend on where the first one is.
Result<void> check_raise(const State& state) {
  if (!state.raise) return {};
  const Raise& raise = *state.raise;
  return fail(
      Code::conflict,
      fmt::format("a gradual move forward is {}, begun by {}", to_text(raise.status), raise.by),
      raise.why.empty() ? "it goes on, or it is aborted, before another one begins"
                        : "it is paused: " + raise.why,
      "nothing was changed",
      "hal9-migrate migrate resume"
  );
}

Result<std::vector<Decided>> forward(
    const State& state, const Command& command, const Move& move, const Planned& planned
) {
  if (auto ok = check_running(state); !ok) return pass_on(ok);
  if (auto ok = check_raise(state); !ok) return pass_on(ok);
  if (auto ok = check_reached(state, move); !ok) return pass_on(ok);
  auto amounts = requested_by(state, move, planned.target);
  if (auto ok = check_halts(state, amounts, move.halts_seen, line_again(move)); !ok) {
    return pass_on(ok);
  }
  if (auto ok = check_held(state, move, planned.sight); !ok) return pass_on(ok);
  if (auto ok = check_pause(state, move, amounts); !ok) return pass_on(ok);
  // A way back that another command's lowering has turned into a raise meanwhile.
  if (move.gates.empty()) {
    return fail(
        Code::conflict,
        "this would raise traffic now, and its gates were not looked at",
        "somebody else has lowered it in the meantime",
        "nothing was changed",
        "hal9-migrate status"
    );
  }
  if (auto ok = check_gates(state, move.gates); !ok) return pass_on(ok);
  Facts facts(state, command);
  facts.add(GatesChecked{move.phase, move.gates});
  release_halts(facts, amounts);
  facts.take_executor();
  if (move.phase != state.phase) facts.add(PhaseEntered{state.phase, move.phase});
  if (move.gradual) {
    begin_raise(facts, command, move, state.phase, std::move(amounts));
  } else if (!amounts.empty()) {
    facts.add(TrafficRequested{std::move(amounts)});
  }
  return facts.done();
}

}  // namespace

Result<Direction> direction_of(const State& state, const Move& move) {
  auto planned = plan_move(state, move);
  if (!planned) return pass_on(planned);
  return planned->direction;
}

Result<std::vector<Decided>> decide_move(
    const State& state, const Command& command, const Move& move
) {
  auto planned = plan_move(state, move);
  if (!planned) return pass_on(planned);
  switch (planned->direction) {
    case Direction::none:
      return std::vector<Decided>{};
    case Direction::forward:
      return forward(state, command, move, *planned);
    case Direction::back: {
      WayBack back;
      back.target = planned->target;
      back.to_phase = move.phase;
      back.gradual = move.gradual;
      // A narrower scope holds in its phase, as with a rollback.
      back.routes = move.routes;
      back.partial = move.routes.has_value();
      if (move.routes) back.to_phase = state.phase;
      return lower(state, command, back);
    }
  }
  return std::vector<Decided>{};
}

}  // namespace hal9::migration
