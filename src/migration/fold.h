// One fact folded into a state: what evolve does after decoding, and what decide does to see what
// its own facts lead to. Internal to this folder.
#pragma once

#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/events.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <string>
#include <string_view>

namespace hal9::migration {

// What the fold takes from the line around the fact.
struct Around {
  ledger::Sequence sequence;
  Time happened;
  std::string by;
  std::string reason;
};

// Total: what makes no sense is noted as an anomaly, and the rest of it is folded.
void fold_fact(State& state, const Fact& fact, const Around& around);

void note_anomaly(State& state, ledger::Sequence sequence, std::string_view what);

// What may be in the router: the larger of what was sent and what was read.
Share in_router(const Amount& amount);
// What may come to be in the router: a raise that was asked for may be on its way.
Share highest(const Amount& amount);
// What a lowering starts from: a raise that is not observed yet does not count as reached.
Share lowest(const Amount& amount);

// Whether every route of the plan is at or below its target, as far as anybody has read it.
bool at_targets(const State& state, const RollbackPlan& plan);

}  // namespace hal9::migration
