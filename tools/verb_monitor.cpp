// `monitor --system`: whether a system still serves requests. A check for hierarchical; flat being
// busy is as it should be.
#include "base/result.h"
#include "context.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "mistyped.h"
#include "say.h"
#include "verbs.h"

#include <chrono>
#include <string>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

std::string system_meant(const std::string& typed) {
  const std::string meant = meant_by(typed, {"flat", "hierarchical"});
  return meant.empty() ? "hierarchical" : meant;
}

}  // namespace

Result<int> run_monitor(Context& context) {
  const std::string system = context.line().value("system").value_or("hierarchical");
  if (system != "hierarchical" && system != "flat") {
    return fail(
        Code::usage,
        fmt::format("there is no system \"{}\"", system),
        "systems: flat, hierarchical",
        "nothing was changed",
        context.line().with("system", system_meant(system))
    );
  }
  auto duration = context.line().duration();
  if (!duration) return pass_on(duration);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->activity(system, duration->value_or(std::chrono::seconds(10)));
  if (!view) return pass_on(view);
  const bool good = view->known && (view->quiet() || system == "flat");
  return context.deliver(
      *wired,
      {[&](bool colour) { return activity_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      good ? kDone : exit_code(Code::negative)
  );
}

}  // namespace hal9::tools
