#include "engine/hooks.h"

#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/due_hooks.h"
#include "migration/hook.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::DueHook;
using migration::Hook;

const Hook* configured(const migration::Configuration& configuration, const Name& name) {
  if (!configuration.hooks) return nullptr;
  const auto found = std::ranges::find(*configuration.hooks, name, &Hook::name);
  return found == configuration.hooks->end() ? nullptr : &*found;
}

// The first that is due, that is chosen and that this process has not tried yet.
std::optional<DueHook> next_of(
    const migration::State& state, const HookChoice& choice, const std::vector<HookResult>& tried
) {
  const auto found = std::ranges::find_if(state.hooks_due, [&](const DueHook& one) {
    if (choice.name && *choice.name != one.hook) return false;
    if (choice.untried && one.attempts > 0) return false;
    if (migration::entered_again(state, one)) return false;
    return std::ranges::none_of(tried, [&](const HookResult& result) {
      return result.hook == one.hook && result.since == one.since;
    });
  });
  return found == state.hooks_due.end() ? std::nullopt : std::optional(*found);
}

// What it is told on its stdin.
std::string input_of(const migration::Configuration& configuration, const DueHook& due) {
  const Json json{
      {"version", 1},
      {"hook", due.hook.text()},
      {"migration", configuration.name.text()},
      {"on", to_text(due.on)},
      {"phase", to_text(due.phase)},
      {"rollback", due.rollback ? Json(to_text(*due.rollback)) : Json(nullptr)},
      {"since", due.since.value},
      {"at", to_text(due.at)},
      {"attempt", due.attempts + 1}
  };
  return json.dump() + "\n";
}

// `locked`: what the port knows of whoever is at it.
tl::unexpected<Error> others_at_it(const Error& locked) {
  return fail(
      Code::conflict,
      locked.what,
      "one process at a time runs hooks, so that none runs twice at once; a hook that a killed "
      "process left behind counts until it has ended, and so does whatever that hook started",
      "nothing was run; what is due stays due, and hal9-migrate hook retry runs it once they are "
      "gone",
      locked.next.empty() ? "hal9-migrate hook list" : locked.next
  );
}

std::string retry_line(const Name& hook) {
  return "hal9-migrate hook retry " + hook.text();
}
std::string dismiss_line(const Name& hook) {
  return "hal9-migrate hook dismiss " + hook.text();
}

// Of the one that is named where it is due no longer, and nothing else of it was run.
std::optional<Error> why_not_run(
    const migration::State& state,
    const migration::Configuration& configuration,
    const HookChoice& choice
) {
  const auto found = std::ranges::find_if(state.hooks_due, [&](const DueHook& one) {
    return choice.name == one.hook && migration::entered_again(state, one);
  });
  if (found == state.hooks_due.end()) return {};
  const std::string phase = to_text(found->phase);
  Error error;
  error.code = Code::conflict;
  error.what = fmt::format("hook {} is not run: {} was entered again", found->hook.text(), phase);
  error.why = fmt::format(
      "event {} ended {} and made it due; now it would act upon the phase that the migration is in",
      found->since.value,
      phase
  );
  error.state = "nothing was run";
  if (configured(configuration, found->hook) != nullptr) {
    error.state += "; it is due anew once " + phase + " is left";
  }
  error.next = dismiss_line(found->hook);
  return error;
}

}  // namespace

