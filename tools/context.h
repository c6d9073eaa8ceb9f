// What every verb works with: the line as typed, the terminal, the form of the result; and the few
// steps that all verbs take. A verb parses to a value, calls the service, prints.
#pragma once

#include "adapters/wiring/wiring.h"
#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "command_line.h"
#include "engine/service.h"
#include "formats.h"
#include "ledger/line.h"
#include "output.h"
#include "terminal.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hal9::tools {

// --config and --ledger as the environment has them.
wiring::Places places_of_environment();

class Context {
 public:
  // Reads --format, --json, --output, --no-color and the environment. Errors: usage.
  static Result<Context> make(CommandLine line);

  [[nodiscard]] const CommandLine& line() const { return line_; }
  Terminal& terminal() { return terminal_; }
  [[nodiscard]] Format format() const { return format_; }
  [[nodiscard]] bool wide() const { return format_ == Format::wide; }

  // For forward moves and set-up: a broken configuration is an error.
  Result<wiring::Wired> open_strictly();
  // For ways back and for looking: goes on with the last accepted configuration, and says so. With
  // --immutable: the ledger alone, for verbs that only look.
  Result<wiring::Wired> open();

  // Where configuration and ledger are, as typed or by the environment.
  [[nodiscard]] wiring::Places places() const;

  // The error of something that knows the state and not the line, completed with what was typed.
  [[nodiscard]] tl::unexpected<Error> refused(Error error) const {
    return tl::unexpected<Error>(line_.completed(std::move(error)));
  }

  // Who is at the terminal, with --reason. An empty reason counts as none.
  [[nodiscard]] engine::Asker asker() const;
  // First line of a mutation: ledger, router, watchdog.
  void say_where(const engine::Service& service);
  // Before it, where --duration alone makes gradual what would have been at once.
  void say_gradual();

  // After what was read from a ledger that does not know of everything yet.
  void say_spooled(const engine::Service& service);

  // The result in the form that was asked for, to where it was asked for. Returns `code`; 8 if the
  // result had to be written beside the ledger. Errors of writing never hide a `code` but 0.
  struct Rendering {
    std::function<std::string(bool colour)> text;
    std::function<Json()> json;
    Json row = nullptr;  // of a list: what its elements are (formats.h)
  };
  Result<int> deliver(const wiring::Wired& wired, const Rendering& result, int code);
  // For what is streamed. deliver() is made of these two.
  Result<Output> open_output(const wiring::Wired& wired);
  Result<int> close_output(Output& output, int code);

 private:
  Context(CommandLine line, Terminal terminal, Format format);
  void say_warnings(const wiring::Wired& wired);
  Result<wiring::Wired> open_evidence();

  CommandLine line_;
  Terminal terminal_;
  Format format_;
};

// A sequence from 1 (`12`) or a time (`2026-08-01T03:04:05Z`) as an option gives it; absent: not
// given. Errors: usage.
struct Moment {
  std::optional<ledger::Sequence> sequence;
  std::optional<Time> time;
};
Result<std::optional<Moment>> parse_moment(const CommandLine& line, std::string_view option);

// "latest" or an id. Errors: usage, ending in `otherwise`; negative if there is no rollback.
Result<RollbackId> parse_rollback(
    engine::Service& service, const std::string& text, const std::string& otherwise
);

}  // namespace hal9::tools
