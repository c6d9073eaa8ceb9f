#include "engine/left_as_is.h"

#include "base/share.h"
#include "engine/selected.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"
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
Share end_asked_for(const migration::CommandBody& body, bool in_shadow) {
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

}  // namespace

// What a way back would have raised: routes that stand below what was asked for.
void say_what_stays(
    Outcome& outcome, const migration::CommandBody& body, const std::vector<ledger::Event>& events
) {
  const bool in_shadow = outcome.state.phase == migration::Phase::shadow;
  const Share target = end_asked_for(body, in_shadow);
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
           : fmt::format(
                 " To raise them: hal9-migrate migrate --phase {} --percentage {}{}",
                 to_text(outcome.state.phase),
                 to_text(target),
                 naming(below, configured(outcome.state))
             );
  if (led_lower(events, below, target, in_shadow) > 0) {
    outcome.notes.push_back(fmt::format(
        "{} routes went below {}%: the rollback that this one took over goes there, and the lowest "
        "target counts.{}",
        below.size(),
        to_text(target),
        raise_them
    ));
  } else if (!over) {
    outcome.notes.push_back(fmt::format(
        "{} routes {} below {}% and stay there: a rollback raises nothing.{}",
        below.size(),
        in_shadow ? "are mirrored" : "stand",
        to_text(target),
        raise_them
    ));
  }
}

void say_held(Outcome& outcome) {
  // No line raises them before this one is through.
  if (outcome.state.raise) return;
  std::vector<migration::Route> held;
  Share most;
  for (const auto& [route, now] : outcome.state.routes) {
    if (!now.configured) continue;
    most = std::max(most, now.share.observed);
    if (now.held) held.push_back(route);
  }
  if (held.empty()) return;
  outcome.notes.push_back(fmt::format(
      "{} routes are held and were left where they are. To raise them: hal9-migrate migrate "
      "--phase "
      "{} --percentage {}{}",
      held.size(),
      to_text(outcome.state.phase),
      to_text(most),
      naming(held, configured(outcome.state))
  ));
}

}  // namespace hal9::engine
