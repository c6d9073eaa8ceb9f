// What the parts of decide share. Internal to this folder.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/route.h"
#include "migration/state.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hal9::migration {

// Who reports what a router did, and whether the router was read back.
struct Report {
  std::uint64_t fence = 0;
  bool read_back = true;
  std::optional<Time> time;  // absent: the command's
};

// The facts of one command, and the state with them folded in: what a fact leads to is seen, not
// guessed.
class Facts {
 public:
  Facts(const State& state, const Command& command) : state_(state), command_(command) {}

  void add(Fact fact, std::optional<Time> time = {});
  // The next fencing number; stands before what is requested.
  void take_executor();
  // What was set and read back; on a ledger-only router, what was recorded in its place.
  void report(
      const Report& report,
      const std::vector<RouteAmount>& applied,
      const std::vector<RouteAmount>& observed
  );
  void report(
      const Report& report,
      const std::vector<FeatureAmount>& applied,
      const std::vector<FeatureAmount>& observed
  );
  // RollbackCompleted for `id`, and PhaseEntered if its plan ends in another phase.
  void complete(const RollbackId& id, const Report& report);

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] std::vector<Decided> done() { return std::move(decided_); }

 private:
  State state_;
  const Command& command_;
  std::vector<Decided> decided_;
};

// Where routes should end; absent: left where they are.
struct Target {
  std::optional<Share> share;
  std::optional<Share> mirror;
};

struct WayBack {
  Target target;
  Phase to_phase = Phase::none;
  bool partial = false;
  std::optional<Micros> gradual;
  bool mirror_only = false;
  bool force = false;
  bool preserve_data = false;
  std::optional<std::vector<Route>> routes = {};  // absent: every route
  std::vector<RouteAmount> targets = {};          // of single routes, in place of `target`
};

// The facts of a lowering: a plan, or that it was asked for. Of a route that another rollback lowers
// already, the lowest target and the earliest end count; a running one whose routes are all in the new
// plan ends by it, another goes on beside it.
std::vector<Decided> lower(const State& state, const Command& command, const WayBack& back);

// Whether a lowering has to look at the route: it is configured, or something may be in the router.
bool concerns(const RouteState& route);

Result<std::vector<Decided>> decide_move(
    const State& state, const Command& command, const Move& move
);
Result<std::vector<Decided>> decide_step(
    const State& state, const Command& command, const StepRaise& step
);
Result<std::vector<Decided>> decide_pause(
    const State& state, const Command& command, const PauseRaise& pause
);
Result<std::vector<Decided>> decide_resume(
    const State& state, const Command& command, const ResumeRaise& resume
);
std::vector<Decided> decide_abort(const State& state, const Command& command);
Result<std::vector<Decided>> decide_cancel(
    const State& state, const Command& command, const CancelRollback& cancel
);
Result<std::vector<Decided>> decide_rollback(
    const State& state, const Command& command, const RollBack& rollback
);
std::vector<Decided> decide_cut(const State& state, const Command& command, const RecordCut& cut);
Result<std::vector<Decided>> decide_traffic_report(
    const State& state, const Command& command, const ReportTraffic& report
);
Result<std::vector<Decided>> decide_features_report(
    const State& state, const Command& command, const ReportFeatures& report
);
Result<std::vector<Decided>> decide_feature(
    const State& state, const Command& command, const SetFeature& set
);

Result<std::vector<Decided>> decide_open(
    const State& state, const Command& command, const OpenIncident& open
);
Result<std::vector<Decided>> decide_change(
    const State& state, const Command& command, const ChangeIncident& change
);
Result<std::vector<Decided>> decide_close(
    const State& state, const Command& command, const CloseIncident& close
);
// The same, and the rollback that begins by it belongs to an incident.
std::vector<Decided> with_incident(
    const State& state, const Command& command, std::vector<Decided> decided
);

// The refusal of the first gate that blocks.
Result<void> check_gates(const State& state, const std::vector<Gate>& gates);
// The refusal while a rollback runs.
Result<void> check_running(const State& state);
// The refusal of a halt that the gates have not seen, of everything or of one of `routes`.
Result<void> check_halts(
    const State& state,
    const std::vector<RouteAmount>& routes,
    ledger::Sequence seen,
    const std::string& next
);
// Everything that is halted and that a raise of these routes clears is released.
void release_halts(Facts& facts, const std::vector<RouteAmount>& routes);
// Every route of it that is still configured was read back where it was to go.
bool is_through(const State& state, const RaisePlan& plan);
// Where a raise that goes back leads: to the phase that it left, unless the migration is below that.
Phase phase_before(const State& state, const RaisePlan& plan);
// Its end by going back, which holds again what was held before it.
RaiseEnded ended(
    const RaisePlan& plan, RaiseEnd end, const std::string& why, std::optional<RollbackId> by
);
// The raise that is open ends by a way back; nothing where none is.
void end_raise(Facts& facts, std::optional<RollbackId> by);
// How a raise of these amounts begins, over `move.gradual`: what only falls or stays is requested at
// once. `before`: the phase that it leaves.
void begin_raise(
    Facts& facts,
    const Command& command,
    const Move& move,
    Phase before,
    std::vector<RouteAmount> amounts
);

}  // namespace hal9::migration
