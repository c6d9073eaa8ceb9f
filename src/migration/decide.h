// command + state -> facts, or a refusal. Pure: no I/O, no clock, no randomness.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/state.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::migration {

struct Decided {
  Fact fact;
  std::string subject;       // "all", a route, a feature; empty: none
  std::optional<Time> time;  // when it happened, if not at the command's time
  bool free_text = false;    // carries free text beyond the reason: the line gets a nonce
  bool operator==(const Decided&) const = default;
};

// Rules of phases and of rolling back:
// - Lowering never conflicts and is never refused but by a --from-phase guard. Three values of
//   "now" a route, for share and mirror alike:
//     it falls if the highest of requested, applied and observed is above the target (a raise that
//     was asked for may be in the router already, so nothing of it is ever "nothing to lower");
//     its ramp starts there (`from`; the executor caps each step at what it has read);
//     it ends at min(requested, observed, target) (`to`; a raise that has not been observed is
//     taken back, and no rollback ever raises what is requested).
//   RollbackStarted makes `to` what is requested and takes back the release of a halt.
//   Against a running rollback the lowest target, the earliest end and the earliest phase win: if
//   that is what is running already, the new one joins (RollbackAsked with `joined`); otherwise a
//   new plan with the combined targets supersedes it. Nothing to lower, phase already reached:
//   RollbackAsked.
// - RollBack to 0 ends in phase none, mirror 0, held routes released. Above 0 it is partial: the
//   phase stays, its routes are held. In phase shadow the percentage means the mirror.
//   Guard: from_phase differs from the phase -> conflict naming the actual phase and the line for
//   it; in phase none -> RollbackAsked (done), unless something may still be in the
//   router: that is lowered. mirror_only: mirrors to 0 at once, shares stay; in phase shadow the
//   same as a full rollback.
// - Move: one phase forward at a time (conflict that names the next one); percentage of a phase:
//   shadow mirror 100 and share 0, canary 5, state-migration keeps, ramp-up needs one (usage), full
//   100 (another one: usage). From canary on the mirror is 0. Raising within a phase is forward.
//   Lower share or earlier phase: a way back, planned as RollBack but holding in `phase`, not held,
//   no gates; without a percentage the phase's default, state-migration and ramp-up as last left.
//   What would have risen stays. Forward is refused while a rollback runs (conflict, names it),
//   when a gate blocks (gate), when a halt newer than halts_seen is there (conflict), for held
//   routes unless named or include_held (a conflict only if no route is left to raise; full needs none
//   held). The same phase with the same share: no facts if it is observed, else it is taken up
//   again. The next phase is refused while the present one's share or mirror was not observed
//   (conflict, with the line that asks for it again). Forward gives GatesChecked, HaltReleased (if
//   a halt is there), ExecutorTaken, PhaseEntered (if it changes), TrafficRequested (the routes
//   that change).
// - SetFeature: gates are looked at when it rises. An unknown feature: usage, names the nearest.
//   Off already: FeatureRequested alone, so that it is on the record that somebody asked.
// - Every command after which the router has to be moved takes the executor: ExecutorTaken with
//   fence + 1 stands before what is requested.
// - Reports with another fence than the state's: Code::stale. An observation that
//   reads every route of a running rollback at or below its targets completes it: RollbackCompleted,
//   then PhaseEntered if its to_phase differs from the phase.
// - RecordCut: RollbackStarted (time: started), RollbackSuperseded for each running one, HaltSet,
//   TrafficApplied, TrafficObserved (time: observed_at), FeatureObserved; RollbackCompleted and
//   PhaseEntered when every route is observed at its target, otherwise RollbackStalled with what
//   did not answer. Takes the executor. A second identical emergency is recorded as RollbackAsked
//   with the halt confirmed when everything was at 0 and halted before it. The same cut recorded
//   again (a balancer answered later) goes on with its plan. Features alone, no emergency: the
//   features are recorded as lowered, and no route is. With the raise that it aborted, while that is
//   open: as AbortRaise, to the phase that it left, and what was held before is held again.
// - An incident is found by its number. OpenIncident: title 1 to 200 bytes, at most kIncidentsOpen at
//   once. ChangeIncident: nothing new is no facts. CloseIncident: refused while a rollback runs that
//   it owns. A rollback (RollBack, RecordCut, a raise whose gate failed; no `feature disable`, no
//   `migrate`, no abort) joins the incident that it names, else the newest that is open, else it opens
//   one where the configuration says so: critical if an emergency, minor if gradual, else major. A
//   named one that is not open hinders nothing: it counts as not named.
// - ReportHook is always recorded; DismissHook of what is not due is no facts.
// - What a command's objects hold stands behind its facts, an ObjectKept each; a command that comes
//   to nothing names none.
// - Same configuration again: no facts (an empty vector is a valid answer: nothing to record).
Result<std::vector<Decided>> decide(const State& state, const Command& command);

// The line that asks again for what was requested in the present phase and not observed; nothing
// where all of it was, or while a rollback is open.
std::optional<std::string> line_of_open_raise(const State& state);

// What a Move would be: needed before its gates are looked at. Error as decide would refuse it for
// its order, percentage or names (not for gates, halts or running rollbacks).
enum class Direction : std::uint8_t { forward, back, none };
Result<Direction> direction_of(const State& state, const Move& move);

}  // namespace hal9::migration
