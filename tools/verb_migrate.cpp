// `migrate`: forward it shows its gates and asks; back it does neither.
#include "base/name.h"
#include "base/result.h"
#include "command_line.h"
#include "context.h"
#include "deliver_outcome.h"
#include "engine/service.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "progress.h"
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

Result<GateName> parse_gate(const std::string& text) {
  std::vector<std::string> words;
  for (const GateName gate : kGates) {
    if (migration::to_text(gate) == text) return gate;
    words.push_back(migration::to_text(gate));
  }
  const std::string meant = nearest(text, words);
  return fail(
      Code::usage,
      fmt::format("there is no gate \"{}\"", text),
      meant.empty() ? fmt::format("gates: {}", fmt::join(words, ", "))
                    : fmt::format("Did you mean \"{}\"?", meant),
      "nothing was changed"
  );
}

Result<migration::Phase> parse_phase(const CommandLine& line) {
  const auto text = line.value("phase");
  if (text) return migration::parse_phase(*text);
  return fail(
      Code::usage,
      "\"migrate\" needs --phase",
      "none, shadow, canary, state-migration, ramp-up, full",
      "nothing was changed",
      std::string(line.verb().example)
  );
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
  request.include_held = line.has("include-held");
  for (const std::string& text : line.values("override")) {
    auto gate = parse_gate(text);
    if (!gate) return pass_on(gate);
    request.overrides.push_back(*gate);
  }
  return request;
}

// Asked by the service before anything goes forward. When the question cannot be put, `refusal`
// says why, and the answer is no.
class Confirmation {
 public:
  Confirmation(Context& context, std::optional<Error> broken)
      : context_(context), refusal_(std::move(broken)) {}

  bool operator()(const std::string& what) {
    if (refusal_) return false;
    if (context_.line().has("yes")) return true;
    if (context_.terminal().can_ask()) return context_.terminal().ask(what + ": go on?");
    refusal_ = Error{
        Code::usage,
        "forward needs a yes, and there is no terminal to ask at",
        what,
        "nothing was changed",
        context_.line().again("--yes")
    };
    return false;
  }

  [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }

 private:
  Context& context_;
  std::optional<Error> refusal_;
};

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
  context.say_where(*wired->service);
  Confirmation confirmation(context, std::move(broken));
  request->confirm = std::ref(confirmation);
  TerminalProgress progress(context.terminal());
  auto outcome = wired->service->move(context.asker(), *request, progress);
  if (!outcome && confirmation.refusal()) return tl::unexpected<Error>(*confirmation.refusal());
  if (!outcome) return pass_on(outcome);
  return deliver_outcome(context, *wired, *outcome, outcome->rollback ? Way::back : Way::other);
}

}  // namespace hal9::tools
