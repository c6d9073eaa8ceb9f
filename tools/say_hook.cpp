#include "base/escape.h"
#include "base/time.h"
#include "engine/hooks.h"
#include "migration/hook.h"
#include "migration/phase.h"
#include "say.h"
#include "table.h"
#include "terminal.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

constexpr std::size_t kLongestCell = 60;

std::string when_words(const engine::HookView& view) {
  const auto& hook = view.configured;
  if (!hook) return "not configured any more";
  return to_text(hook->on) + (hook->phase ? " of " + to_text(*hook->phase) : "");
}

std::string last_words(const migration::DueHook& due) {
  return due.last ? to_text(*due.last) : "not tried";
}

std::string not_run_words(const migration::DueHook& due) {
  return fmt::format("not run: {} was entered again", to_text(due.phase));
}

// Whether a retry runs it.
bool can_run(const engine::HookView& view) {
  return view.due && view.configured && !view.entered_again;
}

// What helps with those that are listed as due.
std::string next_words(const std::vector<engine::HookView>& views) {
  if (std::ranges::any_of(views, can_run)) return "next: hal9-migrate hook retry\n";
  for (const auto& view : views) {
    if (view.due) return "next: " + due_hook_next(*view.due, false) + "\n";
  }
  return {};
}

}  // namespace

std::string hooks_text(const std::vector<engine::HookView>& views, Look look) {
  if (views.empty()) return "no hooks are configured, and none is due\n";
  Table table({"HOOK", "RUNS AT", "DUE SINCE", "EVENT", "ATTEMPTS", "LAST", "COMMAND"});
  for (const auto& view : views) {
    const auto& due = view.due;
    table.add(
        {view.name.text(),
         when_words(view),
         due ? for_people(due->at) : "-",
         due ? fmt::format("{}", due->since.value) : "-",
         due ? fmt::format("{}", due->attempts) : "-",
         due ? last_words(*due) + (view.entered_again ? ", " + not_run_words(*due) : "") : "-",
         view.configured ? fmt::format("{}", fmt::join(view.configured->command, " ")) : "-"}
    );
  }
  return table.text(look.wide ? 0 : kLongestCell) + next_words(views);
}

std::string due_hook_text(const migration::DueHook& due, bool entered_again) {
  std::string text = fmt::format(
      "hook {} {} since event {} ({} of {})",
      due.hook.text(),
      entered_again ? "was due" : "is due",
      due.since.value,
      to_text(due.on),
      to_text(due.phase)
  );
  if (due.attempts > 0) {
    text += fmt::format(
        ", {} after {} attempt{}", last_words(due), due.attempts, due.attempts == 1 ? "" : "s"
    );
  }
  if (entered_again) text += "; " + not_run_words(due);
  return text;
}

std::string due_hook_next(const migration::DueHook& due, bool runs) {
  return fmt::format("hal9-migrate hook {} {}", runs ? "retry" : "dismiss", due.hook.text());
}

bool went_well(const engine::HookResult& result) {
  return result.attempt.end == migration::HookEnd::succeeded && result.problem.empty();
}

std::string hook_result_text(const engine::HookResult& result, bool colour) {
  const auto& attempt = result.attempt;
  const bool well = attempt.end == migration::HookEnd::succeeded;
  std::string text = "hook " + result.hook.text() + " " + to_text(attempt.end);
  if (attempt.code && *attempt.code != 0) text += fmt::format(" (exit {})", *attempt.code);
  if (!attempt.error.empty()) text += ": " + attempt.error;
  if (!well) {
    text += "; what ended stands as it is";
    if (!result.next.empty()) text += "; next: " + result.next;
  }
  std::string lines =
      Terminal::marked(well ? Mark::done : Mark::warning, escape_terminal(text), colour) + "\n";
  if (!result.problem.empty()) {
    lines += Terminal::marked(Mark::warning, escape_terminal(result.problem, true), colour) + "\n";
  }
  return lines;
}

std::string hook_results_text(const std::vector<engine::HookResult>& results, bool colour) {
  if (results.empty()) return "no hook is due\nnext: hal9-migrate hook list\n";
  std::string text;
  for (const auto& result : results) text += hook_result_text(result, colour);
  return text + "next: hal9-migrate hook list\n";
}

}  // namespace hal9::tools
