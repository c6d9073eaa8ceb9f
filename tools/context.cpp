#include "context.h"

#include "adapters/system/system.h"
#include "adapters/wiring/wiring.h"
#include "base/escape.h"
#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "command_line.h"
#include "command_table.h"
#include "engine/service.h"
#include "exit_code.h"
#include "formats.h"
#include "ledger/line.h"
#include "mistyped.h"
#include "output.h"
#include "say.h"
#include "terminal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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
    if (!format) {
      const std::string meant = meant_by(*named, format_names());
      format.error().next = line.with("format", meant.empty() ? "table" : meant);
    } else if (line.has("json") && *format != Format::json) {
      return fail(
          Code::usage,
          "--json and --format " + *named + " contradict each other",
          "",
          "nothing was changed",
          line.without({"json"})
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

// A configuration that is named and not there: the one that is there, or one that is made.
Error completed(const CommandLine& line, Error error) {
  const auto named = line.value("config");
  const bool absent = error.code == Code::missing && error.next == "hal9-migrate init";
  if (absent) {
    std::error_code ignored;
    for (const char* place : {"hal9.yaml", "/etc/hal9/hal9.yaml"}) {
      if (!std::filesystem::exists(place, ignored)) continue;
      error.next = line.with("config", place);
      return error;
    }
    const std::filesystem::path file = named.value_or("");
    if (file.filename() == "hal9.yaml" && file.has_parent_path()) {
      error.next += " " + escape_shell(file.parent_path().string());
    }
  }
  return error;
}

// A file of its own for what the verb prints, in the folder that was named.
std::string free_name(const CommandLine& line, const std::filesystem::path& typed) {
  std::error_code ignored;
  std::string name(line.verb().words);
  std::ranges::replace(name, ' ', '-');
  name += line.verb().id == VerbId::ledger_export ? ".jsonl" : ".json";
  const bool folder = std::filesystem::is_directory(typed, ignored) || !typed.has_filename();
  return ((folder ? typed : typed.parent_path()) / name).string();
}

std::vector<std::filesystem::path> guarded(const wiring::Wired& wired) {
  std::vector<std::filesystem::path> files = {wired.config_file, wired.ledger_file};
  for (const char* suffix : {"-wal", "-shm", ".key", ".verifier", ".objects", ".seals"}) {
    files.push_back(wired.ledger_file);
    files.back() += suffix;
  }
  return files;
}

}  // namespace

wiring::Places places_of_environment() {
  return {environment("HAL9_CONFIG"), environment("HAL9_LEDGER")};
}

Context::Context(CommandLine line, Terminal terminal, Format format)
    : line_(std::move(line)), terminal_(std::move(terminal)), format_(format) {}

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
  wiring::Places places = places_of_environment();
  if (auto config = line_.value("config")) places.config = std::move(config);
  if (auto ledger = line_.value("ledger")) places.ledger = std::move(ledger);
  return places;
}

void Context::say_warnings(const wiring::Wired& wired) {
  for (const auto& warning : wired.warnings) terminal_.warn(warning);
}

Result<wiring::Wired> Context::open_evidence() {
  auto wired = wiring::wire_evidence(places());
  if (!wired) return tl::unexpected<Error>(tools::completed(line_, wired.error()));
  return wired;
}

Result<wiring::Wired> Context::open_strictly() {
  auto wired = wiring::wire(places());
  if (!wired) return tl::unexpected<Error>(tools::completed(line_, wired.error()));
  say_warnings(*wired);
  return wired;
}

Result<wiring::Wired> Context::open() {
  if (line_.has("immutable")) return open_evidence();
  auto wired = wiring::wire_for_lowering(places());
  if (!wired) {
    Error error = tools::completed(line_, wired.error());
    const std::string owner = wiring::as_owner(places());
    if (error.code == Code::not_authorised && !owner.empty()) {
      error.next = owner + " " + line_.without({});
    }
    return tl::unexpected<Error>(std::move(error));
  }
  say_warnings(*wired);
  return wired;
}

engine::Asker Context::asker() const {
  return {system::local_actor(), line_.value("reason").value_or("")};
}

void Context::say_where(const engine::Service& service) {
  terminal_.say(where_line(service.whereabouts()));
}

