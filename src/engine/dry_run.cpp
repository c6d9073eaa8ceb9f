#include "engine/dry_run.h"

#include "base/counted.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/make_command.h"
#include "engine/reach.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/hook.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::engine {

namespace {

// So many of the past tell how long one takes.
constexpr std::size_t kPast = 20;

std::vector<PlannedStep> steps_of(const migration::RollbackPlan& plan) {
  const Micros duration = std::max(Micros{0}, plan.ends - plan.started);
  std::vector<PlannedStep> steps;
  for (Micros after{0}; after < duration; after = migration::next_step(plan, after)) {
    steps.push_back({after, migration::amounts_at(plan, after)});
  }
  steps.push_back({duration, migration::amounts_at(plan, duration)});
  return steps;
}

// What would be recorded: a plan, what it joins, what it takes over.
void add_facts(DryRunView& view, const std::vector<migration::Decided>& decided) {
  for (const auto& one : decided) {
    if (const auto* started = std::get_if<migration::RollbackStarted>(&one.fact)) {
      view.plan = started->plan;
      view.steps = steps_of(started->plan);
    } else if (const auto* asked = std::get_if<migration::RollbackAsked>(&one.fact)) {
      view.joins = asked->joined;
    } else if (const auto* gone = std::get_if<migration::RollbackSuperseded>(&one.fact)) {
      view.supersedes.push_back(gone->rollback);
    } else if (std::holds_alternative<migration::RaiseEnded>(one.fact)) {
      view.ends_raise = true;
    }
  }
}

void add_beside(DryRunView& view, const migration::State& state) {
  for (const auto& rollback : state.running) {
    const auto& id = rollback.plan.id;
    const bool gone = std::ranges::find(view.supersedes, id) != view.supersedes.end();
    if (!gone && view.joins != id) view.beside.push_back(id);
  }
}

void look_at_router(DryRunView& view, Router& router) {
  if (!router.capabilities().moves_traffic) {
    view.checks.push_back({"router", true, "ledger-only: nothing would be moved"});
    return;
  }
  auto reading = router.read();
  if (!reading) {
    view.checks.push_back({"router", false, reading.error().what});
    view.risks.emplace_back("the router does not answer: it would be asked for 30 s, and stay open"
    );
    return;
  }
  view.checks.push_back({"router", true, router.description() + " reads back"});
  if (reading->servers_known) {
    const auto up = reading->flat.servers_up;
    view.checks.push_back({"flat", up > 0, counted(up, "server") + " up"});
  } else {
    view.risks.emplace_back("this router does not tell whether flat is up");
  }
  if (reading->flat_is_down()) {
    view.risks.emplace_back("flat is down: traffic would go there all the same");
  }
  for (const auto& differs : reading->disagree) view.risks.push_back(differs);
}

void estimate(DryRunView& view, const std::vector<RollbackView>& past) {
  if (!view.plan) return;
  const bool answers = std::ranges::none_of(view.checks, [](const PlanCheck& check) {
    return check.name == "router" && !check.holds;
  });
  if (!answers) return;  // it would be asked for half a minute, whatever the past took
  if (view.plan->kind == migration::RollbackKind::gradual) {
    view.estimate = view.plan->ends - view.plan->started;
    view.estimated_from = "the plan";
    return;
  }
  std::vector<Micros> times;
  for (const auto& one : past) {
    const auto& rollback = one.rollback;
    const bool same = rollback.plan.kind == view.plan->kind &&
                      rollback.status == migration::RollbackStatus::completed;
    if (same && rollback.ended) times.push_back(*rollback.ended - rollback.plan.started);
  }
  if (times.empty()) return;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  view.estimate = *middle;
  view.estimated_from =
      counted(times.size(), to_text(view.plan->kind) + " rollback") + " of this ledger";
}

// What would run behind it.
void add_hooks(
    DryRunView& view,
    const migration::Configuration& configuration,
    const std::vector<migration::Decided>& decided
) {
  const auto runs = [&](migration::HookOn on, migration::Phase phase) {
    for (const auto& hook : configuration.hooks.value_or(std::vector<migration::Hook>())) {
      if (hook.on != on || hook.phase.value_or(phase) != phase) continue;
      view.afterwards.push_back(
          fmt::format("the hook {} runs: {}", hook.name.text(), fmt::join(hook.command, " "))
      );
    }
  };
  bool back = false;  // the phase then ends by that, which an emergency's facts say as well
  for (const auto& one : decided) {
    if (const auto* started = std::get_if<migration::RollbackStarted>(&one.fact)) {
      const auto& plan = started->plan;
      back = true;
      runs(migration::HookOn::rollback_end, plan.from_phase);
      if (plan.to_phase != plan.from_phase) runs(migration::HookOn::phase_end, plan.from_phase);
    } else if (const auto* entered = std::get_if<migration::PhaseEntered>(&one.fact)) {
      if (entered->from != migration::Phase::none && !back)
        runs(migration::HookOn::phase_end, entered->from);
    }
  }
}

}  // namespace

DryRunView Service::dry_run_view(
    const migration::State& state, const std::vector<migration::Decided>& decided
) {
  DryRunView view;
  view.where = whereabouts();
  view.phase = migration::phase_text(state);
  add_facts(view, decided);
  add_beside(view, state);
  look_at_router(view, *parts_->ports.router);
  const auto waiting = spooled();
  view.checks.push_back(
      {"spool", waiting == 0, counted(waiting, "record") + (waiting == 1 ? " waits" : " wait")}
  );
  if (waiting > 0) view.risks.emplace_back("what waits in the spool would be taken in first");
  if (state.configuration != migration::digest_of(configuration())) {
    view.risks.emplace_back("hal9.yaml is not what the ledger accepted: it would be accepted first"
    );
  }
  add_hooks(view, configuration(), decided);
  view.looked = parts_->ports.router->capabilities().moves_traffic;
  return view;
}

Result<DryRunView> Service::dry_run_back(
    const migration::State& state, const std::vector<migration::Decided>& decided, bool preserve
) {
  auto view = dry_run_view(state, decided);
  view.risks.emplace_back("what hierarchical has written is not looked at: no state source");
  auto past = rollbacks(kPast);
  if (!past) return pass_on(past);
  estimate(view, *past);
  view.afterwards.emplace_back("every route is read back; done is what was observed");
  if (preserve) {
    view.afterwards.emplace_back("traffic flat, feature flags kept; exit 3 if one is false");
  }
  view.authority = "any operator: lowering asks for nobody";
  return view;
}

Result<DryRunView> Service::dry_run(const Asker& asker, const migration::RollBack& asked) {
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  auto& ports = parts_->ports;
  std::vector<std::string> notes;
  const auto request = reach(*ports.router, ports.configuration, asked, notes);
  auto decided =
      migration::decide(*state, make_command(*parts_->ports.environment, asker, request));
  if (!decided) return pass_on(decided);
  auto view = dry_run_back(*state, *decided, request.preserve_data);
  if (view) view->risks.insert(view->risks.begin(), notes.begin(), notes.end());
  return view;
}

}  // namespace hal9::engine
