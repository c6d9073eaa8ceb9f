// `ledger seal|seals|keys`.
#include "base/result.h"
#include "context.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "say.h"
#include "verbs.h"

#include <algorithm>
#include <string>
#include <vector>

namespace hal9::tools {

namespace {

// What was asked for is there as a whole only if every place has it.
int code_of(const std::vector<engine::SealPlaceView>& places) {
  const bool all = std::ranges::all_of(places, [](const engine::SealPlaceView& place) {
    return place.problem.empty();
  });
  return all ? kDone : exit_code(Code::partly_done);
}

int code_of(const engine::SealCheck& check) {
  if (check.finding) return exit_code(Code::negative);
  return check.complete ? kDone : exit_code(Code::partly_done);
}

Result<int> deliver_keys(
    Context& context, const wiring::Wired& wired, const engine::KeysView& view
) {
  return context.deliver(
      wired,
      {[&](bool colour) { return keys_text(view, colour); }, [&] { return engine::to_json(view); }},
      code_of(view.places)
  );
}

}  // namespace

Result<int> run_ledger_seal(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->seal();
  if (!view) return context.refused(view.error());
  return context.deliver(
      *wired,
      {[&](bool colour) { return seal_text(*view, colour); }, [&] { return engine::to_json(*view); }
      },
      code_of(view->places)
  );
}

Result<int> run_ledger_seals(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->seals();
  if (!view) return context.refused(view.error());
  return context.deliver(
      *wired,
      {[&](bool colour) { return seals_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      code_of(view->check)
  );
}

Result<int> run_ledger_keys(Context& context) {
  const std::string& what = context.line().operand();
  const bool rotate = what == "rotate";
  if (!what.empty() && !rotate) {
    return fail(
        Code::usage,
        "\"ledger keys\" does not know \"" + what + "\"",
        "it lists keys, or changes the one that signs: rotate",
        "nothing was changed",
        context.line().with_operand("rotate")
    );
  }
  if (!rotate && context.line().has("reason")) {
    return fail(
        Code::usage,
        "--reason is of \"ledger keys rotate\"",
        "a list changes nothing",
        "nothing was changed",
        context.line().without({"reason"})
    );
  }
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  if (!rotate) {
    auto view = wired->service->keys();
    if (!view) return context.refused(view.error());
    return deliver_keys(context, *wired, *view);
  }
  auto view = wired->service->rotate_key(context.asker());
  if (!view) return context.refused(view.error());
  return deliver_keys(context, *wired, *view);
}

}  // namespace hal9::tools
