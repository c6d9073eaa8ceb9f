// The port of hooks: programs that run once a phase or a rollback has ended; and what is said of them.
// Thread safety: one HookRunner belongs to one thread.
#pragma once

#include "base/name.h"
#include "base/result.h"
#include "engine/lock.h"
#include "ledger/line.h"
#include "migration/hook.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::engine {

// Of what a hook prints, so much is kept.
inline constexpr std::size_t kHookOutput = 1UL << 20U;

struct HookAttempt {
  migration::HookEnd end = migration::HookEnd::succeeded;
  std::optional<std::uint64_t> code;  // as a shell has it; absent: it did not end by itself
  std::string output;                 // stdout, and stderr behind it; hostile
  std::string error;                  // one sentence, where it did not end well
};

class HookRunner {
 public:
  virtual ~HookRunner() = default;
  // Nobody else runs a hook while this is held; and a hook holds it, too, so that one which a killed
  // process left behind shuts out the next until it has ended. Errors: locked (`what` names the lock
  // and whoever is known to hold it, `next` shows them), those of the file.
  virtual Result<std::unique_ptr<Lock::Held>> acquire() = 0;
  // Precondition: acquired. Runs it to its end or its time-out, `input` on its stdin; nobody is left of
  // it afterwards. Ends it where the person who waits asks to stop.
  virtual HookAttempt run(const migration::Hook& hook, std::string_view input) = 0;
};

// Which of those that are due.
struct HookChoice {
  std::optional<Name> name;  // absent: all of them
  bool untried = false;      // only those that nobody has tried yet
};

// What came of an attempt.
struct HookResult {
  Name hook;
  ledger::Sequence since;
  HookAttempt attempt;
  std::string problem;  // what of it could not be recorded or kept; empty: nothing
  std::string next;     // the line that helps where it did not end well; else empty
};

// A hook: configured, due, or both.
struct HookView {
  Name name;
  std::optional<migration::Hook> configured;
  std::optional<migration::DueHook> due;
  bool entered_again = false;  // migration::entered_again() of `due`: listed, and due no longer
};

}  // namespace hal9::engine
