// Another program, run to its end: no shell, a bounded time, bounded output, in a folder of the
// caller's choice.
//
// Invariants: its arguments go to it as they are; of the environment it gets what a program needs to
// find its user's files (HOME, LANG, LOGNAME, PATH, SSH_AUTH_SOCK, TZ, USER) and nothing else; it has
// a process group of its own, and it and all that is left of that group is killed before run_program() returns.
// Thread-safe.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace hal9::system {

struct ProgramLimits {
  std::chrono::milliseconds time{10'000};
  std::size_t output = 1UL << 20U;  // bytes of stdout; of stderr the first 4 KiB are kept
  // So long its output is waited for once it has ended, while somebody that it left behind holds that
  // open; absent: to the end of its time, since half an answer is none.
  std::optional<std::chrono::milliseconds> rest = {};
  // Asked whenever a signal has come: true ends the program before its time. Empty: nothing does.
  std::function<bool()> stop = {};
  // A descriptor that it has open as 3, and with it the locks on it; -1: none.
  int keeps = -1;
  // Told its process id before it is let go: whoever is killed until then leaves none behind. Empty:
  // nobody is told.
  std::function<void(pid_t)> begins = {};
  // It begins in this one, whoever calls from wherever: what hal9.yaml names is relative to hal9.yaml.
  // Empty: in this process's own.
  std::filesystem::path folder = {};
};

struct ProgramResult {
  int code = 0;        // as a shell has it: 128 and the signal's number where one ended it
  std::string output;  // stdout
  std::string errors;  // stderr; hostile
};

enum class ProgramEnd : std::uint8_t {
  itself,       // `code` is its own
  out_of_time,  // killed
  stopped,      // killed, as limits.stop asked for
  too_much      // killed, since it printed more than may be
};

// Whether `user` runs what whoever owns the ledger may have named: root runs it for root alone.
bool may_run_for(std::uint32_t user, std::uint32_t owner);

// `arguments`: the first is the program's path. `input` is its stdin; that it reads all of it is not
// asked. Errors: missing (no such program, or no such folder to run it in), not_authorised (it is none, or
// not for us), unreachable
// (the time is over), damaged (more output than may be), failed.
Result<ProgramResult> run_program(
    const std::vector<std::string>& arguments, std::string_view input, const ProgramLimits& limits
);

// The same where what it has printed counts however it ended: `result` has it. Errors: missing,
// not_authorised, failed: it did not run.
Result<ProgramEnd> run_program(
    const std::vector<std::string>& arguments,
    std::string_view input,
    const ProgramLimits& limits,
    ProgramResult& result
);

}  // namespace hal9::system
