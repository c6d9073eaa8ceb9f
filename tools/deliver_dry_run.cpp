#include "deliver_dry_run.h"

#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "context.h"
#include "engine/dry_run.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "say.h"

#include <string>

namespace hal9::tools {

Result<int> deliver_dry_run(
    Context& context, const wiring::Wired& wired, Result<engine::DryRunView> view
) {
  if (!view) return context.refused(view.error());
  const std::string next =
      "next: " + (view->refused ? view->refused->next : context.line().without({"dry-run"})) + "\n";
  return context.deliver(
      wired,
      {[&](bool colour) { return dry_run_text(*view, colour) + next; },
       [&] { return engine::to_json(*view); }},
      view->refused ? exit_code(view->refused->code) : kDone
  );
}

}  // namespace hal9::tools
