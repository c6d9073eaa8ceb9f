#include "migration/words.h"

#include "base/name.h"
#include "base/result.h"
#include "base/time.h"
#include "migration/actor.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

std::string to_text(AuthType auth) {
  return word_of(auth);
}
std::string to_text(Role role) {
  return word_of(role);
}
std::string to_text(Via via) {
  return word_of(via);
}
std::string to_text(RouterKind kind) {
  return word_of(kind);
}
std::string to_text(RaiseStatus status) {
  return word_of(status);
}
std::string to_text(RaiseEnd end) {
  return word_of(end);
}
std::string to_text(GateName name) {
  return word_of(name);
}
std::string to_text(GateOutcome outcome) {
  return word_of(outcome);
}
std::string to_text(Phase phase) {
  return word_of(phase);
}
const RouteLowering* lowering_in(const RollbackPlan& plan, const Route& route) {
  const auto found = std::ranges::find(plan.routes, route, &RouteLowering::route);
  return found == plan.routes.end() ? nullptr : &*found;
}

Time end_of(const RollbackPlan& plan, const RouteLowering& lowering) {
  return lowering.ends.value_or(plan.ends);
}

std::string to_text(RollbackKind kind) {
  return word_of(kind);
}
std::string to_text(RollbackStatus status) {
  return word_of(status);
}

std::string to_text(HookOn on) {
  return word_of(on);
}
std::string to_text(HookEnd end) {
  return word_of(end);
}
std::string to_text(ObjectOf of) {
  return word_of(of);
}

bool blocks(const Gate& gate, bool strict) {
  if (gate.overridden) return false;
  switch (gate.outcome) {
    case GateOutcome::passed:
      return false;
    case GateOutcome::failed:
    case GateOutcome::unknown:
      return true;
    case GateOutcome::not_checked:
      return strict;
  }
  return true;
}

Result<Phase> parse_phase(std::string_view text) {
  if (text == "cutover") return Phase::full;
  if (const auto phase = from_word<Phase>(text)) return *phase;
  std::vector<std::string> known(Words<Phase>::kAll.begin(), Words<Phase>::kAll.end());
  known.emplace_back("cutover");
  const std::string close = nearest(text, known);
  return fail(
      Code::usage,
      fmt::format(
          "there is no phase \"{}\"{}",
          text,
          close.empty() ? "" : fmt::format("; did you mean {}?", close)
      ),
      "the phases are none, shadow, canary, state-migration, ramp-up, full",
      "nothing was changed",
      close.empty() ? "hal9-migrate status" : fmt::format("hal9-migrate migrate --phase {}", close)
  );
}

std::optional<Phase> next_phase(Phase phase) {
  if (phase == Phase::full) return {};
  return static_cast<Phase>(static_cast<int>(phase) + 1);
}

std::string to_text(const Route& route) {
  return route.region.text() + "." + route.component.text();
}

bool parse_route(std::string_view text, Route& into) {
  const auto dot = text.find('.');
  return dot != std::string_view::npos && Name::parse(text.substr(0, dot), into.region) &&
         Name::parse(text.substr(dot + 1), into.component);
}

Result<Route> parse_route(std::string_view text) {
  Result<Route> route{Route{}};
  if (parse_route(text, *route)) return route;
  return fail(
      Code::usage,
      fmt::format("\"{}\" is not a route", text),
      "a route is written region.component",
      "nothing was changed",
      "hal9-migrate status --detailed"
  );
}

std::vector<Route> routes_of(const Configuration& configuration) {
  std::vector<Route> routes;
  routes.reserve(configuration.regions.size() * configuration.components.size());
  for (const auto& region : configuration.regions) {
    for (const auto& component : configuration.components) routes.push_back({region, component});
  }
  return routes;
}

}  // namespace hal9::migration
