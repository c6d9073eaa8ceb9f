// `rollback`: the way back. It never asks and never needs a terminal.
#include "adapters/wiring/wiring.h"
#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "command_line.h"
#include "confirmation.h"
#include "context.h"
#include "deliver_dry_run.h"
#include "deliver_outcome.h"
#include "engine/dry_run.h"
#include "engine/service.h"
#include "engine/views.h"
#include "exit_code.h"
#include "formats.h"
#include "incident_choice.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "progress.h"
#include "route_choice.h"
#include "verbs.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// The same lines that `init` left in a file, for the night on which this program is what is broken.
Result<int> print_break_glass(Context& context, const wiring::Wired& wired) {
  std::string text =
      "# What stops all hierarchical traffic without hal9-migrate (socat, or what the router "
      "takes, as shell lines):\n";
  for (const std::string& line : wired.service->break_glass()) text += line + "\n";
  return context.deliver(
      wired, {[&](bool) { return text; }, [&] { return Json(wired.service->break_glass()); }}, kDone
  );
}

// "pre-state-migration-TIMESTAMP" as it stands in the runbook.
bool is_placeholder(const std::string& checkpoint) {
  return checkpoint.find("TIMESTAMP") != std::string::npos;
}

Result<void> check_checkpoint(const CommandLine& line) {
  const std::string name = line.value("restore-checkpoint").value_or("");
  if (!is_placeholder(name)) return {};
  return usage(
      fmt::format("\"{}\" is a placeholder, not a checkpoint", name),
      "a checkpoint is named like pre-state-migration-20260801-030405, and without a name the "
      "newest is meant; this version keeps none, so that there is none to list",
      line.with("restore-checkpoint")
  );
}

Result<void> check_partial(const CommandLine& line) {
  for (const char* other : {"complete", "to-phase"}) {
    if (!line.has("partial") || !line.has(other)) continue;
    return usage(
        fmt::format("--partial and --{} contradict each other", other),
        "a partial rollback holds in its phase",
        line.without({"partial"})
    );
  }
  return {};
}

// A mistyped one is answered with a rollback of the same kind: never with a line that goes forward,
// nor with the emergency.
Result<migration::RollBack> parse_request(const CommandLine& line) {
  migration::RollBack request;
  auto phase = line.phase("from-phase", line.without({"from-phase"}));
  if (!phase) return pass_on(phase);
  request.from_phase = *phase;
  auto to_phase = line.phase("to-phase", line.without({"to-phase"}));
  if (!to_phase) return pass_on(to_phase);
  request.to_phase = *to_phase;
  auto share = line.share();
  if (!share) return pass_on(share);
  request.percentage = *share;
  if (line.has("complete") && request.percentage && *request.percentage > Share::none()) {
    return fail(
        Code::usage,
        "--complete goes to 0%, and --percentage asks for more",
        "",
        "nothing was changed",
        line.without({"percentage"})
    );
  }
  const bool to_none = request.to_phase.value_or(migration::Phase::none) == migration::Phase::none;
  if (line.has("complete") && !to_none) {
    return fail(
        Code::usage,
        "--complete goes to phase none, and --to-phase to another one",
        "",
        "nothing was changed",
        line.without({"to-phase"})
    );
  }
  if (request.to_phase && to_none && request.percentage.value_or(Share::none()) > Share::none()) {
    return fail(
        Code::usage,
        "phase none has a share of 0%, and --percentage asks for more",
        "",
        "nothing was changed",
        line.without({"percentage"})
    );
  }
  if (auto partial = check_partial(line); !partial) return pass_on(partial);
  // With a number it is that number: a rollback above 0 is a partial one.
  if (line.has("partial") && !request.percentage) request.previous_step = true;
  auto gradual = line.gradual();
  if (!gradual) return pass_on(gradual);
  request.gradual = *gradual;
  if (auto selection = parse_selection(line); !selection) return pass_on(selection);
  if (auto checkpoint = check_checkpoint(line); !checkpoint) return pass_on(checkpoint);
  request.preserve_data = line.has("preserve-data");
  request.force = line.has("force");
  return request;
}

