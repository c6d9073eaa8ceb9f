// The share of a route during a gradual rollback: a pure function of the plan and of the time gone
// by. Monotonically falling, at the start share_from, at and after the end exactly share_to.
#pragma once

#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/rollback.h"

#include <vector>

namespace hal9::migration {

// What each route of the plan should have after `elapsed` (clamped to 0..its duration). Rounded down,
// so that it is never above the straight line. A plan without duration is at its end at once.
std::vector<RouteAmount> amounts_at(const RollbackPlan& plan, Micros elapsed);

// The highest that a plan lowers from and to, over all its routes: what a person wants to read first.
struct Highest {
  Share share_from, share_to;
  Share mirror_from, mirror_to;
};
Highest highest_of(const RollbackPlan& plan);

// Time from one step to the next: in which the route that falls fastest loses half a percent of its
// requests, so that what it has is within one percent of the line at any time; at most a twentieth of its
// duration, between 250 ms and 30 s. A route that has ended counts no more.
Micros step_length(const RollbackPlan& plan, Micros elapsed);
// The latest step that is due: at its grid, and at each route's own end.
Micros step_reached(const RollbackPlan& plan, Micros elapsed);
// The next one. Precondition: the plan has not ended.
Micros next_step(const RollbackPlan& plan, Micros elapsed);

// Time gone by: the larger of both clocks, never negative. A wall clock that was put back does not
// slow a rollback down; after a crash there is no steady clock and the wall clock alone counts.
Micros elapsed_by(Micros steady, Micros wall);

}  // namespace hal9::migration
