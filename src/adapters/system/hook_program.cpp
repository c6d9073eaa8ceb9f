#include "adapters/system/run_program.h"
#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/environment.h"
#include "engine/hooks.h"
#include "migration/hook.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace hal9::system {

namespace {

using engine::HookAttempt;
using migration::HookEnd;

class HookProgram : public engine::HookRunner {
 public:
  explicit HookProgram(std::filesystem::path ledger) : ledger_(std::move(ledger)) {}

  HookAttempt run(const migration::Hook& hook, std::string_view input) override {
    HookAttempt attempt;
    const std::uint32_t owner = owner_of(ledger_).value_or(0);
    if (!may_run_for(::geteuid(), owner)) {
      attempt.end = HookEnd::not_started;
      attempt.error = fmt::format(
          "root does not run it, since another user owns the ledger and may have named it; sudo -u "
          "'#{}' does",
          owner
      );
      return attempt;
    }
    ProgramLimits limits;
    limits.time = std::chrono::duration_cast<std::chrono::milliseconds>(hook.timeout);
    limits.output = engine::kHookOutput;
    limits.rest = std::chrono::milliseconds{500};
    limits.stop = [this] { return environment_->interrupted(); };
    ProgramResult result;
    auto end = run_program(hook.command, input, limits, result);
    if (!end) {
      attempt.end = HookEnd::not_started;
      attempt.error = end.error().what + (end.error().why.empty() ? "" : ": " + end.error().why);
      return attempt;
    }
    say(attempt, *end, result, hook);
    attempt.output = std::move(result.output);
    if (!result.errors.empty()) {
      attempt.output += attempt.output.empty() || attempt.output.ends_with('\n') ? "" : "\n";
      attempt.output += result.errors;
    }
    return attempt;
  }

 private:
  static void say(
      HookAttempt& attempt, ProgramEnd end, const ProgramResult& result, const migration::Hook& hook
  ) {
    switch (end) {
      case ProgramEnd::itself:
        attempt.code = static_cast<std::uint64_t>(result.code);
        if (result.code == 0) return;
        attempt.end = HookEnd::failed;
        attempt.error = first_line(result.errors.empty() ? result.output : result.errors);
        return;
      case ProgramEnd::out_of_time:
        attempt.end = HookEnd::timed_out;
        attempt.error = fmt::format(
            "it had {} and was killed; what it did is unknown",
            to_text(std::chrono::duration_cast<Micros>(hook.timeout))
        );
        return;
      case ProgramEnd::stopped:
        attempt.end = HookEnd::stopped;
        attempt.error = "it was killed, as asked for; what it did is unknown";
        return;
      case ProgramEnd::too_much:
        attempt.end = HookEnd::failed;
        attempt.error =
            fmt::format("it printed more than {} bytes and was killed", engine::kHookOutput);
        return;
    }
  }
  static std::string first_line(std::string_view said) {
    return shorten(escape_terminal(to_utf8(said.substr(0, said.find('\n')))), 200);
  }

  std::filesystem::path ledger_;
  std::unique_ptr<engine::Environment> environment_ = make_environment();
};

}  // namespace

std::unique_ptr<engine::HookRunner> make_hook_runner(std::filesystem::path ledger) {
  return std::make_unique<HookProgram>(std::move(ledger));
}

}  // namespace hal9::system
