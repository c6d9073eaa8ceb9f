#include "deliver_outcome.h"

#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "context.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "migration/due_hooks.h"
#include "migration/hook.h"
#include "progress.h"
#include "say.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// The end of a rollback, and every so many events. After everything was said: a witness that hangs
// holds nobody up who waits for traffic, and what fails is no failure of the command. Not in an
// emergency: its seal is made by the next command, or by `ledger seal`.
void seal_if_due(Context& context, const wiring::Wired& wired) {
  if (context.line().has("emergency")) return;
  auto sealed = wired.service->seal_when_due();
  if (!sealed) {
    const Error& error = sealed.error();
    // No witness that will be back, but what somebody has to look into.
    if (error.code == Code::negative || error.code == Code::damaged) {
      context.terminal().say(error);
      return;
    }
    context.terminal().warn(fmt::format(
        "not sealed: {}{}; {}; at once: hal9-migrate ledger seal",
        error.what,
        error.why.empty() ? "" : " (" + error.why + ")",
        error.state
    ));
    return;
  }
  const std::optional<engine::SealView>& view = *sealed;
  if (!view) return;
  for (const auto& place : view->places) {
    if (place.problem.empty()) continue;
    const bool has_it = place.up_to.value_or(0) >= view->size;
    context.terminal().warn(fmt::format(
        "sealed{} {}: {}", has_it ? "; at" : ", but not at", place.location, place.problem
    ));
  }
}

// What the command's end has made due, after everything was said of it: a program that hangs or fails
// is no news of the traffic.
bool run_due_hooks(Context& context, const wiring::Wired& wired, const engine::Outcome& outcome) {
  const auto untried = [&](const migration::DueHook& due) {
    return due.attempts == 0 && !migration::entered_again(outcome.state, due);
  };
  if (std::ranges::none_of(outcome.state.hooks_due, untried)) return true;
  TerminalProgress progress(context.terminal());
  auto results = wired.service->run_hooks(context.asker(), {{}, true}, progress);
  if (!results) {
    // Whoever is at it runs these too, or says so.
    context.terminal().warn(fmt::format(
        "hooks were not run: {}; {}; next: {}",
        results.error().what,
        results.error().state,
        results.error().next.empty() ? "hal9-migrate hook list" : results.error().next
    ));
    return results.error().code == Code::conflict;
  }
  for (const auto& result : *results) {
    context.terminal().raw(hook_result_text(result, context.terminal().colour()));
  }
  context.terminal().flush();
  return std::ranges::all_of(*results, went_well);
}

Result<int> deliver_words(
    Context& context, const wiring::Wired& wired, const engine::Outcome& outcome, Way way
) {
  const Told told{way == Way::back, !context.line().value("reason").value_or("").empty()};
  const int code = outcome.code ? exit_code(*outcome.code) : kDone;
  auto delivered = context.deliver(
      wired,
      {[&](bool colour) { return outcome_text(outcome, told, colour); },
       [&] { return engine::to_json(outcome); }},
      code
  );
  // Whoever sits there hears what came of it also when the result went, or should have gone, to a
  // file: that traffic was cut is not lost with a full disk.
  if (delivered && !context.line().value("output")) return delivered;
  context.terminal().raw(outcome_text(outcome, told, context.terminal().colour()));
  context.terminal().flush();
  if (delivered) return delivered;
  context.terminal().say(delivered.error());
  return code == kDone ? exit_code(Code::partly_done) : code;
}

}  // namespace

Result<int> deliver_outcome(
    Context& context, const wiring::Wired& wired, const engine::Outcome& outcome, Way way
) {
  const bool recorded = outcome.recorded == engine::RecordedWhere::ledger;
  auto code = deliver_words(context, wired, outcome, way);
  context.terminal().flush();
  if (!recorded) return code;
  seal_if_due(context, wired);
  if (run_due_hooks(context, wired, outcome) || !code || *code != kDone) return code;
  return exit_code(Code::partly_done);
}

}  // namespace hal9::tools
