// `migrate`: forward it shows its gates and asks; back it does neither.
#include "base/result.h"
#include "command_line.h"
#include "confirmation.h"
#include "context.h"
#include "deliver_dry_run.h"
#include "deliver_outcome.h"
#include "engine/service.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/selection.h"
#include "mistyped.h"
#include "progress.h"
#include "route_choice.h"
#include "verbs.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

using migration::GateName;

constexpr GateName kGates[] = {
    GateName::spool,
    GateName::halt,
    GateName::router,
    GateName::flat,
    GateName::health,
    GateName::triggers,
    GateName::checkpoint,
    GateName::watchdog,
    GateName::restore,
};

Result<GateName> parse_gate(const CommandLine& line, const std::string& text) {
  std::vector<std::string> words;
  for (const GateName gate : kGates) {
    if (migration::to_text(gate) == text) return gate;
    words.push_back(migration::to_text(gate));
  }
  const std::string meant = meant_by(text, words);
  return fail(
      Code::usage,
      fmt::format("there is no gate \"{}\"", text),
      meant.empty() ? fmt::format("gates: {}", fmt::join(words, ", "))
                    : fmt::format("Did you mean \"{}\"?", meant),
      "nothing was changed",
      meant.empty() ? line.without({"override"}) : line.with_instead("override", text, meant)
  );
}

Result<migration::Phase> parse_phase(const CommandLine& line) {
  auto phase = line.phase("phase", "hal9-migrate status");
  if (!phase) return pass_on(phase);
  if (const auto& given = *phase) return *given;
  return fail(
      Code::usage,
      "\"migrate\" needs --phase",
      "none, shadow, canary, state-migration, ramp-up, full",
      "nothing was changed",
      line.with("phase", "canary")
  );
}

Result<std::vector<GateName>> parse_overrides(const CommandLine& line) {
  std::vector<GateName> overrides;
  for (const std::string& text : line.values("override")) {
    auto gate = parse_gate(line, text);
    if (!gate) return pass_on(gate);
    overrides.push_back(*gate);
  }
  return overrides;
}

Result<engine::MoveRequest> parse_request(const CommandLine& line) {
  engine::MoveRequest request;
  auto phase = parse_phase(line);
  if (!phase) return pass_on(phase);
  request.phase = *phase;
  auto share = line.share();
  if (!share) return pass_on(share);
  request.percentage = *share;
  auto gradual = line.gradual();
  if (!gradual) return pass_on(gradual);
  request.gradual = *gradual;
  auto pause = line.share("pause-after");
  if (!pause) return pass_on(pause);
  request.pause_after = *pause;
  if (request.pause_after && line.has("immediate")) {
    return usage("--immediate takes no --pause-after", "", line.without({"immediate"}));
  }
  if (request.pause_after && !request.gradual) request.gradual = kGradualDefault;
  auto selection = parse_selection(line);
  if (!selection) return pass_on(selection);
  request.named = migration::names_routes(*selection);
  request.include_held = line.has("include-held");
  auto overrides = parse_overrides(line);
  if (!overrides) return pass_on(overrides);
  request.overrides = std::move(*overrides);
  return request;
}

// What forbids to go forward before any gate is looked at: a configuration that is broken, and a
// gate that is overridden without a reason, which its record asks for.
Result<void> may_go_forward(const CommandLine& line, const std::optional<Error>& broken) {
  if (broken) return tl::unexpected<Error>(*broken);
  if (!line.has("override") || !line.value("reason").value_or("").empty()) return {};
  return fail(
      Code::usage,
      "--override needs --reason",
      "a gate that is passed over is recorded with why",
      "nothing was changed",
      line.with("reason", "why")
  );
}

}  // namespace

Result<int> run_migrate(Context& context) {
  auto request = parse_request(context.line());
  if (!request) return pass_on(request);
  // A way back has to work with a broken configuration, forward must not: which of them it is, only
  // the state tells, so the broken one is kept for the moment in which forward asks.
  std::optional<Error> broken;
  auto wired = context.open_strictly();
  if (!wired) {
    broken = wired.error();
    wired = context.open();
    if (!wired) return pass_on(wired);
  }
  auto routes = select_routes(context.line(), wired->service->configuration());
  if (!routes) return pass_on(routes);
  request->routes = std::move(*routes);
  if (context.line().has("dry-run")) {
    return deliver_dry_run(
        context, *wired, wired->service->dry_run_move(context.asker(), *request)
    );
  }
  context.say_gradual();
  context.say_where(*wired->service);
  Confirmation confirmation(context);
  request->may_go_forward = [&] { return may_go_forward(context.line(), broken); };
  request->confirm = std::ref(confirmation);
  TerminalProgress progress(context.terminal());
  auto outcome = wired->service->move(context.asker(), *request, progress);
  const auto& refusal = confirmation.refusal();
  if (!outcome && refusal) return tl::unexpected<Error>(*refusal);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, *wired, *outcome, outcome->rollback ? Way::back : Way::other);
}

Result<int> run_migrate_resume(Context& context) {
  engine::ResumeRaiseRequest request;
  auto pause = context.line().share("pause-after");
  if (!pause) return pass_on(pause);
  request.pause_after = *pause;
  auto overrides = parse_overrides(context.line());
  if (!overrides) return pass_on(overrides);
  request.overrides = std::move(*overrides);
  auto wired = context.open_strictly();
  if (!wired) return pass_on(wired);
  if (context.line().has("dry-run")) {
    return deliver_dry_run(
        context, *wired, wired->service->dry_run_resume_raise(context.asker(), request)
    );
  }
  context.say_where(*wired->service);
  Confirmation confirmation(context);
  request.may_go_forward = [&] { return may_go_forward(context.line(), {}); };
  request.confirm = std::ref(confirmation);
  TerminalProgress progress(context.terminal());
  auto outcome = wired->service->resume_raise(context.asker(), request, progress);
  const auto& refusal = confirmation.refusal();
  if (!outcome && refusal) return tl::unexpected<Error>(*refusal);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, *wired, *outcome, outcome->rollback ? Way::back : Way::other);
}

Result<int> run_migrate_abort(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  if (context.line().has("dry-run")) {
    return deliver_dry_run(context, *wired, wired->service->dry_run_abort(context.asker()));
  }
  context.say_where(*wired->service);
  TerminalProgress progress(context.terminal());
  auto outcome = wired->service->abort_raise(context.asker(), progress);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, *wired, *outcome, Way::back);
}

}  // namespace hal9::tools
