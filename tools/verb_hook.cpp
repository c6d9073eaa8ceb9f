// `hook list|retry|dismiss`: programs that run once a phase or a rollback has ended.
#include "base/name.h"
#include "base/result.h"
#include "command_line.h"
#include "context.h"
#include "deliver_list.h"
#include "deliver_outcome.h"
#include "engine/hooks.h"
#include "engine/service.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "formats.h"
#include "mistyped.h"
#include "progress.h"
#include "say.h"
#include "verbs.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

// Of those that are configured or due.
Result<Name> known_hook(
    const CommandLine& line, engine::Service& service, const std::string& typed
) {
  auto views = service.hooks();
  if (!views) return pass_on(views);
  std::vector<std::string> known;
  for (const auto& view : *views) {
    if (view.name.text() == typed) return view.name;
    known.push_back(view.name.text());
  }
  const std::string meant = meant_by(typed, known);
  return fail(
      Code::usage,
      fmt::format("there is no hook \"{}\"", typed),
      known.empty()   ? "hal9.yaml names none, and none is due"
      : meant.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                      : fmt::format("Did you mean \"{}\"?", meant),
      "nothing was run",
      meant.empty() ? "hal9-migrate hook list" : line.with_operand(meant)
  );
}

std::string due_text(const std::vector<engine::HookView>& due, Look look) {
  if (due.empty()) return "no hook would run; all of them: hal9-migrate hook list\n";
  return hooks_text(due, look);
}

// Those that would run.
Result<int> show_due(
    Context& context, const wiring::Wired& wired, const std::optional<Name>& name
) {
  auto views = wired.service->hooks();
  if (!views) return pass_on(views);
  std::erase_if(*views, [&](const engine::HookView& view) {
    return !view.due || view.entered_again || !view.configured || (name && view.name != *name);
  });
  return deliver_list(context, wired, *views, due_text);
}

}  // namespace

Result<int> run_hook_list(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto views = wired->service->hooks();
  if (!views) return pass_on(views);
  return deliver_list(context, *wired, *views, hooks_text);
}

Result<int> run_hook_retry(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  engine::HookChoice choice;
  if (const std::string& typed = context.line().operand(); !typed.empty()) {
    auto name = known_hook(context.line(), *wired->service, typed);
    if (!name) return pass_on(name);
    choice.name = std::move(*name);
  }
  if (context.line().has("dry-run")) return show_due(context, *wired, choice.name);
  context.say_where(*wired->service);
  TerminalProgress progress(context.terminal());
  auto results = wired->service->run_hooks(context.asker(), choice, progress);
  if (!results) return context.refused(results.error());
  const bool well = std::ranges::all_of(*results, went_well);
  return context.deliver(
      *wired,
      {[&](bool colour) { return hook_results_text(*results, colour); },
       [&] {
         Json list = Json::array();
         for (const auto& result : *results) list.push_back(engine::to_json(result));
         return list;
       }},
      well ? kDone : exit_code(Code::partly_done)
  );
}

Result<int> run_hook_dismiss(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto name = known_hook(context.line(), *wired->service, context.line().operand());
  if (!name) return pass_on(name);
  context.say_where(*wired->service);
  auto outcome = wired->service->dismiss_hook(context.asker(), *name);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, *wired, *outcome, Way::other);
}

}  // namespace hal9::tools
