// A gradual move forward: a plan that goes up step by step, each step behind gates of its own, and
// down again when one of them fails. Pure: data, the line that it follows, and what gates mean for it.
//
// It is never taken up by itself: a process that dies leaves the traffic where it is, and a person
// types `migrate resume`, behind the gates, or `migrate abort`.
#pragma once

#include "base/id.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/route.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::migration {

enum class RaiseStatus : std::uint8_t { running, paused };
// failed: a gate did, and it went back. superseded: a way back of somebody ended it.
enum class RaiseEnd : std::uint8_t { completed, aborted, failed, superseded };

// From where to where one route goes; `to` is never below `from`. `begun`: where it was before the
// whole raise, which is where a way back leads.
struct RouteRaise {
  Route route;
  Share share_from, share_to, share_begun;
  Share mirror_from, mirror_to, mirror_begun;
  bool operator==(const RouteRaise&) const = default;
};

struct RaisePlan {
  RaiseId id;
  Phase phase = Phase::none;         // it holds in this one
  Time started;                      // of this clock: a resumed one begins anew
  Time ends;                         // > started
  std::optional<Share> pause_after;  // it pauses when every route is there (in shadow: its mirror)
  std::vector<RouteRaise> routes;
  std::optional<Phase> phase_begun = {};  // the one that it left, which is where a way back leads
  // Held, or halted by themselves, before they were named: a way back holds them again.
  std::optional<std::vector<Route>> held_begun = {};
  bool operator==(const RaisePlan&) const = default;
};

struct Raise {
  RaisePlan plan;
  RaiseStatus status = RaiseStatus::running;
  ledger::Sequence at;  // of the event that began or resumed it: a step of an older one is stale
  std::string by;       // who began or resumed it
  std::string reason;
  std::string why;  // why it is paused
  bool operator==(const Raise&) const = default;
};

std::string to_text(RaiseStatus status);
std::string to_text(RaiseEnd end);

// What each route should have after `elapsed` (clamped to 0..its duration). Rounded down, so that it
// is never above the straight line; never above `pause_after` but where it began above it.
std::vector<RouteAmount> amounts_at(const RaisePlan& plan, Micros elapsed);
// Time from one step to the next: a twentieth of the duration, 250 ms at least.
Micros step_length(const RaisePlan& plan);
// The latest step that is due, and the next one. Precondition: 0 <= elapsed.
Micros step_reached(const RaisePlan& plan, Micros elapsed);
Micros next_step(const RaisePlan& plan, Micros elapsed);

// What a person wants to read of it first: from the lowest to the highest, over all its routes.
struct Ends {
  bool mirror = false;  // in shadow it is the mirror that rises
  Share from, to;
};
Ends ends_of(const RaisePlan& plan);

// Whether with these amounts the plan has come to where it pauses, and has more to do.
bool pauses_with(const RaisePlan& plan, const std::vector<RouteAmount>& amounts);
bool is_at_end(const RaisePlan& plan, const std::vector<RouteAmount>& amounts);

// The rest of a plan: from `now` to its targets at the pace that it had, with a pause of its own.
// Routes that are there already are in it, so that a way back still knows where they began.
RaisePlan resumed(
    const RaisePlan& plan,
    const std::vector<RouteAmount>& now,
    Time started,
    std::optional<Share> pause_after
);

// What the gates of a step mean. hold: where going back helps nobody (flat is down) or cannot be
// done (the router does not answer), or an emergency has to be taken in first.
enum class StepVerdict : std::uint8_t { go, hold, back };
StepVerdict verdict_of(const std::vector<Gate>& gates, bool strict);
// The first gate that blocks, with what it saw: "health has failed: 0 of 2 servers up"; or empty.
std::string first_block(const std::vector<Gate>& gates, bool strict);

}  // namespace hal9::migration
