// `ledger prove SEQ` and `ledger prove --consistency A [B]`.
#include "base/result.h"
#include "context.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "ledger/line.h"
#include "say.h"
#include "verbs.h"

#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// A ledger that contradicts its own head is what proofs are there to find.
tl::unexpected<Error> no_proof(const Context& context, Error error) {
  if (error.code == Code::damaged) error.code = Code::negative;
  return context.refused(std::move(error));
}

Result<int> prove_inclusion(Context& context, std::uint64_t sequence) {
  auto size = context.line().number("size");
  if (!size) return pass_on(size);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  const auto view = wired->service->prove(ledger::Sequence{sequence}, *size);
  if (!view) return no_proof(context, view.error());
  return context.deliver(
      *wired,
      {[&](bool colour) { return inclusion_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      kDone
  );
}

Result<int> prove_consistency(
    Context& context, std::uint64_t old_size, std::optional<std::uint64_t> new_size
) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  const auto view = wired->service->prove_consistency(old_size, new_size);
  if (!view) return no_proof(context, view.error());
  return context.deliver(
      *wired,
      {[&](bool colour) { return consistency_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      kDone
  );
}

}  // namespace

Result<int> run_ledger_prove(Context& context) {
  const CommandLine& line = context.line();
  auto operand = line.whole_operand();
  if (!operand) return pass_on(operand);
  auto from = line.number("consistency");
  if (!from) return pass_on(from);
  if (const auto& old_size = *from) {
    if (!line.has("size")) return prove_consistency(context, *old_size, *operand);
    return fail(
        Code::usage,
        "--consistency is between two sizes already",
        "--size is of a proof that one event is there",
        "nothing was changed",
        line.without({"size"})
    );
  }
  if (const auto& sequence = *operand) return prove_inclusion(context, *sequence);
  return fail(
      Code::usage,
      "\"ledger prove\" needs the sequence of an event",
      "or --consistency with the size that somebody kept",
      "nothing was changed",
      line.with_operand("1")
  );
}

}  // namespace hal9::tools
