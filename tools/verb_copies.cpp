// `ledger backup|import|open|rebuild`.
#include "adapters/wiring/wiring.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/sha256.h"
#include "command_line.h"
#include "context.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "ledger/line.h"
#include "read_lines.h"
#include "say.h"
#include "verbs.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hal9::tools {

namespace {

Result<std::optional<Digest>> root_of(const CommandLine& line) {
  const auto typed = line.value("root");
  if (!typed) return std::optional<Digest>();
  auto root = parse_digest(*typed);
  if (root) return std::optional(*root);
  return fail(
      Code::usage,
      "--root takes the 64 hexadecimal digits of a root",
      "\"" + *typed + "\" is none",
      "nothing was imported",
      line.without({"root"})
  );
}

// Every line up to the first that cannot be taken.
Result<void> read_into(wiring::Import& into, const std::string& file) {
  std::optional<Error> refused;
  LineReader reader;
  reader.longest = 2 * ledger::kMaxDataBytes;
  reader.take = [&](std::string_view line) {
    if (refused) return;
    if (auto taken = into.take(line); !taken) refused = taken.error();
  };
  reader.refuse = [&](const char* what) {
    if (refused) return;
    refused =
        Error{Code::damaged, "this is no export of a ledger", what, "nothing was imported", {}};
  };
  reader.done = [&] { return refused.has_value(); };
  if (auto read = read_lines(file, reader); !read) return read;
  // What is wrong is the export: a check is negative, and no ledger is out of reach.
  if (refused && refused->code == Code::damaged) refused->code = Code::negative;
  if (refused) return tl::unexpected<Error>(std::move(*refused));
  return {};
}

}  // namespace

Result<int> run_ledger_backup(Context& context) {
  const std::string& folder = context.line().operand();
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wiring::backup(*wired, folder);
  if (!view) return context.refused(view.error());
  return context.deliver(
      *wired,
      {[&](bool colour) { return backup_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      view->problem.empty() ? kDone : exit_code(Code::partly_done)
  );
}

Result<int> run_ledger_import(Context& context) {
  const std::string& file = context.line().operand();
  auto root = root_of(context.line());
  if (!root) return pass_on(root);
  auto into = wiring::Import::begin(context.places());
  if (!into) {
    Error error = into.error();
    if (error.code == Code::conflict) error.next = context.line().with("ledger", "imported.db");
    return context.refused(std::move(error));
  }
  auto read = read_into(*into, file);
  auto view = read ? into->finish(*root) : Result<engine::ImportedView>(pass_on(read));
  if (!view) {
    Error error = view.error();
    if (error.next.empty() && file != "-") {
      error.next = "hal9-migrate ledger verify --from " + escape_shell(file);
    }
    return context.refused(std::move(error));
  }
  view->file = file;
  wiring::Wired wired;
  wired.ledger_file = view->ledger;
  return context.deliver(
      wired,
      {[&](bool colour) { return imported_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      kDone
  );
}

Result<int> run_ledger_open(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->opened();
  if (!view) return context.refused(view.error());
  view->evidence = context.line().has("immutable");
  const bool found = view->seals.finding.has_value();
  return context.deliver(
      *wired,
      {[&](bool colour) { return opened_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      found ? exit_code(Code::negative) : kDone
  );
}

Result<int> run_ledger_rebuild(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->rebuild_snapshots();
  if (!view) return context.refused(view.error());
  return context.deliver(
      *wired,
      {[&](bool colour) { return rebuilt_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      kDone
  );
}

}  // namespace hal9::tools
