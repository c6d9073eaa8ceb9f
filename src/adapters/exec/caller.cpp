#include "adapters/exec/caller.h"

#include "adapters/exec/codec_protocol.h"
#include "adapters/exec/exec_router.h"
#include "adapters/exec/strict_json.h"
#include "adapters/system/program_trust.h"
#include "adapters/system/run_program.h"
#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

namespace hal9::exec {

namespace {

constexpr const char* kUnknown = "what it did is unknown until it is read back";
constexpr const char* kLook = "hal9-migrate traffic --verify";

// Lines become one; what a terminal would act upon is escaped.
std::string in_one_line(std::string_view said) {
  std::string line;
  while (!said.empty()) {
    const std::size_t end = std::min(said.find('\n'), said.size());
    const std::string_view one = said.substr(0, end);
    said.remove_prefix(std::min(end + 1, said.size()));
    if (one.empty()) continue;
    line += (line.empty() ? "" : "; ") + escape_terminal(one);
  }
  return line;
}

}  // namespace

Caller::Caller(Program program, std::filesystem::path ledger)
    : program_(std::move(program)), ledger_(std::move(ledger)) {}

std::string Caller::name() const {
  return escape_shell(program_.command.front());
}

Result<void> Caller::is_ours() const {
  if (!program_.named) return {};
  const std::uint32_t owner = system::owner_of(ledger_).value_or(0);
  const auto other = system::replaceable_at(program_.command, ::geteuid(), owner, program_.folder);
  if (!other) return {};
  return fail(
      Code::not_authorised,
      fmt::format("{} could be another's program: {}", name(), other->how),
      "it raises nothing; a way back runs it all the same",
      "nothing was changed",
      other->next
  );
}

Result<std::string> Caller::call(const Request& request, std::chrono::milliseconds most) const {
  const std::uint32_t owner = system::owner_of(ledger_).value_or(0);
  if (!system::may_run_for(::geteuid(), owner)) {
    return fail(
        Code::not_authorised,
        name() + " is not run by root",
        "another user owns the ledger and may have named it",
        "nothing was run",
        fmt::format("sudo -u '#{}' hal9-migrate traffic --verify", owner)
    );
  }
  std::vector<std::string> arguments = program_.command;
  arguments.push_back(request.operation);
  system::ProgramLimits limits;
  limits.time = std::min(most, program_.timeout);
  limits.output = kMostJson;
  limits.folder = program_.folder;
  auto result = system::run_program(arguments, encode_request(request), limits);
  const std::string called = name() + " " + request.operation;
  if (!result) {
    Error error = std::move(result.error());
    if (error.code == Code::unreachable) {
      error.what = called + " did not end";
      error.state = "it was killed; " + std::string(kUnknown);
    }
    // A program that is not there or is none does not answer; whose fault that is stands in `why`.
    if (error.code != Code::damaged) error.code = Code::unreachable;
    if (error.next.empty()) error.next = kLook;
    return tl::unexpected<Error>(std::move(error));
  }
  if (result->code == 0) return std::move(result->output);
  return fail(
      Code::failed,
      fmt::format("{} ended with {}", called, result->code),
      in_one_line(result->errors),
      kUnknown,
      kLook
  );
}

tl::unexpected<Error> Caller::nonsense(const std::string& operation, const Error& error) const {
  return fail(
      error.code,
      fmt::format("the answer of {} {} makes no sense", name(), operation),
      escape_terminal(error.why),
      kUnknown,
      kLook
  );
}

}  // namespace hal9::exec
