// `ledger object`: a long text, whole.
#include "base/result.h"
#include "base/sha256.h"
#include "context.h"
#include "engine/objects.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "say.h"
#include "verbs.h"

namespace hal9::tools {

Result<int> run_ledger_object(Context& context) {
  auto name = parse_digest(context.line().operand());
  if (!name) {
    return fail(
        Code::usage,
        "\"" + context.line().operand() + "\" is no object's name",
        "a name has 64 hexadecimal digits; the timeline has it",
        "nothing was changed",
        "hal9-migrate timeline --type object"
    );
  }
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->object(engine::ObjectName{*name});
  if (!view) return context.refused(view.error());
  // A pipe takes the bytes as a file does: `ledger object NAME > note.txt`.
  const bool asked = context.line().value("output").value_or("-") != "-";
  const bool to_file = asked || !context.terminal().out_is_terminal();
  return context.deliver(
      *wired,
      {[&](bool) { return object_text(*view, to_file); }, [&] { return engine::to_json(*view); }},
      kDone
  );
}

}  // namespace hal9::tools
