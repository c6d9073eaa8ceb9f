// `ledger export|verify`.
#include "base/result.h"
#include "context.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "ledger/line.h"
#include "say.h"
#include "verbs.h"

#include <string>
#include <utility>

namespace hal9::tools {

// Byte for byte what was hashed: no form but the lines themselves.
Result<int> run_ledger_export(Context& context) {
  const std::string format = context.line().value("format").value_or("jsonl");
  if (context.line().has("json") || format != "jsonl") {
    return fail(
        Code::usage,
        "an export has one form: the lines, byte for byte, as they are hashed",
        "another form could not be checked",
        "nothing was written",
        context.line().without({"json", "format"})
    );
  }
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto output = context.open_output(*wired);
  if (!output) return pass_on(output);
  auto read = wired->service->lines({}, [&](ledger::Sequence, std::string_view line) {
    return output->write(line) && output->write("\n");
  });
  if (!read) return pass_on(read);
  return context.close_output(*output, kDone);
}

Result<int> run_ledger_verify(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->verify();
  if (!view) {
    Error error = view.error();
    // A head that contradicts itself is what this check looks for, not a ledger out of reach.
    if (error.code == Code::damaged) {
      error.code = Code::negative;
      error.next = "hal9-migrate ledger export --output evidence.jsonl";
    }
    return tl::unexpected<Error>(std::move(error));
  }
  return context.deliver(
      *wired,
      {[&](bool colour) { return verify_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      view->finding ? exit_code(Code::negative) : kDone
  );
}

}  // namespace hal9::tools
