#include "context.h"

#include "adapters/system/system.h"
#include "adapters/wiring/wiring.h"
#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "command_line.h"
#include "command_table.h"
#include "engine/service.h"
#include "exit_code.h"
#include "formats.h"
#include "ledger/line.h"
#include "output.h"
#include "say.h"
#include "terminal.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return {};
  return value;
}

// --format, else --json, else by the suffix of --output, else a table.
Result<Format> format_of(const CommandLine& line) {
  const auto named = line.value("format");
  if (named) {
    auto format = parse_format(*named);
    if (format && line.has("json") && *format != Format::json) {
      return fail(
          Code::usage,
          "--json and --format " + *named + " contradict each other",
          "",
          "nothing was changed"
      );
    }
    return format;
  }
  if (line.has("json")) return Format::json;
  const auto output = line.value("output");
  if (output && line.verb().id != VerbId::router_config) {
    const auto dot = output->rfind('.');
    const std::string suffix = dot == std::string::npos ? "" : output->substr(dot + 1);
    if (suffix == "json") return Format::json;
    if (suffix == "jsonl") return Format::jsonl;
    if (suffix == "yaml" || suffix == "yml") return Format::yaml;
    if (suffix == "csv") return Format::csv;
  }
  return Format::table;
}

std::vector<std::filesystem::path> guarded(const wiring::Wired& wired) {
  std::vector<std::filesystem::path> files = {wired.config_file, wired.ledger_file};
  for (const char* suffix : {"-wal", "-shm"}) {
    files.push_back(wired.ledger_file);
    files.back() += suffix;
  }
  return files;
}

}  // namespace

Context::Context(CommandLine line, Terminal terminal, Format format)
    : line_(std::move(line)), terminal_(terminal), format_(format) {}

Result<Context> Context::make(CommandLine line) {
  auto format = format_of(line);
  if (!format) return pass_on(format);
  const auto output = line.value("output");
  const bool to_file = output && *output != "-";
  const Terminal terminal =
      Terminal::of_process(line.has("no-color"), is_structured(*format) && !to_file);
  return Context(std::move(line), terminal, *format);
}

wiring::Places Context::places() const {
  wiring::Places places;
  places.config = line_.value("config");
  if (!places.config) places.config = environment("HAL9_CONFIG");
  places.ledger = line_.value("ledger");
  if (!places.ledger) places.ledger = environment("HAL9_LEDGER");
  return places;
}

void Context::say_warnings(const wiring::Wired& wired) {
  for (const auto& warning : wired.warnings) terminal_.warn(warning);
}

Result<wiring::Wired> Context::open_strictly() {
  auto wired = wiring::wire(places());
  if (wired) say_warnings(*wired);
  return wired;
}

Result<wiring::Wired> Context::open() {
  auto wired = wiring::wire_for_lowering(places());
  if (wired) say_warnings(*wired);
  return wired;
}

engine::Asker Context::asker() const {
  return {system::local_actor(), line_.value("reason").value_or("")};
}

void Context::say_where(const engine::Service& service) {
  terminal_.say(where_line(service.whereabouts()));
}

Result<Output> Context::open_output(const wiring::Wired& wired) {
  // What was said while it ran stands before the result.
  terminal_.flush();
  auto output =
      Output::open(line_.value("output"), wired.ledger_file.parent_path(), guarded(wired));
  if (output && output->displaced()) {
    terminal_.warn(
        "the folder of " + *line_.value("output") +
        " cannot be made or written; the result goes to " + output->path().string()
    );
  }
  return output;
}

Result<int> Context::close_output(Output& output, int code) {
  auto closed = output.close();
  if (!closed) {
    if (code == kDone) return pass_on(closed);
    terminal_.say(closed.error());
    return code;
  }
  if (output.is_file()) terminal_.say("written to " + output.path().string());
  return code == kDone && output.displaced() ? exit_code(Code::partly_done) : code;
}

Result<int> Context::deliver(const wiring::Wired& wired, const Rendering& result, int code) {
  auto output = open_output(wired);
  if (!output) {
    if (code == kDone) return pass_on(output);
    terminal_.say(output.error());
    return code;
  }
  if (is_structured(format_)) {
    output->write(render(result.json(), format_));
  } else {
    output->write(result.text(terminal_.colour() && !output->is_file()));
  }
  return close_output(*output, code);
}

Result<Moment> parse_moment(std::string_view option, const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) {
    return Moment{ledger::Sequence{number}, {}};
  }
  auto time = parse_time_loosely(text);
  if (time) return Moment{{}, *time};
  return fail(
      Code::usage,
      fmt::format("--{} takes a sequence or a time, not \"{}\"", option, text),
      time.error().what,
      "nothing was changed",
      fmt::format("--{} 12, or --{} 2026-08-01T03:04:05Z", option, option)
  );
}

Result<RollbackId> parse_rollback(engine::Service& service, const std::string& text) {
  if (text != "latest") {
    auto id = RollbackId::parse(text);
    if (id) return id;
    return fail(
        Code::usage,
        fmt::format("\"{}\" is no rollback's id", text),
        "an id has 36 characters; \"latest\" works too",
        "nothing was changed",
        "hal9-migrate rollback list"
    );
  }
  auto newest = service.rollbacks(1);
  if (!newest) return pass_on(newest);
  if (!newest->empty()) return newest->front().rollback.plan.id;
  return fail(Code::negative, "there is no rollback in this ledger", "", "nothing was changed");
}

}  // namespace hal9::tools
