// `traffic`: how traffic is split, read from the router. Pure look, but --verify is a check.
#include "base/result.h"
#include "context.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "say.h"
#include "verbs.h"

namespace hal9::tools {

Result<int> run_traffic(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->traffic();
  if (!view) return pass_on(view);
  const bool verify = context.line().has("verify");
  int code = kDone;
  const auto& without_ledger = view->ledger_error;
  if (verify && differs(*view)) {
    code = exit_code(Code::negative);
  } else if (without_ledger) {
    code = exit_code(without_ledger->code);
  } else if (!view->router_error.empty()) {
    code = exit_code(Code::unreachable);
  }
  return context.deliver(
      *wired,
      {[&](bool colour) { return traffic_text(*view, {colour, context.wide(), false}, verify); },
       [&] { return engine::to_json(*view); }},
      code
  );
}

}  // namespace hal9::tools
