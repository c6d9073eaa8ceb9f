#include "base/escape.h"
#include "base/time.h"
#include "engine/hooks.h"
#include "migration/hook.h"
#include "migration/phase.h"
#include "say.h"
#include "table.h"
#include "terminal.h"

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

}  // namespace

std::string hooks_text(const std::vector<engine::HookView>& views, Look look) {
  if (views.empty()) return "no hooks are configured, and none is due\n";
  Table table({"HOOK", "RUNS AT", "DUE SINCE", "EVENT", "ATTEMPTS", "LAST", "COMMAND"});
  bool any = false;
  for (const auto& view : views) {
    const auto& due = view.due;
    any = any || due.has_value();
    table.add(
        {view.name.text(),
         when_words(view),
         due ? for_people(due->at) : "-",
         due ? fmt::format("{}", due->since.value) : "-",
         due ? fmt::format("{}", due->attempts) : "-",
         due ? last_words(*due) : "-",
         view.configured ? fmt::format("{}", fmt::join(view.configured->command, " ")) : "-"}
    );
  }
  return table.text(look.wide ? 0 : kLongestCell) + (any ? "next: hal9-migrate hook retry\n" : "");
}

std::string due_hook_text(const migration::DueHook& due) {
  std::string text = fmt::format(
      "hook {} is due since event {} ({} of {})",
      due.hook.text(),
      due.since.value,
      to_text(due.on),
      to_text(due.phase)
  );
  if (due.attempts > 0) {
    text += fmt::format(
        ", {} after {} attempt{}", last_words(due), due.attempts, due.attempts == 1 ? "" : "s"
    );
  }
  return text;
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
    text += fmt::format(
        "; what ended stands as it is. To try again: hal9-migrate hook retry {}", result.hook.text()
    );
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
