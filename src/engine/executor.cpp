#include "engine/executor.h"

#include "base/id.h"
#include "base/result.h"
#include "engine/environment.h"
#include "engine/lock.h"
#include "engine/make_command.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/set_and_read.h"
#include "engine/spool.h"
#include "engine/unusable.h"
#include "engine/work.h"
#include "engine/writer.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How long a router that does not answer is asked again before the operator hears of it.
constexpr seconds kRouterPatience{30};
constexpr milliseconds kRetryPause{250};
// How often an executor that waits for its turn looks at the ledger, and how long a write to the
// router waits for another process's one.
constexpr milliseconds kLookPause{250};
// How long somebody else's due lowering may stand still before it is taken over.
constexpr milliseconds kPatience{2000};
constexpr milliseconds kRaiseLockWait{5000};
constexpr milliseconds kLowerLockWait{1000};

Asker executor_asker() {
  return {
      {migration::AuthType::system, kExecutor, migration::Role::operator_, migration::Via::cli}, {}
  };
}

Error not_shown(const Work& work) {
  const bool features = work.kind == WorkKind::features;
  return {
      Code::negative,
      features ? "the router does not show the features that were set"
               : "the router does not show the shares that were set",
      "it was set and read back twice with the same answer; a key may be missing in its map",
      "",
      "hal9-migrate traffic --verify"
  };
}

const migration::RollbackPlan* plan_of(
    const migration::State& state, const std::optional<RollbackId>& id
) {
  const auto found = std::ranges::find_if(state.running, [&](const migration::Rollback& rollback) {
    return rollback.plan.id == id;
  });
  return found == state.running.end() ? nullptr : &found->plan;
}

}  // namespace

Executor::Executor(
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
)
    : writer_(writer),
      router_(router),
      environment_(environment),
      raise_lock_(raise_lock),
      executor_lock_(executor_lock),
      spool_(spool),
      fence_(fence),
      correlation_(correlation),
      may_raise_(may_raise),
      own_(own) {}

Ran Executor::run(Progress& progress) {
  progress_ = &progress;
  Ran ran = run_to_end(progress);
  ran.files = files_;
  return ran;
}

Ran Executor::run_to_end(Progress& progress) {
  while (true) {
    if (auto folded = writer_.catch_up(); !folded) return {RanTo::unrecorded, folded.error()};
    const Work work = next_work(writer_.state(), elapsed(), may_raise_);
    if (work.kind == WorkKind::none) return {RanTo::done, {}};
    // Somebody else's goes on by whoever looks on at it.
    if (own_is_through() && !writer_.state().running.empty()) return {RanTo::done, {}};
    announce(progress);
    if (environment_.interrupted()) return {RanTo::interrupted, {}};
    if (auto ended = ensure_turn(work)) return *ended;
    const bool ours = fence_ != 0 && fence_ == writer_.state().fence;
    if (!ours) {
      // Another process is at it: look on, and be there if it dies or stands still.
      look_on(progress);
      if (environment_.wait(kLookPause)) return {RanTo::elsewhere, {}};
      continue;
    }
    if (auto ended = step(work, progress)) return *ended;
    // Done, reported, and still the same to do: the router does not show what was asked.
    const bool acted = work.kind != WorkKind::wait && !failing_since_ && !stale_;
    if (acted && done_before_ == work) return {RanTo::stalled, not_shown(work)};
    done_before_ = acted ? std::optional(work) : std::nullopt;
  }
}

// Completed; one that was overtaken is waited for by the one that took it over.
bool Executor::own_is_through() {
  const auto& last = writer_.state().last_rollback;
  own_through_ = own_through_ || (own_ && last && last->plan.id == *own_ &&
                                  last->status == migration::RollbackStatus::completed);
  return own_through_;
}

// The one that a person waits for: his own, else the oldest.
const migration::RollbackPlan* Executor::shown() const {
  const auto& running = writer_.state().running;
  if (running.empty()) return nullptr;
  const auto* own = plan_of(writer_.state(), own_);
  return own != nullptr ? own : &running.front().plan;
}

void Executor::announce(Progress& progress) {
  const auto* plan = shown();
  if (plan == nullptr || !announced_.insert(plan->id).second) return;
  progress.on_plan(*plan);
}

