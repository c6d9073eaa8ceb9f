// Hooks: programs of the owner's that run once a phase or a rollback has ended. What has to run is a fold
// of the ledger: the event that ended it makes each hook due that the configuration of that moment names,
// until it has succeeded or a person has dismissed it. Nothing of it stops, delays or undoes a rollback.
// Pure data; a hook runs at least once, so that it has to be safe to repeat.
#pragma once

#include "base/id.h"
#include "base/name.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/phase.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::migration {

// phase_end: the phase is left, forward or back. rollback_end: a rollback has completed.
enum class HookOn : std::uint8_t { phase_end, rollback_end };

inline constexpr Micros kHookTimeout = std::chrono::seconds(30);

struct Hook {
  Name name;
  HookOn on = HookOn::phase_end;
  std::optional<Phase> phase;  // at the end of this phase, or of a rollback from it; absent: of any
  std::vector<std::string> command;  // the first is an absolute path; recorded: no secret in it
  Micros timeout = kHookTimeout;
  bool operator==(const Hook&) const = default;
};

// What the state remembers of a configured hook.
struct HookRule {
  Name name;
  HookOn on = HookOn::phase_end;
  std::optional<Phase> phase;
  bool operator==(const HookRule&) const = default;
};

// stopped: by whoever waited for it.
enum class HookEnd : std::uint8_t { succeeded, failed, timed_out, not_started, stopped };

// A hook that has to run.
struct DueHook {
  Name hook;
  ledger::Sequence since;  // the event that made it due
  Time at;                 // of that event
  HookOn on = HookOn::phase_end;
  Phase phase = Phase::none;  // that ended, or that the rollback began in
  std::optional<RollbackId> rollback;
  std::uint64_t attempts = 0;
  std::optional<HookEnd> last;  // how the last attempt ended
  bool operator==(const DueHook&) const = default;
};

inline constexpr std::size_t kHooks = 32;     // in a configuration
inline constexpr std::size_t kHooksDue = 64;  // that the state remembers; the oldest go first

std::string to_text(HookOn on);
std::string to_text(HookEnd end);

}  // namespace hal9::migration
