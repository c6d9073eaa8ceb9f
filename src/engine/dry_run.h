// `--dry-run` of a way back: what would run as things are now. Nothing is written, nothing is moved, and
// no lock is taken; whoever types the line without it is decided anew.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "engine/views.h"
#include "migration/amounts.h"
#include "migration/rollback.h"

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

struct DryRunView {
  Whereabouts where;
  std::string phase;                            // migration::phase_text, now
  bool looked = true;                           // false: ledger-only, what is said is recorded
  std::optional<migration::RollbackPlan> plan;  // absent: it would join one, or change nothing
  std::optional<RollbackId> joins;
  std::vector<RollbackId> supersedes;
  std::vector<RollbackId> beside;  // of others, which go on
  std::vector<PlannedStep> steps;
  std::vector<PlanCheck> checks;
  std::vector<std::string> risks;       // sentences
  std::vector<std::string> afterwards;  // what it looks at when it is through
  std::optional<Micros> estimate;       // absent: nothing tells
  std::string estimated_from;           // "the plan", "3 immediate rollbacks of this ledger"
  std::string authority;                // who may: a sentence
};

}  // namespace hal9::engine
