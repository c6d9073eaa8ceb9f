// `--dry-run` of what is about something that is open: a running rollback, a move forward that is paused.
#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/cancel.h"
#include "engine/dry_run.h"
#include "engine/forward.h"
#include "engine/gates.h"
#include "engine/make_command.h"
#include "engine/reach.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hal9::engine {

namespace {

// What is left of a running one, from `gone` on.
void add_rest(DryRunView& view, const migration::RollbackPlan& plan, Micros gone) {
  const Micros duration = std::max(Micros{0}, plan.ends - plan.started);
  for (Micros at = std::min(gone, duration); at < duration; at = migration::next_step(plan, at)) {
    view.steps.push_back({at - gone, migration::amounts_at(plan, at)});
  }
  view.steps.push_back({std::max(Micros{0}, duration - gone), migration::amounts_at(plan, duration)}
  );
}

}  // namespace

Result<DryRunView> Service::dry_run_resume(const Asker& /*asker*/) {
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  auto view = dry_run_view(*state, {});
  view.beside.clear();
  const Time now = this->now();
  for (const auto& rollback : state->running) {
    view.resumes.push_back(rollback.plan);
    const Micros left = std::max(Micros{0}, rollback.plan.ends - now);
    view.estimate = std::max(view.estimate.value_or(Micros{0}), left);
    view.estimated_from = "the plan";
  }
  if (!state->running.empty()) {
    const auto& first = state->running.front().plan;
    add_rest(view, first, std::max(Micros{0}, now - first.started));
  }
  view.open = true;
  view.afterwards.emplace_back("every route is read back; done is what was observed");
  view.authority = "any operator: lowering asks for nobody";
  return view;
}

Result<DryRunView> Service::dry_run_cancel(const Asker& asker, RollbackId id) {
  auto& ports = parts_->ports;
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  migration::CancelRollback body;
  body.rollback = id;
  body.read_back = ports.router->capabilities().moves_traffic;
  if (const auto* plan = running_plan(*state, id)) {
    auto reading = ports.router->read_beside(*state);
    if (!reading) return pass_on(reading);
    body.observed = read_routes(*plan, *reading);
  }
  auto decided =
      migration::decide(*state, make_command(*ports.environment, asker, std::move(body)));
  if (!decided) return pass_on(decided);
  auto view = dry_run_view(*state, {});
  std::erase(view.beside, id);
  for (const auto& one : *decided) {
    if (const auto* stopped = std::get_if<migration::RollbackCancelled>(&one.fact)) {
      view.cancels = CancelPlan{stopped->rollback, stopped->routes};
    }
  }
  view.open = true;
  view.risks.emplace_back("a running rollback goes on meanwhile: it stops where it is by then");
  view.afterwards.emplace_back("its routes are held: only a move that names them raises them");
  view.authority = "any operator; a person confirms, or --yes";
  return view;
}

Result<DryRunView> Service::dry_run_abort(const Asker& asker) {
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  auto decided = migration::decide(
      *state, make_command(*parts_->ports.environment, asker, migration::AbortRaise{})
  );
  if (!decided) return pass_on(decided);
  return dry_run_back(*state, *decided, false);
}

Result<DryRunView> Service::dry_run_resume_raise(
    const Asker& asker, const ResumeRaiseRequest& request
) {
  auto& ports = parts_->ports;
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  migration::ResumeRaise body;
  std::vector<std::string> notes;
  if (request.pause_after) body.pause_after = reach(*ports.router, *request.pause_after, notes);
  const auto& raise = state->raise;
  if (raise) {
    body.gates = look_at_gates(*state, *ports.router, *ports.spool, request.overrides);
    body.halts_seen = newest_halt(*state);
  }
  auto view = dry_run_gated(
      *state,
      std::move(body.gates),
      raise ? raise->plan.phase : state->phase,
      [&](const std::vector<migration::Gate>& gates) {
        body.gates = gates;
        return migration::decide(*state, make_command(*ports.environment, asker, body));
      }
  );
  if (view) view->risks.insert(view->risks.begin(), notes.begin(), notes.end());
  return view;
}

}  // namespace hal9::engine
