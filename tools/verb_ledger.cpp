// `ledger export|verify`.
#include "engine/views_json.h"
#include "exit_code.h"
#include "say.h"
#include "verbs.h"

namespace hal9::tools {

// Byte for byte what was hashed: no form but the lines themselves, whatever --format says.
Result<int> run_ledger_export(Context& context) {
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
  if (!view) return pass_on(view);
  return context.deliver(
      *wired,
      {[&](bool colour) { return verify_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      view->finding ? exit_code(Code::negative) : kDone
  );
}

}  // namespace hal9::tools
