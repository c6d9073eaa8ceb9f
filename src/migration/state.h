// The state of a migration: the fold of its events. Bounded: what is open now and what the next
// decision needs; history is asked from the ledger by index. Equal on every store; its digest names
// the fold's version.
#pragma once

#include "base/name.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/server.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::migration {

// Changed whenever evolve or the state's codec changes what they make of the same lines.
inline constexpr std::string_view kFold = "fold1";

inline constexpr std::size_t kStepsKept = 8;
inline constexpr std::size_t kAnomaliesKept = 8;

struct Step {
  ledger::Sequence sequence;
  Share share;
  Share mirror;
  bool operator==(const Step&) const = default;
};

struct RouteState {
  Amount share;
  Amount mirror;
  bool held = false;
  bool configured = false;  // in the last accepted configuration: only these are raised
  std::vector<Step> steps;  // observed values, oldest first, each different from the one before
  bool operator==(const RouteState&) const = default;
};

// An event that evolve could not make sense of: kept, never refused.
struct Anomaly {
  ledger::Sequence sequence;
  std::string what;
  bool operator==(const Anomaly&) const = default;
};

struct State {
  ledger::Sequence sequence;  // of the last event folded
  Time time;                  // its recorded time
  Name name;
  Phase phase = Phase::none;
  Time phase_since;
  std::string phase_by;                // who entered it
  std::map<Route, RouteState> routes;  // every route ever configured
  std::map<Name, Amount> features;
  std::map<Phase, Share> last_share;    // the share at which a phase was last left
  std::optional<Digest> configuration;  // of the one that was accepted last
  ledger::Sequence configuration_at;
  bool strict_gates = false;
  std::optional<ledger::Sequence> halt;           // of the newest halt that is not cleared
  std::optional<ledger::Sequence> halt_released;  // halts up to here may be cleared
  std::vector<Server> halt_servers;  // in maintenance because of halts not cleared; sorted
  std::uint64_t fence = 0;
  std::vector<Rollback> running;          // oldest first; at most one in this version
  std::optional<Rollback> last_rollback;  // the newest that is not running
  std::uint64_t anomaly_count = 0;
  std::vector<Anomaly> anomalies;  // the newest
  std::optional<Raise> raise;      // a gradual move forward that is neither through nor ended
  // Routes with a kill key of their own, each with the newest halt of it that is not cleared.
  std::map<Route, ledger::Sequence> halted_routes;
  std::optional<IncidentsBy> incidents_by;  // as the accepted configuration has it
  std::vector<Incident> incidents;          // open ones, oldest first; at most kIncidentsOpen
  std::vector<HookRule> hooks;              // as the accepted configuration has them
  std::vector<DueHook> hooks_due;           // oldest first; at most kHooksDue
  bool operator==(const State&) const = default;
};

// Canonical bytes of a state (JSON, fixed order of members) and back.
std::string encode_state(const State& state);
Result<State> decode_state(std::string_view bytes);

// `fold1:<64 hex>`: SHA-256 of the canonical bytes.
std::string state_digest(const State& state);

// Whether the halt of this sequence may be cleared by whoever raises.
bool is_released(const State& state, ledger::Sequence halt);

// What is shown as phase: `none`, `canary (5%)`, `canary (0-5%)`: observed shares (in shadow:
// mirrors), as a range where routes differ; never a mean.
std::string phase_text(const State& state);

}  // namespace hal9::migration
