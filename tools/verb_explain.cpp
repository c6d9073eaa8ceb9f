// `explain SEQ`: one event, why it happened and what it led to.
#include "base/result.h"
#include "context.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "ledger/line.h"
#include "say.h"
#include "verbs.h"

#include <cstdint>
#include <optional>

namespace hal9::tools {

Result<int> run_explain(Context& context) {
  const bool latest = context.line().operand() == "latest";
  auto sequence = latest ? Result<std::optional<std::uint64_t>>() : context.line().whole_operand();
  if (!sequence) return pass_on(sequence);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  // The table of commands says that there is one.
  ledger::Sequence wanted{sequence->value_or(1)};
  if (latest) {
    const auto status = wired->service->status({});
    if (!status) return context.refused(status.error());
    wanted = status->state.sequence;
  }
  const auto view = wired->service->explain(wanted);
  if (!view) return context.refused(view.error());
  return context.deliver(
      *wired,
      {[&](bool colour) { return explain_text(*view, {colour, context.wide(), false}); },
       [&] { return engine::to_json(*view); }},
      kDone
  );
}

}  // namespace hal9::tools
