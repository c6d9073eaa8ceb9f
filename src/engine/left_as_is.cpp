#include "engine/left_as_is.h"

#include "base/counted.h"
#include "base/share.h"
#include "engine/selected.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "migration/canary_share.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/selection.h"
#include "migration/state.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

// What a way back was asked to end at; in phase shadow that is the mirror.
Share end_asked_for(
    const migration::CommandBody& body, const migration::State& state, bool in_shadow
) {
  // Canary had switched the mirrors off that shadow had when it was left.
  if (std::holds_alternative<migration::AbortRaise>(body)) {
    const auto left = state.last_share.find(migration::Phase::shadow);
    return in_shadow && left != state.last_share.end() ? left->second : Share::none();
  }
  if (const auto* request = std::get_if<migration::RollBack>(&body)) {
    if (in_shadow && request->to_phase != migration::Phase::shadow) return Share::none();
    if (in_shadow) return request->percentage.value_or(Share::all());
    return request->percentage.value_or(Share::none());
  }
  const auto* move = std::get_if<migration::Move>(&body);
  if (move == nullptr) return Share::none();
  return move->percentage.value_or(in_shadow ? Share::all() : Share::none());
}

std::vector<migration::Route> configured(const migration::State& state) {
  std::vector<migration::Route> all;
  for (const auto& [route, now] : state.routes) {
    if (now.configured) all.push_back(route);
  }
  return all;
}

// How many of them the plan leads below `target`, though less was asked for: by the rollback that it took over.
std::size_t led_lower(
    const std::vector<ledger::Event>& events,
    const std::vector<migration::Route>& routes,
    Share target,
    bool mirror
) {
  const auto started = find_fact<migration::RollbackStarted>(events);
  if (!started || !find_fact<migration::RollbackSuperseded>(events)) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(routes, [&](const auto& route) {
    const auto* lowering = migration::lowering_in(started->plan, route);
    if (lowering == nullptr) return false;
    return (mirror ? lowering->mirror_to : lowering->share_to) < target;
  }));
}

std::string routes_are(const std::vector<migration::Route>& routes) {
  return counted(routes.size(), "route") + (routes.size() == 1 ? " is" : " are");
}

// What a move forward asked for, at most; in phase shadow the mirror.
Share forward_end(const std::vector<ledger::Event>& events, bool in_shadow) {
  if (const auto raise = find_fact<migration::RaiseStarted>(events)) return ends_of(raise->plan).to;
  if (const auto raise = find_fact<migration::RaiseResumed>(events)) return ends_of(raise->plan).to;
  Share most;
  const auto asked = find_fact<migration::TrafficRequested>(events);
  if (!asked) return most;
  for (const auto& amount : asked->routes) {
    most = std::max(most, (in_shadow ? amount.mirror : amount.share).value_or(Share::none()));
  }
  return most;
}

// What an emergency halted is offered to nobody who did not ask for just that.
std::vector<migration::Route> not_halted(
    const migration::State& state, std::vector<migration::Route> routes
) {
  std::erase_if(routes, [&](const auto& route) { return state.halted_routes.contains(route); });
  return routes;
}

// Whether the command was about all that may rise: of a part nobody asked for the others.
bool was_of_all(const migration::State& state, Share asked, bool in_shadow) {
  return std::ranges::none_of(state.routes, [&](const auto& entry) {
    const auto& [route, now] = entry;
    if (!now.configured || now.held || state.halted_routes.contains(route)) return false;
    return (in_shadow ? now.mirror : now.share).observed < asked;
  });
}

// Of these and of no others: one line a region where no regions and components select just them.
std::string lines_that_raise(
    const migration::State& state, std::vector<migration::Route> routes, Share share
) {
  if (routes.empty()) return {};
  const auto all = configured(state);
  std::vector<std::string> lines;
  while (!routes.empty()) {
    std::vector<migration::Route> together = routes;
    if (!migration::is_selectable(routes, all)) {
      std::erase_if(together, [&](const auto& route) {
        return route.region != routes.front().region;
      });
    }
    lines.push_back(
        fmt::format("hal9-migrate migrate --phase {}", to_text(state.phase)) +
        (state.phase == migration::Phase::full ? "" : " --percentage " + to_text(share)) +
        migration::names_for(together, all)
    );
    std::erase_if(routes, [&](const auto& route) {
      return std::ranges::find(together, route) != together.end();
    });
  }
  return fmt::format(
      " To raise {}: {}",
      lines.size() == 1 ? "just that" : "just those, a line a region",
      fmt::join(lines, " ; ")
  );
}

}  // namespace

// What a way back would have raised: routes that stand below what was asked for.
void say_what_stays(
    Outcome& outcome, const migration::CommandBody& body, const std::vector<ledger::Event>& events
) {
  const bool in_shadow = outcome.state.phase == migration::Phase::shadow;
  const Share target = end_asked_for(body, outcome.state, in_shadow);
  if (target == Share::none()) return;
  std::vector<migration::Route> below;
  for (const auto& [route, now] : outcome.state.routes) {
    if (!now.configured) continue;
    const bool under = (in_shadow ? now.mirror : now.share).observed < target;
    if (under && is_selected(body, route)) below.push_back(route);
  }
  if (below.empty()) return;
  const bool over = outcome.state.phase == migration::Phase::none;
  const auto raise_them =
      over ? std::string()
           : lines_that_raise(outcome.state, not_halted(outcome.state, below), target);
  if (led_lower(events, below, target, in_shadow) > 0) {
    outcome.notes.push_back(fmt::format(
        "{} went below {}%: the rollback that this one took over goes there, and the lowest "
        "target counts.{}",
        counted(below.size(), "route"),
        to_text(target),
        raise_them
    ));
  } else if (!over) {
    outcome.notes.push_back(fmt::format(
        "{} below {}% and {} there: a rollback raises nothing.{}",
        in_shadow ? routes_are(below) + " mirrored"
                  : counted(below.size(), "route") + (below.size() == 1 ? " stands" : " stand"),
        to_text(target),
        below.size() == 1 ? "stays" : "stay",
        raise_them
    ));
  }
}

void say_held(Outcome& outcome, const std::vector<ledger::Event>& events) {
  if (outcome.state.raise) return;
  const bool in_shadow = outcome.state.phase == migration::Phase::shadow;
  const Share asked = forward_end(events, in_shadow);
  if (!was_of_all(outcome.state, asked, in_shadow)) return;
  std::vector<migration::Route> held;
  std::vector<migration::Route> halted;
  for (const auto& [route, now] : outcome.state.routes) {
    if (!now.configured || (in_shadow ? now.mirror : now.share).observed >= asked) continue;
    if (outcome.state.halted_routes.contains(route)) {
      halted.push_back(route);
    } else if (now.held) {
      held.push_back(route);
    }
  }
  if (!held.empty()) {
    outcome.notes.push_back(
        fmt::format(
            "{} held and left where {}.",
            routes_are(held),
            held.size() == 1 ? "it was" : "they were"
        ) +
        lines_that_raise(outcome.state, held, asked)
    );
  }
  if (!halted.empty()) {
    // What an emergency cut begins small again, wherever the others are.
    outcome.notes.push_back(
        fmt::format(
            "{} halted by an emergency of {} own.",
            routes_are(halted),
            halted.size() == 1 ? "its" : "their"
        ) +
        lines_that_raise(outcome.state, halted, std::min(asked, migration::kCanaryShare))
    );
  }
}

}  // namespace hal9::engine
