// The one executor: does what is still to do (work.h) through the router, reads back, reports as
// commands. Killed anywhere, the next one goes on from the ledger.
//
// Its events carry a fencing number: once another executor has taken over, its reports are refused
// as stale, and it looks again at what is left. `executor.lock` tells others that a ramp is being
// run; a lowering never waits for it. Every write to the router happens under `raise.lock` (over
// look and write), so that an emergency knows when a raise in flight is over.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/environment.h"
#include "engine/lock.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/spool.h"
#include "engine/work.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/rollback.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hal9::engine {

// The actor of what an executor reports.
inline constexpr const char* kExecutor = "system:executor";

enum class RanTo : std::uint8_t {
  done,         // everything that was requested is observed
  interrupted,  // the person asked to stop; it stays open
  stalled,      // the router does not do it or does not answer; it stays open
  elsewhere,    // another process goes on with it
  unrecorded,   // the ledger refuses reports: the caller lowers and spools
};

struct Ran {
  RanTo to = RanTo::done;
  std::optional<Error> error;  // of stalled and unrecorded
  std::optional<Error> files =
      std::nullopt;  // traffic moved, and the router's files could not follow
};

class Executor {
 public:
  // `own`: the rollback that the caller's command began or joined; once it is completed, what else runs
  // keeps this one no longer. Absent: all that is open.
  // `fence`: what the caller's own command took; 0 if it took none (it joined, or resumes).
  // `correlation`: what its reports belong to outside of a rollback. `may_raise`: the caller's own
  // command asked for a raise, behind its gates; everybody else finishes lowerings alone.
  Executor(
      Writer& writer,
      Router& router,
      Environment& environment,
      Lock& raise_lock,
      Lock& executor_lock,
      Spool& spool,
      std::uint64_t fence,
      CorrelationId correlation,
      MayRaise may_raise,
      std::optional<RollbackId> own
  );

  // Runs until nothing is left to do. Errors are in Ran: what was done stays done.
  Ran run(Progress& progress);

 private:
  Ran run_to_end(Progress& progress);
  void announce(Progress& progress);
  void look_on(Progress& progress);
  std::optional<Ran> ensure_turn(const Work& work);
  std::optional<Ran> step(const Work& work, Progress& progress);
  std::optional<Ran> lower(const Work& work, Progress& progress);
  std::optional<Ran> raise(const Work& work);
  std::optional<Ran> set_features(const Work& work);
  // While a ramp waits: a router that was restarted or edited by hand, and shows more than the
  // ledger, goes down to it at once.
  std::optional<Ran> put_down_drift(const Work& work);
  // Behind gates, with nothing else left to raise: what a restart has sent to flat comes up again.
  std::optional<Ran> raise_fallen();
  void add_fallen(Work& work);
  std::optional<Ran> report(migration::CommandBody body, std::optional<RollbackId> rollback);
  bool nobody_moves(const Work& work);
  std::optional<Ran> lower_again(const std::vector<migration::RouteAmount>& routes);
  std::optional<Ran> take_back(std::vector<migration::RouteAmount> raised);
  std::optional<Ran> router_failed(const Work& work, const Error& error);
  Result<void> still_ours(const Work& work);
  Result<void> halt_again(const Work& asked);
  Result<void> end_halt(const Work& asked);
  bool own_is_through();
  [[nodiscard]] const migration::RollbackPlan* shown() const;
  Elapsed elapsed();
  Micros elapsed_of(const migration::RollbackPlan& plan);

  Writer& writer_;
  Router& router_;
  Environment& environment_;
  Lock& raise_lock_;
  Lock& executor_lock_;
  Spool& spool_;
  std::uint64_t fence_;
  CorrelationId correlation_;
  MayRaise may_raise_;
  std::optional<RollbackId> own_;
  std::optional<migration::RollbackPlan> own_plan_;  // as it was open
  bool own_through_ = false;
  Progress* progress_ = nullptr;  // while run() runs
  bool halted_each_ = false;      // of the last reading before a raise
  bool stale_ = false;            // the last report was refused: somebody has taken over
  std::unique_ptr<Lock::Held> turn_;
  // Clocks of each rollback that was seen: elapsed = max(wall, base + steady since then).
  struct Timed {
    Micros base{};
    std::chrono::steady_clock::time_point since;
  };
  std::map<RollbackId, Timed> timed_;
  std::set<RollbackId> announced_;
  ledger::Sequence looked_at_;
  // Since when the ledger has not moved while somebody else should be lowering.
  ledger::Sequence still_at_;
  std::chrono::steady_clock::time_point still_since_;
  std::optional<Work> done_before_;  // what was done in the round before
  int times_done_ = 0;               // in a row
  std::optional<Error> files_;       // of the last write
  std::vector<std::string> fallen_;  // balancers that a restart sent to flat, under raise.lock
  bool fallen_tried_ = false;
  std::string identity_;  // of the router's processes, at the last look for drift
  // The router's failures in a row.
  std::optional<std::chrono::steady_clock::time_point> failing_since_;
};

}  // namespace hal9::engine