// Traffic is down; what was asked for besides is not there yet, and that is not passed over.
void say_no_restore(engine::Outcome& outcome) {
  outcome.notes.push_back(
      std::string("restoring a checkpoint is not in this version: data is as it was") +
      (outcome.moved ? ", traffic was rolled back" : "")
  );
  if (outcome.code == Code::spooled || outcome.code == Code::interrupted) return;
  outcome.code = Code::partly_done;
}

// What is no incident's number holds up no way back: it is passed over, loudly.
std::optional<migration::IncidentChoice> choice_of(Context& context) {
  auto choice = parse_choice(context.line());
  if (choice) return *choice;
  context.terminal().warn(choice.error().what + ": it is not looked at");
  return {};
}

void warn_of_options(Context& context) {
  for (const char* option :
       {"from-phase", "to-phase", "percentage", "partial", "gradual", "duration"}) {
    if (!context.line().has(option)) continue;
    context.terminal().warn(
        std::string("--") + option + " is not looked at: an emergency goes to 0 at once"
    );
  }
}

constexpr const char* kSelectionCut =
    "this router has no kill keys for single routes: of a selection an emergency is an immediate "
    "rollback";

// A selection comes down at once, without the kill switch, which is one for everything.
Result<engine::Outcome> lower_selection(
    Context& context,
    engine::Service& service,
    std::vector<migration::Route> routes,
    engine::Progress& progress
) {
  warn_of_options(context);
  context.terminal().warn(kSelectionCut);
  migration::RollBack request;
  request.force = true;
  request.preserve_data = context.line().has("preserve-data");
  request.routes = std::move(routes);
  request.incident = choice_of(context);
  return service.roll_back(context.asker(), request, progress);
}

Result<engine::Outcome> cut(
    Context& context,
    engine::Service& service,
    std::optional<std::vector<migration::Route>> routes,
    engine::Progress& progress
) {
  const CommandLine& line = context.line();
  warn_of_options(context);
  const std::string checkpoint = line.value("restore-checkpoint").value_or("");
  if (is_placeholder(checkpoint)) {
    context.terminal().warn(
        "\"" + checkpoint + "\" is a placeholder, not a checkpoint; traffic is cut all the same"
    );
  }
  return service.emergency(
      [&] { return context.asker(); },
      {line.has("force"), line.has("preserve-data"), std::move(routes), choice_of(context)},
      progress
  );
}

Result<engine::DryRunView> plan_of_emergency(
    Context& context, engine::Service& service, std::optional<std::vector<migration::Route>> routes
) {
  warn_of_options(context);
  const bool preserve = context.line().has("preserve-data");
  if (!routes || service.halts_routes()) {
    context.terminal().warn("an emergency does this without a look at anything before");
    return service.dry_run_emergency(
        context.asker(),
        engine::EmergencyRequest{context.line().has("force"), preserve, std::move(routes), {}}
    );
  }
  context.terminal().warn(kSelectionCut);
  migration::RollBack request;
  request.force = true;
  request.preserve_data = preserve;
  request.routes = std::move(routes);
  return service.dry_run(context.asker(), request);
}

Result<int> show_plan(
    Context& context,
    const wiring::Wired& wired,
    Result<migration::RollBack> request,
    std::optional<std::vector<migration::Route>> routes
) {
  const bool emergency = context.line().has("emergency");
  if (!emergency) request->routes = routes;
  auto view = emergency ? plan_of_emergency(context, *wired.service, std::move(routes))
                        : wired.service->dry_run(context.asker(), *request);
  if (view && context.line().has("restore-checkpoint")) {
    view->risks.emplace_back("restoring a checkpoint is not in this version: data stays as it is");
  }
  return deliver_dry_run(context, wired, std::move(view));
}

