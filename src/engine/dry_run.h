// `--dry-run` of what moves traffic: what would run as things are now. Nothing is written, nothing is moved, and
// no lock is taken; whoever types the line without it is decided anew.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/views.h"
#include "migration/amounts.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

struct PlannedStep {
  Micros after{};  // since the start
  std::vector<migration::RouteAmount> routes;
};

// What the way back looks at before it goes on whatever it saw.
struct PlanCheck {
  std::string name;
  bool holds = false;
  std::string seen;
};

// What would go forward.
struct ForwardPlan {
  migration::Phase from = migration::Phase::none;
  migration::Phase to = migration::Phase::none;
  std::vector<migration::RouteAmount> now;      // where the routes of it stand
  std::vector<migration::RouteAmount> at_once;  // what would be requested
  std::optional<migration::RaisePlan> raise;    // of a gradual one
  bool clears_halt = false;
};

// Where a running rollback would stop.
struct CancelPlan {
  RollbackId rollback;
  std::vector<migration::RouteAmount> held_at;
};

// The kill switches that an emergency sets besides.
enum class Halts : std::uint8_t { nothing, routes, everything };

struct DryRunView {
  Whereabouts where;
  std::string phase;                            // migration::phase_text, now
  bool looked = true;                           // false: ledger-only, what is said is recorded
  std::optional<migration::RollbackPlan> plan;  // absent: it would join one, or change nothing
  std::optional<RollbackId> joins;
  std::vector<RollbackId> supersedes;
  std::vector<RollbackId> beside;  // of others, which go on
  Halts halts = Halts::nothing;
  bool ends_raise = false;  // the gradual move forward that is open
  std::vector<PlannedStep> steps;
  std::vector<PlanCheck> checks;
  std::vector<std::string> risks;       // sentences
  std::vector<std::string> afterwards;  // what it looks at when it is through
  std::optional<Micros> estimate;       // absent: nothing tells
  std::string estimated_from;           // "the plan", "3 immediate rollbacks of this ledger"
  std::string authority;                // who may: a sentence
  std::optional<ForwardPlan> forward;
  std::vector<migration::FeatureAmount> features;  // what would be requested of features
  std::vector<migration::Gate> gates;              // of what goes forward, looked at now
  std::optional<Error> refused;                    // by a gate: what the line would be told
  // Of what is about something that is open:
  bool open = false;
  std::vector<migration::RollbackPlan> resumes;  // it would go on with; `steps` are of the first
  std::optional<CancelPlan> cancels;
};

}  // namespace hal9::engine
