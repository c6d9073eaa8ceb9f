#include "engine/executor.h"

#include "engine/make_command.h"
#include "engine/set_and_read.h"
#include "engine/unusable.h"
#include "migration/ramp.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

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
constexpr milliseconds kRaiseLockWait{5000};
constexpr milliseconds kLowerLockWait{1000};

Asker executor_asker() {
  return {
      {migration::AuthType::system,
       "system:executor",
       migration::Role::operator_,
       migration::Via::cli},
      {}
  };
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
    CorrelationId correlation
)
    : writer_(writer),
      router_(router),
      environment_(environment),
      raise_lock_(raise_lock),
      executor_lock_(executor_lock),
      spool_(spool),
      fence_(fence),
      correlation_(correlation) {}

Ran Executor::run(Progress& progress) {
  Ran ran = run_to_end(progress);
  ran.files = files_;
  return ran;
}

Ran Executor::run_to_end(Progress& progress) {
  while (true) {
    if (auto folded = writer_.catch_up(); !folded) return {RanTo::unrecorded, folded.error()};
    const Work work = next_work(writer_.state(), elapsed());
    if (work.kind == WorkKind::none) return {RanTo::done, {}};
    if (auto ended = ensure_turn()) return *ended;
    const bool ours = fence_ != 0 && fence_ == writer_.state().fence;
    if (!ours) {
      // Another process is at it: look on, and be there if it dies.
      look_on(progress);
      if (environment_.wait(kLookPause)) return {RanTo::elsewhere, {}};
      continue;
    }
    if (auto ended = step(work, progress)) return *ended;
  }
}

void Executor::look_on(Progress& progress) {
  const auto& state = writer_.state();
  if (state.running.empty() || state.sequence == looked_at_) return;
  looked_at_ = state.sequence;
  const auto& plan = state.running.front().plan;
  std::vector<migration::RouteAmount> observed;
  for (const auto& lowering : plan.routes) {
    const auto route = state.routes.find(lowering.route);
    if (route == state.routes.end()) continue;
    observed.push_back({lowering.route, route->second.share.observed, route->second.mirror.observed}
    );
  }
  progress.on_step(plan, observed, elapsed());
}

// Takes the executor when it is free. Whoever took the fence by its own command goes on without
// the lock: a lowering never waits for a process that may be stuck.
std::optional<Ran> Executor::ensure_turn() {
  if (!turn_) {
    auto turn = executor_lock_.acquire(milliseconds{0});
    if (turn) turn_ = std::move(*turn);
  }
  const bool ours = fence_ != 0 && fence_ == writer_.state().fence;
  if (ours || !turn_) return {};
  // The lock is ours and the fence is not: the one who took it died, or is only just at it.
  if (environment_.wait(kLookPause)) return Ran{RanTo::interrupted, {}};
  if (auto folded = writer_.catch_up(); !folded) return Ran{RanTo::unrecorded, folded.error()};
  if (next_work(writer_.state(), elapsed()).kind == WorkKind::none) return {};
  return report(migration::TakeExecutor{}, {});
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
  const Micros gone = elapsed();
  const auto plan = work.rollback ? std::optional(writer_.state().running.front().plan)
                                  : std::optional<migration::RollbackPlan>();
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
  auto ended = report(std::move(body), work.rollback);
  if (!ended && plan) progress.on_step(*plan, back->observed, gone);
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
  auto reading = router_.read();
  if (!reading) return pass_on(reading);
  if (reading->halted && !released) {
    return fail(Code::conflict, "the router's kill switch is on and no gate has seen it");
  }
  return {};
}

std::optional<Ran> Executor::raise(const Work& work) {
  Result<RoutesReadBack> back = RoutesReadBack{};
  {
    auto held = raise_lock_.acquire(kRaiseLockWait);
    if (!held) return Ran{RanTo::stalled, held.error()};
    if (auto ours = still_ours(); !ours) {
      if (ours.error().code == Code::stale) return {};  // looks again, and sees why
      return Ran{RanTo::stalled, ours.error()};
    }
    if (work.clear_halt) {
      if (auto cleared = router_.clear_halt(); !cleared)
        return router_failed(work, cleared.error());
    }
    if (!work.routes.empty()) back = set_and_read(router_, work.routes, Toward::hierarchical);
  }
  if (!back) return router_failed(work, back.error());
  failing_since_.reset();
  files_ = back->files;
  migration::ReportTraffic body;
  body.fence = fence_;
  body.applied = work.routes;
  body.observed = back->observed;
  body.halt_cleared = work.clear_halt;
  return report(std::move(body), {});
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
  if (recorded) {
    if (takes) fence_ = writer_.state().fence;
    return {};
  }
  if (recorded.error().code == Code::stale) return {};
  if (ledger_unusable(recorded.error().code)) return Ran{RanTo::unrecorded, recorded.error()};
  return Ran{RanTo::stalled, recorded.error()};
}

// The first failure is recorded; then a lowering is tried again until patience ends. A raise is
// not: traffic stays where it is, and the operator decides.
std::optional<Ran> Executor::router_failed(const Work& work, const Error& error) {
  const bool first = !failing_since_;
  if (first) failing_since_ = environment_.steady();
  if (first) {
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

// Time since the running rollback's start by the larger of both clocks: a wall clock that is put
// back does not slow it down.
Micros Executor::elapsed() {
  const auto& running = writer_.state().running;
  if (running.empty()) return {};
  const auto& plan = running.front().plan;
  const auto steady = environment_.steady();
  const Micros wall = environment_.now() - plan.started;
  if (timed_ != plan.id) {
    timed_ = plan.id;
    timed_base_ = std::max(Micros{0}, wall);
    timed_since_ = steady;
  }
  const auto since = std::chrono::duration_cast<Micros>(steady - timed_since_);
  return migration::elapsed_by(timed_base_ + since, wall);
}

}  // namespace hal9::engine
