// `rollback`: the way back. It never asks and never needs a terminal.
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "base/share.h"
#include "command_line.h"
#include "context.h"
#include "deliver_outcome.h"
#include "engine/service.h"
#include "engine/views.h"
#include "exit_code.h"
#include "formats.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "progress.h"
#include "verbs.h"

#include <cstddef>
#include <string>
#include <utility>

namespace hal9::tools {

namespace {

// The same lines that `init` left in a file, for the night on which this program is what is broken.
Result<int> print_break_glass(Context& context, const wiring::Wired& wired) {
  std::string text =
      "# What stops all hierarchical traffic without hal9-migrate (socat, as shell lines):\n";
  for (const std::string& line : wired.service->break_glass()) text += line + "\n";
  return context.deliver(
      wired, {[&](bool) { return text; }, [&] { return Json(wired.service->break_glass()); }}, kDone
  );
}

// A mistyped way back is answered with a way back of the same kind: never with a line that goes
// forward, nor with the emergency.
tl::unexpected<Error> back_instead(Error error) {
  const std::size_t at = error.next.find("--phase ");
  error.next = at == std::string::npos
                   ? "hal9-migrate rollback --percentage 0"
                   : "hal9-migrate rollback --from-phase " + error.next.substr(at + 8);
  return tl::unexpected<Error>(std::move(error));
}

Result<migration::RollBack> parse_request(const CommandLine& line) {
  migration::RollBack request;
  if (const auto phase = line.value("from-phase")) {
    auto parsed = migration::parse_phase(*phase);
    if (!parsed) return back_instead(parsed.error());
    request.from_phase = *parsed;
  }
  auto share = line.share();
  if (!share) return back_instead(share.error());
  request.percentage = *share;
  if (line.has("complete") && *share && **share > Share::none()) {
    return fail(
        Code::usage,
        "--complete goes to 0%, and --percentage asks for more",
        "",
        "nothing was changed",
        "hal9-migrate rollback --complete"
    );
  }
  auto gradual = line.gradual();
  if (!gradual) return pass_on(gradual);
  request.gradual = *gradual;
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

Result<engine::Outcome> cut(
    Context& context, engine::Service& service, engine::Progress& progress
) {
  const CommandLine& line = context.line();
  for (const char* option : {"from-phase", "percentage", "gradual", "duration"}) {
    if (!line.has(option)) continue;
    context.terminal().warn(
        std::string("--") + option + " is not looked at: an emergency takes everything to 0 at once"
    );
  }
  return service.emergency(
      [&] { return context.asker(); }, {line.has("force"), line.has("preserve-data")}, progress
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
  if (line.has("print")) return print_break_glass(context, *wired);
  context.say_where(*wired->service);
  TerminalProgress progress(context.terminal());
  auto outcome = emergency ? cut(context, *wired->service, progress)
                           : wired->service->roll_back(context.asker(), *request, progress);
  if (!outcome) return pass_on(outcome);
  if (line.has("restore-checkpoint")) say_no_restore(*outcome);
  return deliver_outcome(context, *wired, *outcome, Way::back);
}

Result<int> run_rollback_resume(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  context.say_where(*wired->service);
  TerminalProgress progress(context.terminal());
  auto outcome = wired->service->resume(context.asker(), progress);
  if (!outcome) return pass_on(outcome);
  return deliver_outcome(context, *wired, *outcome, Way::other);
}

}  // namespace hal9::tools