HookResult Service::Parts::run_hook(
    Writer& writer, const Asker& asker, const DueHook& due, Progress& progress
) {
  HookResult result{due.hook, due.since, {}, {}, {}};
  const auto began = ports.environment->steady();
  if (const auto* hook = configured(ports.configuration, due.hook)) {
    progress.on_note(fmt::format(
        "hook {}, due since event {}, runs, {} at most; Ctrl-C ends it",
        due.hook.text(),
        due.since.value,
        to_text(hook->timeout)
    ));
    result.attempt = ports.hooks->run(*hook, input_of(ports.configuration, due));
    if (result.attempt.end != migration::HookEnd::succeeded) result.next = retry_line(due.hook);
  } else {
    result.attempt.end = migration::HookEnd::not_started;
    result.attempt.error = "hal9.yaml names no hook of this name any more";
    result.next = dismiss_line(due.hook);
  }
  const auto took = std::chrono::duration_cast<Micros>(ports.environment->steady() - began);
  const auto& attempt = result.attempt;
  std::optional<CorrelationId> correlation;
  if (due.rollback) correlation = CorrelationId{due.rollback->bytes};
  std::vector<std::string> notes;
  auto command = whole_command(
      asker,
      migration::ReportHook{due.hook, due.since, attempt.end, attempt.code, took, attempt.error},
      notes,
      correlation
  );
  if (!attempt.output.empty()) keep(migration::ObjectOf::output, attempt.output, command, notes);
  auto recorded = writer.execute(command);
  if (!recorded) notes.push_back("how it ended could not be recorded: " + recorded.error().what);
  for (const auto& note : notes) result.problem += (result.problem.empty() ? "" : "; ") + note;
  return result;
}

Result<std::vector<HookResult>> Service::run_hooks(
    const Asker& asker, const HookChoice& choice, Progress& progress
) {
  auto& ports = parts_->ports;
  auto held = ports.hooks->acquire();
  if (!held && held.error().code == Code::locked) return others_at_it(held.error());
  if (!held) return pass_on(held);
  auto store = ports.open_store();
  if (!store) return pass_on(store);
  Writer writer(**store, *ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) return pass_on(prepared);
  std::vector<HookResult> results;
  // Looked at anew behind each: what others have made due meanwhile was left to this process.
  while (const auto due = next_of(writer.state(), choice, results)) {
    results.push_back(parts_->run_hook(writer, asker, *due, progress));
    if (ports.environment->interrupted()) break;
    if (auto folded = writer.catch_up(); !folded) return pass_on(folded);
  }
  if (results.empty()) {
    auto refused = why_not_run(writer.state(), ports.configuration, choice);
    if (refused) return tl::unexpected<Error>(std::move(*refused));
  }
  return results;
}

Result<std::vector<HookView>> Service::hooks() {
  auto state = parts_->newest_state();
  if (!state) return parts_->without_ledger(state.error());
  std::vector<HookView> views;
  for (const auto& due : state->hooks_due) {
    HookView view{due.hook, {}, due, migration::entered_again(*state, due)};
    if (const auto* hook = configured(configuration(), due.hook)) view.configured = *hook;
    views.push_back(std::move(view));
  }
  for (const auto& hook : configuration().hooks.value_or(std::vector<Hook>())) {
    const bool listed = std::ranges::find(views, hook.name, &HookView::name) != views.end();
    if (!listed) views.push_back({hook.name, hook, {}, false});
  }
  return views;
}

Result<Outcome> Service::dismiss_hook(const Asker& asker, const Name& name) {
  auto store = parts_->ports.open_store();
  if (!store) return pass_on(store);
  Writer writer(**store, *parts_->ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) return pass_on(prepared);
  Outcome outcome;
  auto recorded =
      writer.execute(parts_->whole_command(asker, migration::DismissHook{name}, outcome.notes));
  if (!recorded) return pass_on(recorded);
  if (recorded->events.empty()) {
    return fail(
        Code::conflict,
        "no hook " + name.text() + " is due",
        "",
        "nothing was changed",
        "hal9-migrate hook list"
    );
  }
  outcome.moved = true;
  outcome.headline =
      fmt::format("hook {} is due no more: {} dismissed", name.text(), recorded->events.size());
  outcome.state = writer.state();
  outcome.first = recorded->events.front().sequence;
  outcome.last = recorded->events.back().sequence;
  outcome.next = "hal9-migrate hook list";
  return outcome;
}

}  // namespace hal9::engine
