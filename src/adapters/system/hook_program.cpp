#include "adapters/system/descriptor.h"
#include "adapters/system/file_lock.h"
#include "adapters/system/hook_record.h"
#include "adapters/system/program_trust.h"
#include "adapters/system/run_program.h"
#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/environment.h"
#include "engine/hooks.h"
#include "engine/lock.h"
#include "migration/hook.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/types.h>
#include <unistd.h>

namespace hal9::system {

namespace {

using engine::HookAttempt;
using migration::HookEnd;

// Held by the hooks, too: they have the same opening of the file. Whoever is done with them lets go of it
// for all, since what a hook has left behind on purpose is to shut out nobody.
class HeldByHooks : public engine::Lock::Held {
 public:
  explicit HeldByHooks(Descriptor file, int& number) : file_(std::move(file)), number_(number) {
    number_ = file_.get();
  }
  HeldByHooks(const HeldByHooks&) = delete;
  HeldByHooks& operator=(const HeldByHooks&) = delete;
  ~HeldByHooks() override {
    number_ = -1;
    if (file_.open()) ::flock(file_.get(), LOCK_UN);
  }

 private:
  Descriptor file_;
  int& number_;
};

class HookProgram : public engine::HookRunner {
 public:
  HookProgram(
      std::filesystem::path lock, std::filesystem::path ledger, std::filesystem::path folder
  )
      : lock_(std::move(lock)), ledger_(std::move(ledger)), folder_(std::move(folder)) {}

  Result<std::unique_ptr<engine::Lock::Held>> acquire() override {
    auto file = open_locked(lock_, ledger_, std::chrono::milliseconds{0});
    if (!file && file.error().code == Code::locked) return held_by(holders_of(lock_));
    if (!file) return pass_on(file);
    if (const auto left = recorded_hook(file->get())) return left_behind(*left);
    return std::unique_ptr<engine::Lock::Held>(
        std::make_unique<HeldByHooks>(std::move(*file), held_)
    );
  }

  HookAttempt run(const migration::Hook& hook, std::string_view input) override {
    HookAttempt attempt;
    attempt.error = why_not(hook);
    if (!attempt.error.empty()) {
      attempt.end = HookEnd::not_started;
      return attempt;
    }
    ProgramLimits limits;
    limits.keeps = held_;
    if (held_ >= 0) limits.begins = [this](pid_t id) { record_hook(held_, id); };
    limits.folder = folder_;
    limits.time = std::chrono::duration_cast<std::chrono::milliseconds>(hook.timeout);
    limits.output = engine::kHookOutput;
    limits.rest = std::chrono::milliseconds{500};
    limits.stop = [this] { return environment_->interrupted(); };
    ProgramResult result;
    auto end = run_program(hook.command, input, limits, result);
    // What has left its group lives on by its own will.
    if (held_ >= 0) forget_hook(held_);
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
  [[nodiscard]] tl::unexpected<Error> held_by(const std::vector<SeenProcess>& holders) const {
    const std::string file = escape_terminal(to_utf8(lock_.string()));
    if (holders.empty()) {
      return fail(
          Code::locked,
          "another process holds the hook lock " + file + "; which one is not to be seen by us",
          {},
          {},
          (::geteuid() == 0 ? "fuser -v " : "sudo fuser -v ") + escape_shell(lock_.string())
      );
    }
    return fail(
        Code::locked,
        fmt::format(
            "{} {} the hook lock {}",
            in_words(holders),
            holders.size() == 1 ? "holds" : "hold",
            file
        ),
        {},
        {},
        show_line(holders)
    );
  }
  [[nodiscard]] tl::unexpected<Error> left_behind(const SeenProcess& hook) const {
    return fail(
        Code::locked,
        fmt::format(
            "a hook that a killed process left behind still runs: {}, by the lock file {}",
            in_words({hook}),
            escape_terminal(to_utf8(lock_.string()))
        ),
        {},
        {},
        show_line({hook})
    );
  }
  static std::string show_line(const std::vector<SeenProcess>& processes) {
    std::string line = "ps -fp ";
    for (const auto& one : processes) {
      line += (line.ends_with(' ') ? "" : ",") + std::to_string(one.id);
    }
    return line;
  }
  // Empty: it may run.
  std::string why_not(const migration::Hook& hook) {
    const std::uint32_t owner = owner_of(ledger_).value_or(0);
    if (!may_run_for(::geteuid(), owner)) {
      return fmt::format(
          "root does not run it, since another user owns the ledger and may have named it; sudo -u "
          "'#{}' does",
          owner
      );
    }
    const auto other = replaceable_at(hook.command, ::geteuid(), owner, folder_);
    if (!other) return {};
    return fmt::format("it could be another's program: {}; {}", other->how, other->next);
  }
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

  std::filesystem::path lock_;
  std::filesystem::path ledger_;
  std::filesystem::path folder_;
  int held_ = -1;  // the lock file's descriptor while it is held
  std::unique_ptr<engine::Environment> environment_ = make_environment();
};

}  // namespace

std::unique_ptr<engine::HookRunner> make_hook_runner(
    std::filesystem::path lock, std::filesystem::path ledger, std::filesystem::path folder
) {
  return std::make_unique<HookProgram>(std::move(lock), std::move(ledger), std::move(folder));
}

}  // namespace hal9::system
