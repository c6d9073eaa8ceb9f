// `status`: the phase and what is going on, now, then (--at), or again and again (--watch).
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "context.h"
#include "engine/service.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "ledger/line.h"
#include "say.h"
#include "verbs.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <signal.h>

namespace hal9::tools {

namespace {

constexpr auto kPause = std::chrono::seconds(2);

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
  const bool detailed = context.line().has("detailed");
  return context.deliver(
      wired,
      {[&](bool colour) { return status_text(*view, {colour, context.wide(), detailed}); },
       [&] { return engine::to_json(*view); }},
      kDone
  );
}

// Until Ctrl-C, which ends the process where it stands: looking leaves nothing half done.
Result<int> watch(Context& context, const wiring::Wired& wired) {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
  while (true) {
    if (context.terminal().live()) context.terminal().raw("\x1b[H\x1b[2J");
    auto shown = show_once(context, wired, {});
    // A ledger that is locked for a moment is no reason to stop looking.
    if (!shown) context.terminal().say(shown.error());
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Result<int> run_status(Context& context) {
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
