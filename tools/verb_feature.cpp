// `feature list|status|enable|disable`.
#include "adapters/wiring/wiring.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "command_line.h"
#include "confirmation.h"
#include "context.h"
#include "deliver_dry_run.h"
#include "deliver_list.h"
#include "deliver_outcome.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "mistyped.h"
#include "progress.h"
#include "say.h"
#include "verbs.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

// A name that is not configured gets the known ones; shadow_mode is a feature by name only.
Result<Name> parse_feature(const CommandLine& line, const engine::Service& service) {
  const std::string& text = line.operand();
  std::vector<std::string> known = {"shadow_mode"};
  for (const Name& feature : service.configuration().features) known.push_back(feature.text());
  if (std::ranges::find(known, text) != known.end()) return Name::parse(text);
  const std::string meant = meant_by(text, known);
  return fail(
      Code::usage,
      fmt::format("there is no feature \"{}\"", text),
      meant.empty() ? fmt::format("features: {}", fmt::join(known, ", "))
                    : fmt::format("Did you mean \"{}\"?", meant),
      "nothing was changed",
      meant.empty() ? "hal9-migrate feature list" : line.with_operand(meant)
  );
}

Result<int> set(Context& context, wiring::Wired& wired, Share percentage, Way way) {
  auto feature = parse_feature(context.line(), *wired.service);
  if (!feature) return pass_on(feature);
  if (context.line().has("dry-run")) {
    return deliver_dry_run(
        context, wired, wired.service->dry_run_feature(context.asker(), *feature, percentage)
    );
  }
  context.say_where(*wired.service);
  TerminalProgress progress(context.terminal());
  Confirmation confirmation(context);
  auto outcome = wired.service->set_feature(
      context.asker(), *feature, percentage, progress, std::ref(confirmation)
  );
  const auto& refusal = confirmation.refusal();
  if (!outcome && refusal) return tl::unexpected<Error>(*refusal);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, wired, *outcome, way);
}

}  // namespace

Result<int> run_feature_disable(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  return set(context, *wired, Share::none(), Way::back);
}

Result<int> run_feature_enable(Context& context) {
  auto share = context.line().share();
  if (!share) return pass_on(share);
  auto wired = context.open_strictly();
  if (!wired) return pass_on(wired);
  return set(context, *wired, share->value_or(Share::all()), Way::other);
}

Result<int> run_feature_list(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto views = wired->service->features();
  if (!views) return pass_on(views);
  return deliver_list(context, *wired, *views, features_text);
}

Result<int> run_feature_status(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto feature = parse_feature(context.line(), *wired->service);
  if (!feature) return pass_on(feature);
  auto views = wired->service->features();
  if (!views) return pass_on(views);
  std::erase_if(*views, [&](const engine::FeatureView& view) { return view.feature != *feature; });
  if (views->empty()) {
    return fail(
        Code::usage,
        feature->text() + " is a phase and no flag",
        "the phase shadow is what it stands for",
        "nothing was changed",
        "hal9-migrate status"
    );
  }
  return context.deliver(
      *wired,
      {[&](bool colour) { return features_text(*views, {colour, context.wide(), true}); },
       [&] { return engine::to_json(views->front()); }},
      kDone
  );
}

}  // namespace hal9::tools