Result<engine::Outcome> run_as_asked(
    Context& context,
    engine::Service& service,
    Result<migration::RollBack> request,
    std::optional<std::vector<migration::Route>> routes,
    engine::Progress& progress
) {
  const bool emergency = context.line().has("emergency");
  if (emergency && routes && !service.halts_routes()) {
    return lower_selection(context, service, std::move(*routes), progress);
  }
  if (emergency) return cut(context, service, std::move(routes), progress);
  request->routes = std::move(routes);
  request->incident = choice_of(context);
  return service.roll_back(context.asker(), *request, progress);
}

// "latest": the newest that runs.
Result<RollbackId> parse_running(const CommandLine& line, engine::Service& service) {
  if (line.operand() != "latest") {
    auto id = RollbackId::parse(line.operand());
    if (id) return id;
    return usage(
        fmt::format("\"{}\" is no rollback's id", line.operand()),
        "ids are listed by rollback list; latest is the newest that runs",
        line.with_operand("latest")
    );
  }
  auto status = service.status({});
  if (!status) return pass_on(status);
  if (!status->running.empty()) return status->running.back().rollback.plan.id;
  return fail(
      Code::conflict,
      "no rollback is running",
      "there is nothing to cancel",
      "nothing was changed",
      "hal9-migrate status"
  );
}

}  // namespace

Result<int> run_rollback(Context& context) {
  const CommandLine& line = context.line();
  const bool emergency = line.has("emergency");
  auto request = parse_request(line);
  if (!request && !emergency) return pass_on(request);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  if (line.has("print")) {
    for (const char* option : {"regions", "exclude-regions", "components", "exclude"}) {
      if (!line.has(option)) continue;
      context.terminal().warn(
          std::string("--") + option + " is not looked at: these lines cut EVERYTHING"
      );
    }
    return print_break_glass(context, *wired);
  }
  auto routes = select_routes(line, wired->service->configuration());
  if (!routes) return pass_on(routes);
  if (line.has("complete") && *routes) {
    context.terminal().warn(
        "--complete of a selection: the other routes stay where they are; everything is: "
        "hal9-migrate rollback --complete"
    );
  }
  if (line.has("dry-run")) return show_plan(context, *wired, request, std::move(*routes));
  if (!emergency) context.say_gradual();
  context.say_where(*wired->service);
  TerminalProgress progress(context.terminal());
  auto outcome = run_as_asked(context, *wired->service, request, std::move(*routes), progress);
  if (!outcome) return context.refused(outcome.error());
  if (line.has("restore-checkpoint")) say_no_restore(*outcome);
  return deliver_outcome(context, *wired, *outcome, Way::back);
}

Result<int> run_rollback_resume(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  if (context.line().has("dry-run")) {
    return deliver_dry_run(context, *wired, wired->service->dry_run_resume(context.asker()));
  }
  context.say_where(*wired->service);
  TerminalProgress progress(context.terminal());
  auto outcome = wired->service->resume(context.asker(), progress);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, *wired, *outcome, Way::other);
}

Result<int> run_rollback_cancel(Context& context) {
  auto wired = context.open_strictly();
  if (!wired) return pass_on(wired);
  auto id = parse_running(context.line(), *wired->service);
  if (!id) return pass_on(id);
  if (context.line().has("dry-run")) {
    return deliver_dry_run(context, *wired, wired->service->dry_run_cancel(context.asker(), *id));
  }
  context.say_where(*wired->service);
  Confirmation confirmation(context);
  auto outcome = wired->service->cancel(context.asker(), *id, std::ref(confirmation));
  const auto& refusal = confirmation.refusal();
  if (!outcome && refusal) return tl::unexpected<Error>(*refusal);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, *wired, *outcome, Way::other);
}

}  // namespace hal9::tools
