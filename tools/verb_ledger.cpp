// `ledger export|verify`.
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "base/sha256.h"
#include "command_line.h"
#include "context.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "ledger/line.h"
#include "ledger/lines_check.h"
#include "read_lines.h"
#include "say.h"
#include "verbs.h"

#include <optional>
#include <string>
#include <string_view>
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
  const bool redact = context.line().has("redact");
  auto read = wired->service->lines({}, [&](ledger::Sequence, std::string_view line) {
    const auto hidden = redact ? ledger::redacted(line) : std::nullopt;
    return output->write(hidden ? std::string_view(*hidden) : line) && output->write("\n");
  });
  if (!read) return pass_on(read);
  return context.close_output(*output, kDone);
}

namespace {

// Without a configuration there is nothing of ours to compare with, and nothing is missing.
wiring::Wired compare(Context& context, engine::ExportView& view) {
  auto wired = context.open();
  if (!wired) {
    view.not_compared = wired.error().what;
    if (wired.error().code != Code::missing) view.ledger = "the configured ledger";
    return {};
  }
  view.ledger = wired->ledger_file.string();
  auto root = wired->service->root_of(view.lines.lines);
  if (!root) {
    view.not_compared = root.error().what;
  } else if (const auto& there = *root) {
    view.root = to_hex(*there);
  }
  return std::move(*wired);
}

Result<int> verify_export(Context& context, const std::string& file) {
  ledger::LinesCheck check;
  LineReader reader;
  reader.longest = 2 * ledger::kMaxDataBytes;
  reader.take = [&](std::string_view line) { check.take(line); };
  reader.refuse = [&](const char* what) { check.refuse(what); };
  if (auto read = read_lines(file, reader); !read) {
    Error error = read.error();
    error.next = "hal9-migrate ledger export --output ledger.jsonl";
    return context.refused(std::move(error));
  }
  engine::ExportView view;
  view.file = file;
  view.lines = check.done();
  const wiring::Wired wired = compare(context, view);
  return context.deliver(
      wired,
      {[&](bool colour) { return export_text(view, colour); }, [&] { return engine::to_json(view); }
      },
      holds(view) ? kDone : exit_code(Code::negative)
  );
}

Result<int> verify_seal(Context& context, const std::string& file) {
  std::string bytes;
  LineReader reader;
  reader.longest = 1 << 20;
  reader.take = [&](std::string_view line) { bytes.append(line).append("\n"); };
  reader.refuse = [&](const char* what) { bytes = what; };
  if (auto read = read_lines(file, reader); !read) {
    Error error = read.error();
    error.next = "hal9-migrate ledger seals";
    return context.refused(std::move(error));
  }
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto view = wired->service->check_seal(bytes, context.line().value("key"));
  if (!view) {
    Error error = view.error();
    if (error.code == Code::damaged) error.code = Code::negative;
    return context.refused(std::move(error));
  }
  view->file = file;
  return context.deliver(
      *wired,
      {[&](bool colour) { return seal_file_text(*view, colour); },
       [&] { return engine::to_json(*view); }},
      view->holds() ? kDone : exit_code(Code::negative)
  );
}

int code_of(const engine::VerifyView& view) {
  if (view.finding) return exit_code(Code::negative);
  const bool all = view.seals.complete && view.objects.problem.empty();
  return all ? kDone : exit_code(Code::partly_done);
}

// What is given beside what it belongs to.
Result<void> check_options(const CommandLine& line) {
  if (line.has("seal") && line.has("from")) {
    return fail(
        Code::usage,
        "--seal and --from are two questions",
        "a seal is compared with this ledger, an export too",
        "nothing was changed",
        line.without({"from"})
    );
  }
  if (line.has("key") && !line.has("seal")) {
    return fail(
        Code::usage,
        "--key is of a seal that was kept elsewhere",
        "without --seal there is none",
        "nothing was changed",
        line.without({"key"})
    );
  }
  return {};
}

}  // namespace

Result<int> run_ledger_verify(Context& context) {
  if (auto fits = check_options(context.line()); !fits) return pass_on(fits);
  if (const auto file = context.line().value("from")) return verify_export(context, *file);
  if (const auto file = context.line().value("seal")) return verify_seal(context, *file);
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
      code_of(*view)
  );
}

}  // namespace hal9::tools
