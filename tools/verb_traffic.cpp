// `traffic`: how traffic is split, read from the router. Pure look, but --verify is a check.
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "base/time.h"
#include "command_line.h"
#include "context.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "formats.h"
#include "say.h"
#include "terminal.h"
#include "verbs.h"

#include <chrono>
#include <utility>

namespace hal9::tools {

namespace {

constexpr auto kPause = std::chrono::seconds(2);

int code_of(const engine::TrafficView& view, bool verify) {
  if (verify && differs(view)) return exit_code(Code::negative);
  if (view.ledger_error) return exit_code(view.ledger_error->code);
  return view.router_error.empty() ? kDone : exit_code(Code::unreachable);
}

// A line for each change, until Ctrl-C; then as it stands, which is what the exit code is about.
Result<int> watch(Context& context, const wiring::Wired& wired) {
  auto& terminal = context.terminal();
  auto seen = wired.service->traffic();
  if (!seen) return pass_on(seen);
  terminal.raw(traffic_text(*seen, {terminal.colour(), context.wide(), false}, true));
  terminal.flush();
  while (!wired.service->pause(kPause)) {
    auto now = wired.service->traffic();
    // A ledger that is locked for a moment is no reason to stop looking.
    if (!now) continue;
    const auto time = for_people(wired.service->now());
    for (const auto& change : changes_of(*seen, *now)) terminal.say(time + "  " + change);
    terminal.flush();
    seen = std::move(now);
  }
  terminal.raw(traffic_text(*seen, {terminal.colour(), context.wide(), false}, true));
  return code_of(*seen, true);
}

}  // namespace

Result<int> run_traffic(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  const bool verify = context.line().has("verify");
  if (context.line().has("watch")) {
    const bool for_people = context.format() == Format::table || context.format() == Format::wide;
    const bool to_file = context.line().has("output");
    if (verify && for_people && !to_file) return watch(context, *wired);
    return usage(
        "--watch prints a line a change for people",
        verify ? "it has no other form and goes to no file"
               : "it watches for what differs from the record",
        "hal9-migrate traffic --verify --watch"
    );
  }
  auto view = wired->service->traffic();
  if (!view) return pass_on(view);
  return context.deliver(
      *wired,
      {[&](bool colour) { return traffic_text(*view, {colour, context.wide(), false}, verify); },
       [&] { return engine::to_json(*view); }},
      code_of(*view, verify)
  );
}

}  // namespace hal9::tools
