// `--dry-run` of what may go forward: its gates as they are now, and what it would request.
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/dry_run.h"
#include "engine/forward.h"
#include "engine/gates.h"
#include "engine/make_command.h"
#include "engine/reach.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace hal9::engine {

namespace {

void add_now(ForwardPlan& plan, const migration::State& state, const migration::Route& route) {
  if (std::ranges::find(plan.now, route, &migration::RouteAmount::route) != plan.now.end()) return;
  const auto known = state.routes.find(route);
  if (known == state.routes.end()) return;
  plan.now.push_back({route, known->second.share.observed, known->second.mirror.observed});
}

ForwardPlan forward_of(
    const migration::State& state,
    migration::Phase to,
    const std::vector<migration::Decided>& decided
) {
  ForwardPlan plan;
  plan.from = state.phase;
  plan.to = to;
  for (const auto& one : decided) {
    if (const auto* asked = std::get_if<migration::TrafficRequested>(&one.fact)) {
      plan.at_once = asked->routes;
    } else if (const auto* begun = std::get_if<migration::RaiseStarted>(&one.fact)) {
      plan.raise = begun->plan;
    } else if (const auto* resumed = std::get_if<migration::RaiseResumed>(&one.fact)) {
      plan.raise = resumed->plan;
    } else if (std::holds_alternative<migration::HaltReleased>(one.fact)) {
      plan.clears_halt = true;
    }
  }
  for (const auto& amount : plan.at_once) add_now(plan, state, amount.route);
  if (!plan.raise) return plan;
  for (const auto& route : plan.raise->routes) add_now(plan, state, route.route);
  return plan;
}

// Up to where it pauses, if it does: what is behind that waits for a person.
std::vector<PlannedStep> steps_of(const migration::RaisePlan& plan) {
  const Micros duration = plan.ends - plan.started;
  std::vector<PlannedStep> steps;
  Micros after{};
  do {
    after = migration::next_step(plan, after);
    steps.push_back({after, migration::amounts_at(plan, after)});
  } while (after < duration && !migration::pauses_with(plan, steps.back().routes));
  return steps;
}

}  // namespace

Result<DryRunView> Service::dry_run_gated(
    const migration::State& state,
    std::vector<migration::Gate> gates,
    migration::Phase to,
    const std::function<
        Result<std::vector<migration::Decided>>(const std::vector<migration::Gate>&)>& decide
) {
  std::optional<Error> refused;
  auto decided = decide(gates);
  if (!decided && decided.error().code == Code::gate) {
    // What it would do once the gate lets it pass.
    refused = decided.error();
    auto passed = gates;
    for (auto& gate : passed) gate.overridden = true;
    decided = decide(passed);
  }
  if (!decided) return pass_on(decided);
  auto view = dry_run_view(state, *decided);
  view.gates = std::move(gates);
  view.refused = std::move(refused);
  view.forward = forward_of(state, to, *decided);
  if (const auto& raise = view.forward->raise) {
    view.steps = steps_of(*raise);
    view.estimate = view.steps.back().after;
    view.estimated_from = raise->pause_after ? "the plan, up to its pause" : "the plan";
    if (raise->pause_after) {
      view.afterwards.emplace_back("it pauses there; migrate resume goes on");
    }
    view.afterwards.emplace_back(
        "at each step the gates are looked at again; one that fails sends it back"
    );
  }
  view.afterwards.emplace_back("every route is read back; done is what was observed");
  view.authority = "any operator, behind the gates; a person confirms, or --yes";
  return view;
}

Result<DryRunView> Service::dry_run_move(const Asker& asker, const MoveRequest& asked) {
  auto& ports = parts_->ports;
  std::vector<std::string> notes;
  const MoveRequest request = reach(*ports.router, ports.configuration, asked, notes);
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  migration::Move body = body_of(request);
  auto direction = migration::direction_of(*state, body);
  if (!direction) return pass_on(direction);
  const auto decide = [&](const std::vector<migration::Gate>& gates) {
    body.gates = gates;
    return migration::decide(*state, make_command(*ports.environment, asker, body));
  };
  if (*direction == migration::Direction::back) {
    auto decided = decide({});
    if (!decided) return pass_on(decided);
    auto view = dry_run_back(*state, *decided, false);
    if (view) view->risks.insert(view->risks.begin(), notes.begin(), notes.end());
    return view;
  }
  if (auto can = parts_->can_do(request); !can) return pass_on(can);
  if (auto whole = refuse_part(*ports.router, asked, request); !whole) return pass_on(whole);
  if (*direction == migration::Direction::forward) {
    body.halts_seen = newest_halt(*state);
    auto gates = look_at_gates(*state, *ports.router, *ports.spool, request.overrides);
    auto view = dry_run_gated(*state, std::move(gates), request.phase, decide);
    if (view) view->risks.insert(view->risks.begin(), notes.begin(), notes.end());
    return view;
  }
  auto decided = decide({});
  if (!decided) return pass_on(decided);
  auto view = dry_run_view(*state, *decided);
  view.risks.insert(view.risks.begin(), notes.begin(), notes.end());
  view.authority = "any operator, behind the gates; a person confirms, or --yes";
  return view;
}

Result<DryRunView> Service::dry_run_feature(
    const Asker& asker, const Name& feature, Share percentage
) {
  auto& ports = parts_->ports;
  if (feature.text() == kShadowMode && percentage == Share::none()) {
    migration::RollBack request;
    request.mirror_only = true;
    return dry_run(asker, request);
  }
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  migration::SetFeature body{feature, percentage, {}};
  const auto known = state->features.find(feature);
  const bool rises = known != state->features.end() && percentage > known->second.requested;
  if (rises) body.gates = look_at_gates(*state, *ports.router, *ports.spool, {});
  const auto gates = body.gates;
  std::optional<Error> refused;
  auto decided = migration::decide(*state, make_command(*ports.environment, asker, body));
  if (!decided && decided.error().code == Code::gate) {
    refused = decided.error();
    for (auto& gate : body.gates) gate.overridden = true;
    decided = migration::decide(*state, make_command(*ports.environment, asker, body));
  }
  if (!decided) return pass_on(decided);
  auto view = dry_run_view(*state, *decided);
  view.gates = gates;
  view.refused = std::move(refused);
  for (const auto& one : *decided) {
    const auto* asked = std::get_if<migration::FeatureRequested>(&one.fact);
    if (asked != nullptr) view.features = asked->features;
  }
  view.afterwards.emplace_back("the flag is read back; done is what was observed");
  view.authority = rises ? "any operator, behind the gates; a person confirms, or --yes"
                         : "any operator: lowering asks for nobody";
  return view;
}

}  // namespace hal9::engine
