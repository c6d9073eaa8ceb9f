// `status`: the phase and what is going on, now, then (--at), or again and again until it is over (--watch).
#include "adapters/system/system.h"
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "base/time.h"
#include "command_line.h"
#include "context.h"
#include "engine/environment.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "formats.h"
#include "ledger/line.h"
#include "say.h"
#include "verbs.h"
#include "watching.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

constexpr auto kPause = std::chrono::seconds(2);

Result<int> show(Context& context, const wiring::Wired& wired, const engine::StatusView& view) {
  const bool detailed = context.line().has("detailed");
  return context.deliver(
      wired,
      {[&](bool colour) { return status_text(view, {colour, context.wide(), detailed}); },
       [&] { return engine::to_json(view); }},
      kDone
  );
}

Result<int> show_once(Context& context, const wiring::Wired& wired, const engine::AsOf& as_of) {
  auto view = wired.service->status(as_of);
  if (!view) return pass_on(view);
  if (view->as_of && view->sequence == ledger::Sequence{}) {
    return fail(
        Code::usage,
        "there was no event yet at " + context.line().value("at").value_or(""),
        "before the first event there is nothing, not even an empty migration",
        "nothing was changed",
        context.line().with("at", "1")
    );
  }
  return show(context, wired, *view);
}

// The screen on a terminal; elsewhere a line, or a view, whenever it is another one.
class Shown {
 public:
  explicit Shown(Context& context) : context_(context) {}

  Result<void> put(const wiring::Wired& wired, const engine::StatusView& view) {
    const std::string line = watch_line(view);
    const bool screen = context_.terminal().live() && !is_structured(context_.format());
    if (!screen && line == line_) return {};
    line_ = line;
    if (!screen && !is_structured(context_.format())) {
      context_.terminal().say(for_people(environment_->now()) + "  " + line);
      return {};
    }
    if (screen) context_.terminal().raw("\x1b[H\x1b[2J");
    if (auto shown = show(context_, wired, view); !shown) return pass_on(shown);
    return {};
  }

 private:
  Context& context_;
  std::unique_ptr<engine::Environment> environment_ = system::make_environment();
  std::string line_;
};

Result<int> is_left(Context& context, const engine::StatusView& view) {
  return fail(
      Code::negative,
      "what ran stands still: it is open, and nobody executes it",
      "its process ended, or the router did not do what it was asked for",
      "traffic stays where it is now",
      context.line().in_place(line_of_left(view))
  );
}

// Until what runs is over; while nothing does, until Ctrl-C. Looking leaves nothing half done.
Result<int> watch(Context& context, const wiring::Wired& wired) {
  Watching watching;
  Shown shown(context);
  bool said = false;
  while (true) {
    const auto view = wired.service->status({});
    if (!view) {
      // A ledger that is locked for a moment is no reason to stop looking.
      context.terminal().say(view.error());
    } else {
      if (auto put = shown.put(wired, *view); !put) return pass_on(put);
      const Watched watched = watching.look(*view);
      if (watched == Watched::over) return kDone;
      if (watched == Watched::left) return is_left(context, *view);
      // On a screen it went with the last look.
      const bool nothing = watched == Watched::nothing;
      if (nothing && (context.terminal().live() || !std::exchange(said, true))) {
        context.terminal().warn("nothing runs; this goes on until something does and ends (Ctrl-C)"
        );
      }
    }
    context.terminal().flush();
    if (wired.service->pause(kPause)) return exit_code(Code::interrupted);
  }
}

Result<void> check_watch(const CommandLine& line) {
  if (!line.has("watch")) return {};
  for (const char* other : {"at", "immutable", "output"}) {
    if (!line.has(other) || line.value(other) == "-") continue;
    return fail(
        Code::usage,
        fmt::format("--{} does not go with --watch", other),
        "what is watched is what changes from now on",
        std::string(kUntouched),
        line.without({other})
    );
  }
  return {};
}

}  // namespace

Result<int> run_status(Context& context) {
  if (auto right = check_watch(context.line()); !right) return pass_on(right);
  engine::AsOf as_of;
  auto moment = parse_moment(context.line(), "at");
  if (!moment) return pass_on(moment);
  if (const auto& at = *moment) as_of = {at->sequence, at->time};
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  if (context.line().has("watch")) return watch(context, *wired);
  return show_once(context, *wired, as_of);
}

}  // namespace hal9::tools
