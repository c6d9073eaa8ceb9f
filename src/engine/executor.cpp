#include "engine/executor.h"

#include "base/error_words.h"
#include "base/id.h"
#include "base/result.h"
#include "engine/environment.h"
#include "engine/lock.h"
#include "engine/make_command.h"
#include "engine/reach.h"
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
      "it was set and read back twice, and what it shows stayed as it is: it may not know the "
      "route or feature, or somebody else sets it too",
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
    if (work.kind == WorkKind::none) {
      if (auto ended = raise_fallen()) return *ended;
      return {RanTo::done, {}};
    }
    // Somebody else's goes on by whoever looks on at it.
    if (own_is_through() && !writer_.state().running.empty()) return {RanTo::done, {}};
    // Done and reported twice, and still the same to do: the router does not show what was asked.
    if (times_done_ >= 2 && done_before_ == work) return {RanTo::stalled, not_shown(work)};
    announce(progress);
    if (environment_.interrupted()) return {RanTo::interrupted, {}};
    const auto fence_before = fence_;
    if (auto ended = ensure_turn(work)) return *ended;
    // Only just taken: others have gone on since this work was looked at.
    if (fence_ != fence_before) continue;
    const bool ours = fence_ != 0 && fence_ == writer_.state().fence;
    if (!ours) {
      // Another process is at it: look on, and be there if it dies or stands still.
      look_on(progress);
      if (environment_.wait(kLookPause)) return {RanTo::elsewhere, {}};
      continue;
    }
    if (auto ended = step(work, progress)) return *ended;
    const bool acted = work.kind != WorkKind::wait && !failing_since_ && !stale_;
    times_done_ = !acted ? 0 : (done_before_ == work ? times_done_ + 1 : 1);
    done_before_ = acted ? std::optional(work) : std::nullopt;
  }
}

// Completed; or not open any more and where it was to end, since the last one that has ended need not be
// ours. One that was overtaken on its way is waited for by the one that took it over.
bool Executor::own_is_through() {
  const auto& state = writer_.state();
  if (const auto* plan = plan_of(state, own_)) {
    own_plan_ = *plan;
    return false;
  }
  const auto& last = state.last_rollback;
  const bool completed = own_ && last && last->plan.id == *own_ &&
                         last->status == migration::RollbackStatus::completed;
  own_through_ = own_through_ || completed || (own_plan_ && at_target(state, *own_plan_));
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
      if (auto ended = put_down_drift(work)) return ended;
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
  auto routes = work.routes;
  reach(router_, routes);
  Result<RoutesReadBack> back = RoutesReadBack{};
  {
    // Without the lock after its wait: a raiser that is stopped must not hold up a way back.
    auto held = raise_lock_.acquire(kLowerLockWait);
    // Somebody may have stopped it while this one waited: a step of it would go too far.
    if (writer_.catch_up() && work.rollback && plan_of(writer_.state(), work.rollback) == nullptr) {
      return {};
    }
    back = set_and_read(router_, routes, Toward::flat);
  }
  if (!back) return router_failed(work, back.error());
  failing_since_.reset();
  files_ = back->files;
  migration::ReportTraffic body;
  body.fence = fence_;
  body.applied = std::move(routes);
  body.observed = back->observed;
  body.read_back = router_.capabilities().moves_traffic;
  auto ended = report(std::move(body), work.rollback);
  // Stopped between its look at the router and its write, it may have come after somebody else's.
  if (stale_ && !ended) return lower_again(work.routes);
  const auto* const on_screen = shown();
  const bool is_shown = plan && (on_screen == nullptr || on_screen->id == plan->id);
  if (!ended && is_shown) progress.on_step(*plan, back->observed, gone);
  return ended;
}

// The router cannot be told "only if it is still so": a write that came late may have put back what
// another one had lowered further. It goes down to what is wanted by now, before anything else.
std::optional<Ran> Executor::lower_again(const std::vector<migration::RouteAmount>& routes) {
  if (auto folded = writer_.catch_up(); !folded) return Ran{RanTo::unrecorded, folded.error()};
  auto held = raise_lock_.acquire(kLowerLockWait);
  auto down = set_and_read(router_, wanted_now(writer_.state(), elapsed(), routes), Toward::flat);
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
      progress_->on_note(with_why(error) + "; asking again for 30 s (Ctrl-C ends that)");
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
