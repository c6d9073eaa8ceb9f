#include "deliver_outcome.h"

#include "engine/views_json.h"
#include "exit_code.h"

namespace hal9::tools {

Result<int> deliver_outcome(
    Context& context, const wiring::Wired& wired, const engine::Outcome& outcome, Way way
) {
  const Told told{way == Way::back, !context.line().value("reason").value_or("").empty()};
  return context.deliver(
      wired,
      {[&](bool colour) { return outcome_text(outcome, told, colour); },
       [&] { return engine::to_json(outcome); }},
      outcome.code ? exit_code(*outcome.code) : kDone
  );
}

}  // namespace hal9::tools
