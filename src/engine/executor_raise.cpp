// The executor on its way up: what has to hold under raise.lock, the write, and taking it back.
#include "base/result.h"
#include "engine/compare.h"
#include "engine/executor.h"
#include "engine/router.h"
#include "engine/set_and_read.h"
#include "engine/spool.h"
#include "engine/work.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

constexpr std::chrono::milliseconds kRaiseLockWait{5000};

// Routes of the work with a kill key of their own, that this raise may clear; or, of those that it may
// not, all.
std::vector<migration::Route> halted_of(
    const migration::State& state, const Work& work, bool released
) {
  std::vector<migration::Route> routes;
  for (const auto& amount : work.routes) {
    const auto halted = state.halted_routes.find(amount.route);
    if (halted == state.halted_routes.end()) continue;
    if (migration::is_released(state, halted->second) == released) routes.push_back(amount.route);
  }
  return routes;
}

}  // namespace

// What has to hold under raise.lock before anything goes up: nobody took over, nothing was halted
// since the gates looked, nothing waits in the spool.
Result<void> Executor::still_ours(const Work& work) {
  if (auto folded = writer_.catch_up(); !folded) return pass_on(folded);
  const auto& state = writer_.state();
  if (state.fence != fence_) {
    return fail(Code::stale, "somebody else has taken over since the gates were looked at");
  }
  const bool released = state.halt && migration::is_released(state, *state.halt);
  if ((state.halt && !released) || !halted_of(state, work, false).empty()) {
    return fail(
        Code::conflict, "an emergency has halted the traffic since the gates were looked at"
    );
  }
  auto spooled = spool_.read();
  if (!spooled) return pass_on(spooled);
  if (!spooled->commands.empty() || !spooled->unreadable.empty()) {
    return fail(Code::conflict, "an emergency waits in the spool");
  }
  if (!spooled->unread.empty()) {
    return fail(Code::conflict, "an emergency may wait where it cannot be read", spooled->unread);
  }
  auto reading = router_.read();
  if (!reading) return pass_on(reading);
  halted_each_ = reading->halted_each;
  tell_halts_apart(*reading, state);
  fallen_ = state.halt && !released ? std::vector<std::string>{} : reading->fallen;
  if (reading->halted && !released && fallen_.empty()) {
    return fail(Code::conflict, "the router's kill switch is on and no gate has seen it");
  }
  for (const auto& route : reading->routes) {
    const bool ours = std::ranges::find(work.routes, route.route, &migration::RouteAmount::route) !=
                      work.routes.end();
    if (!ours || !route.halted || state.halted_routes.contains(route.route)) continue;
    return fail(
        Code::conflict, "the kill key of " + to_text(route.route) + " is on and no gate has seen it"
    );
  }
  if (router_.capabilities().moves_traffic && reading->flat_is_down()) {
    return fail(Code::gate, "no server of flat is up any more");
  }
  return {};
}

// The kill keys of halted routes that nobody named.
Result<void> Executor::halt_again(const Work& asked) {
  const auto cleared = halted_of(writer_.state(), asked, true);
  std::vector<migration::Route> kept;
  for (const auto& [route, halt] : writer_.state().halted_routes) {
    if (std::ranges::find(cleared, route) == cleared.end()) kept.push_back(route);
  }
  if (kept.empty()) return {};
  const auto cut = router_.cut_routes(kept, router_.cut_time());
  if (cut.halted && cut.unreachable.empty()) return {};
  return fail(
      Code::unreachable,
      "routes that stay halted could not be halted again",
      cut.problems.empty() ? "" : cut.problems.front()
  );
}

// A balancer that came back lacks the kill keys of single routes. It gets them while its switch for
// everything is still on: one that could not be given them counts as fallen still, and the next raise
// tries again. Where there is no such switch, the end of the halt of everything takes the routes' own
// with it, and they are put back behind it, before anything rises.
Result<void> Executor::end_halt(const Work& asked) {
  if (!asked.clear_halt && fallen_.empty()) return {};
  if (!fallen_.empty() && !halted_each_) {
    if (auto kept = halt_again(asked); !kept) return kept;
  }
  auto cleared = router_.clear_halt(writer_.state().halt_servers);
  if (!cleared && cleared.error().code != Code::partly_done) return cleared;
  if (halted_each_) return halt_again(asked);
  return {};
}

// The report is made under the lock too: a rollback that came meanwhile then sees either no raise or
// one that is taken back.
std::optional<Ran> Executor::raise(const Work& asked) {
  auto held = raise_lock_.acquire(kRaiseLockWait);
  if (!held) return Ran{RanTo::stalled, held.error()};
  if (auto ours = still_ours(asked); !ours) {
    if (ours.error().code == Code::stale) return {};  // looks again, and sees why
    return Ran{RanTo::stalled, ours.error()};
  }
  Work work = asked;
  if (!fallen_.empty()) add_fallen(work);
  if (auto ended = end_halt(asked); !ended) return router_failed(work, ended.error());
  // By what was asked, and not by all that a fallen balancer lacks: nobody named those.
  const auto keys = halted_of(writer_.state(), asked, true);
  if (!keys.empty()) {
    auto cleared = router_.clear_routes(keys);
    if (!cleared && cleared.error().code != Code::partly_done) {
      return router_failed(work, cleared.error());
    }
  }
  Result<RoutesReadBack> back = RoutesReadBack{};
  if (!work.routes.empty()) back = set_and_read(router_, work.routes, Toward::hierarchical);
  if (!back) {
    // One of several balancers may have it: none of them keeps what was not recorded.
    std::ignore = take_back(work.routes);
    return router_failed(work, back.error());
  }
  failing_since_.reset();
  files_ = back->files;
  migration::ReportTraffic body;
  body.fence = fence_;
  body.applied = work.routes;
  body.observed = back->observed;
  body.halt_cleared = work.clear_halt;
  if (!keys.empty()) body.cleared = keys;
  body.read_back = router_.capabilities().moves_traffic;
  auto ended = report(std::move(body), {});
  if (!stale_ && !ended) return {};
  auto undone = take_back(work.routes);
  return ended ? ended : undone;
}

// A raise that the ledger does not know of goes down to what it knows: the lower of requested and
// observed.
std::optional<Ran> Executor::take_back(std::vector<migration::RouteAmount> raised) {
  std::ignore = writer_.catch_up();  // if it cannot be read, what was read last is the measure
  const auto& state = writer_.state();
  for (auto& amount : raised) {
    const auto known = state.routes.find(amount.route);
    const auto now = known == state.routes.end() ? migration::RouteState{} : known->second;
    if (amount.share) amount.share = std::min(now.share.requested, now.share.observed);
    if (amount.mirror) amount.mirror = std::min(now.mirror.requested, now.mirror.observed);
  }
  auto down = set_and_read(router_, raised, Toward::flat);
  if (!down) return Ran{RanTo::stalled, down.error()};
  return {};
}

}  // namespace hal9::engine