void Context::say_gradual() {
  const auto duration = line_.value("duration");
  if (!duration || line_.has("gradual")) return;
  terminal_.warn(fmt::format(
      "--duration makes it gradual, traffic goes step by step over {}; at once is: {}",
      *duration,
      line_.without({"duration"})
  ));
}

void Context::say_spooled(const engine::Service& service) {
  const auto waiting = service.spooled();
  if (waiting == 0) return;
  terminal_.warn(fmt::format(
      "{} in the spool, not in here yet: hal9-migrate rollback resume takes that in",
      waiting_text(waiting)
  ));
}

Result<Output> Context::open_output(const wiring::Wired& wired) {
  // What was said while it ran stands before the result.
  terminal_.flush();
  auto output =
      Output::open(line_.value("output"), wired.ledger_file.parent_path(), guarded(wired));
  if (!output) {
    const std::string typed = line_.value("output").value_or("");
    const bool other = output.error().code == Code::usage;
    output.error().next = line_.with("output", other ? free_name(line_, typed) : "-");
    return output;
  }
  if (output->displaced()) {
    terminal_.warn(
        "the folder of " + line_.value("output").value_or("") +
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

namespace {

// The lines to type that a text ends in mean the migration that was typed, or the evidence.
std::string in_place(const std::string& text, const CommandLine& line) {
  constexpr std::string_view kNext = "next: ";
  if (!line.has("immutable") && !line.has("config") && !line.has("ledger")) return text;
  std::string placed;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (!one.starts_with(kNext)) {
      placed.append(one).append("\n");
      continue;
    }
    const std::string next = line.in_place(std::string(one.substr(kNext.size())));
    if (!next.empty()) placed.append(kNext).append(next).append("\n");
  }
  if (!text.ends_with('\n') && !placed.empty()) placed.pop_back();
  return placed;
}

}  // namespace

Result<int> Context::deliver(const wiring::Wired& wired, const Rendering& result, int code) {
  auto output = open_output(wired);
  if (!output) {
    if (code == kDone) return pass_on(output);
    terminal_.say(output.error());
    return code;
  }
  if (is_structured(format_)) {
    output->write(render(result.json(), format_, result.row));
  } else {
    output->write(in_place(result.text(terminal_.colour() && !output->is_file()), line_));
  }
  return close_output(*output, code);
}

Result<std::optional<Moment>> parse_moment(const CommandLine& line, std::string_view option) {
  const auto text = line.value(option);
  if (!text) return std::optional<Moment>{};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool whole = error == std::errc{} && end == text->data() + text->size();
  if (whole && number > 0) return std::optional<Moment>(Moment{ledger::Sequence{number}, {}});
  const std::string sample = sample_of(line.verb(), option);
  if (whole) {
    return fail(
        Code::usage,
        fmt::format("--{} takes a sequence from 1: there is no event 0", option),
        "before the first event there is nothing, not even an empty migration",
        "nothing was changed",
        line.with(option, sample)
    );
  }
  auto time = parse_time_loosely(*text);
  if (time) return std::optional<Moment>(Moment{{}, *time});
  const std::string mended = mended_time(*text);
  return fail(
      Code::usage,
      fmt::format("--{} takes a sequence or a time, not \"{}\"", option, *text),
      "a sequence is a number: 12; " + time.error().why,
      "nothing was changed",
      line.with(option, mended.empty() ? sample : mended)
  );
}

Result<RollbackId> parse_rollback(
    engine::Service& service, const std::string& text, const std::string& otherwise
) {
  if (text != "latest") {
    auto id = RollbackId::parse(text);
    if (id) return id;
    return fail(
        Code::usage,
        fmt::format("\"{}\" is no rollback's id", text),
        "an id has 36 characters; \"latest\" works too",
        "nothing was changed",
        otherwise
    );
  }
  auto newest = service.rollbacks(1);
  if (!newest) return pass_on(newest);
  if (!newest->empty()) return newest->front().rollback.plan.id;
  return fail(
      Code::negative,
      "there is no rollback in this ledger",
      "",
      "nothing was changed",
      "hal9-migrate status"
  );
}

}  // namespace hal9::tools