void Executor::look_on(Progress& progress) {
  const auto& state = writer_.state();
  const auto* const looked_on = shown();
  if (looked_on == nullptr || state.sequence == looked_at_) return;
  looked_at_ = state.sequence;
  const auto& plan = *looked_on;
  std::vector<migration::RouteAmount> observed;
  for (const auto& lowering : plan.routes) {
    const auto route = state.routes.find(lowering.route);
    if (route == state.routes.end()) continue;
    observed.push_back({lowering.route, route->second.share.observed, route->second.mirror.observed}
    );
  }
  progress.on_step(plan, observed, elapsed_of(plan));
}

// A lowering is due and the ledger has not moved for a while: whoever has the turn is stopped or
// hangs. A way back does not wait for it.
bool Executor::nobody_moves(const Work& work) {
  const auto now = environment_.steady();
  const auto at = writer_.state().sequence;
  if (work.kind != WorkKind::lower || at != still_at_) {
    still_at_ = at;
    still_since_ = now;
    return false;
  }
  return now - still_since_ >= kPatience;
}

// Takes the executor when it is free. Whoever took the fence by its own command goes on without
// the lock: a lowering never waits for a process that may be stuck.
std::optional<Ran> Executor::ensure_turn(const Work& work) {
  bool may_be_taken = turn_ != nullptr;
  if (!turn_) {
    auto turn = executor_lock_.acquire(milliseconds{0});
    if (turn) turn_ = std::move(*turn);
    // A lock that cannot be had at all tells nothing of others.
    may_be_taken = turn_ != nullptr || turn.error().code != Code::locked;
  }
  const bool ours = fence_ != 0 && fence_ == writer_.state().fence;
  if (ours) return {};
  if (!may_be_taken && !nobody_moves(work)) return {};
  // Free, and the fence is not ours: the one who took it died, or is only just at it.
  if (environment_.wait(kLookPause)) return Ran{RanTo::interrupted, {}};
  if (auto folded = writer_.catch_up(); !folded) return Ran{RanTo::unrecorded, folded.error()};
  const Work left = next_work(writer_.state(), elapsed(), may_raise_);
  if (left.kind == WorkKind::none) return {};
  return report(migration::TakeExecutor{}, left.rollback);
}

std::optional<Ran> Executor::step(const Work& work, Progress& progress) {
  switch (work.kind) {
    case WorkKind::none:
      return {};
    case WorkKind::lower:
      return lower(work, progress);
    case WorkKind::raise:
      return raise(work);
    case WorkKind::features:
      return set_features(work);
    case WorkKind::wait:
      if (environment_.wait(std::min<Micros>(work.pause, milliseconds{500}))) {
        return Ran{RanTo::interrupted, {}};
      }
      return {};
  }
  return {};
}

std::optional<Ran> Executor::lower(const Work& work, Progress& progress) {
  const auto* const running = plan_of(writer_.state(), work.rollback);
  const auto plan = running == nullptr ? std::nullopt : std::optional(*running);
  const Micros gone = plan ? elapsed_of(*plan) : Micros{};
  Result<RoutesReadBack> back = RoutesReadBack{};
  {
    // Without the lock after its wait: a raiser that is stopped must not hold up a way back.
    auto held = raise_lock_.acquire(kLowerLockWait);
    back = set_and_read(router_, work.routes, Toward::flat);
  }
  if (!back) return router_failed(work, back.error());
  failing_since_.reset();
  files_ = back->files;
  migration::ReportTraffic body;
  body.fence = fence_;
  body.applied = work.routes;
  body.observed = back->observed;
  body.read_back = router_.capabilities().moves_traffic;
  auto ended = report(std::move(body), work.rollback);
  const auto* const on_screen = shown();
  const bool is_shown = plan && (on_screen == nullptr || on_screen->id == plan->id);
  if (!ended && is_shown) progress.on_step(*plan, back->observed, gone);
  return ended;
}

// What has to hold under raise.lock before anything goes up: nobody took over, nothing was halted
// since the gates looked, nothing waits in the spool.
Result<void> Executor::still_ours() {
  if (auto folded = writer_.catch_up(); !folded) return pass_on(folded);
  const auto& state = writer_.state();
  if (state.fence != fence_) {
    return fail(Code::stale, "somebody else has taken over since the gates were looked at");
  }
  const bool released = state.halt_released && state.halt && *state.halt_released >= *state.halt;
  if (state.halt && !released) {
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
  if (reading->halted && !released) {
    return fail(Code::conflict, "the router's kill switch is on and no gate has seen it");
  }
  if (router_.capabilities().moves_traffic && reading->flat_is_down()) {
    return fail(Code::gate, "no server of flat is up any more");
  }
  return {};
}

// The report is made under the lock too: a rollback that came meanwhile then sees either no raise or
// one that is taken back.
std::optional<Ran> Executor::raise(const Work& work) {
  auto held = raise_lock_.acquire(kRaiseLockWait);
  if (!held) return Ran{RanTo::stalled, held.error()};
  if (auto ours = still_ours(); !ours) {
    if (ours.error().code == Code::stale) return {};  // looks again, and sees why
    return Ran{RanTo::stalled, ours.error()};
  }
  if (work.clear_halt) {
    auto cleared = router_.clear_halt(writer_.state().halt_servers);
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

std::optional<Ran> Executor::set_features(const Work& work) {
  Result<FeaturesReadBack> back = FeaturesReadBack{};
  {
    auto held = raise_lock_.acquire(kLowerLockWait);
    back = set_and_read(router_, work.features);
  }
  if (!back) return router_failed(work, back.error());
  failing_since_.reset();
  files_ = back->files;
  migration::ReportFeatures body;
  body.fence = fence_;
  body.applied = work.features;
  body.observed = back->observed;
  body.read_back = router_.capabilities().moves_traffic;
  return report(std::move(body), {});
}

// Reports what was done. Stale is no end: the loop looks again at what is left.
std::optional<Ran> Executor::report(
    migration::CommandBody body, std::optional<RollbackId> rollback
) {
  const bool takes = std::holds_alternative<migration::TakeExecutor>(body);
  const CorrelationId correlation = rollback ? CorrelationId{rollback->bytes} : correlation_;
  const auto command = make_command(environment_, executor_asker(), std::move(body), correlation);
  auto recorded = writer_.execute(command);
  stale_ = !recorded && recorded.error().code == Code::stale;
  if (recorded) {
    if (takes) fence_ = writer_.state().fence;
    return {};
  }
  if (stale_) return {};
  if (ledger_unusable(recorded.error().code)) return Ran{RanTo::unrecorded, recorded.error()};
  return Ran{RanTo::stalled, recorded.error()};
}

// The first failure is recorded; then a lowering is tried again until patience ends. A raise is
// not: traffic stays where it is, and the operator decides.
std::optional<Ran> Executor::router_failed(const Work& work, const Error& error) {
  const bool first = !failing_since_;
  if (first) {
    failing_since_ = environment_.steady();
    if (work.kind == WorkKind::lower) {
      progress_->on_note(error.what + "; asking again for 30 s (Ctrl-C ends that)");
    }
    std::optional<Ran> ended;
    if (!work.features.empty()) {
      migration::ReportFeatures body;
      body.fence = fence_;
      for (const auto& feature : work.features) body.failed.push_back(feature.feature);
      body.error = error.what;
      ended = report(std::move(body), {});
    } else {
      migration::ReportTraffic body;
      body.fence = fence_;
      for (const auto& route : work.routes) body.failed.push_back(route.route);
      body.error = error.what;
      ended = report(std::move(body), work.rollback);
    }
    if (ended) return ended;
  }
  const bool gives_up = environment_.steady() - *failing_since_ >= kRouterPatience;
  if (work.kind != WorkKind::lower || gives_up) return Ran{RanTo::stalled, error};
  if (environment_.wait(kRetryPause)) return Ran{RanTo::interrupted, error};
  return {};
}

Elapsed Executor::elapsed() {
  return [this](const migration::RollbackPlan& plan) { return elapsed_of(plan); };
}

// Time since the rollback's start by the larger of both clocks: a wall clock that is put back does not
// slow it down.
Micros Executor::elapsed_of(const migration::RollbackPlan& plan) {
  const auto steady = environment_.steady();
  const Micros wall = environment_.now() - plan.started;
  const auto [timed, first] = timed_.try_emplace(plan.id);
  if (first) timed->second = {std::max(Micros{0}, wall), steady};
  const auto since = std::chrono::duration_cast<Micros>(steady - timed->second.since);
  return migration::elapsed_by(timed->second.base + since, wall);
}

}  // namespace hal9::engine
