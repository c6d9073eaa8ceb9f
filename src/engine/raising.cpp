#include "engine/raising.h"

#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/executor.h"
#include "engine/gates.h"
#include "engine/make_command.h"
#include "engine/reach.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/work.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::RouteAmount;

// How long a way back of somebody else may stay unseen, at most.
constexpr std::chrono::milliseconds kLookPause{250};
// How often the gates are looked at while no step is due.
constexpr std::chrono::seconds kGatesEvery{30};

Asker as_executor(std::string reason) {
  return {
      {migration::AuthType::system, kExecutor, migration::Role::operator_, migration::Via::cli},
      std::move(reason)
  };
}

}  // namespace

Raising::Raising(
    Service::Parts& parts,
    Writer& writer,
    const Asker& asker,
    const migration::Raise& raise,
    std::vector<migration::GateName> overrides,
    Progress& progress
)
    : parts_(parts),
      writer_(writer),
      asker_(asker),
      overrides_(std::move(overrides)),
      progress_(progress),
      plan_(raise.plan),
      at_(raise.at),
      began_(parts.ports.environment->steady()),
      looked_(began_) {}

Raised Raising::run() {
  // What is requested at once: a halt that is cleared, mirrors that end with the phase before.
  if (auto ended = carry_out({}, Micros{})) return *ended;
  progress_.on_raise(plan_);
  while (true) {
    if (auto ended = round()) return *ended;
  }
}

std::optional<Raised> Raising::round() {
  auto& environment = *parts_.ports.environment;
  if (auto folded = writer_.catch_up(); !folded) {
    return Raised{RaisedTo::unrecorded, folded.error().what, folded.error(), {}};
  }
  const auto& raise = writer_.state().raise;
  if (!raise || raise->plan.id != plan_.id || raise->at != at_) return ended();
  if (raise->status == migration::RaiseStatus::paused) {
    return Raised{RaisedTo::held, raise->why, {}, {}};
  }
  if (environment.interrupted()) {
    return pause(RaisedTo::interrupted, "stopped by " + asker_.actor.id);
  }
  const auto elapsed = std::chrono::duration_cast<Micros>(environment.steady() - began_);
  auto due = migration::amounts_at(plan_, migration::step_reached(plan_, elapsed));
  reach(*parts_.ports.router, due);
  const bool at_end = elapsed >= plan_.ends - plan_.started;
  if (rises(due) || at_end || gates_block()) return step(due, elapsed);
  const Micros left = migration::next_step(plan_, elapsed) - elapsed;
  environment.wait(std::clamp<Micros>(left, Micros{1}, kLookPause));
  return {};
}

bool Raising::rises(const std::vector<RouteAmount>& due) const {
  const auto& routes = writer_.state().routes;
  return std::ranges::any_of(due, [&](const RouteAmount& amount) {
    const auto known = routes.find(amount.route);
    if (known == routes.end() || !known->second.configured) return false;
    return (amount.share && *amount.share > known->second.share.requested) ||
           (amount.mirror && *amount.mirror > known->second.mirror.requested);
  });
}

std::vector<migration::Gate> Raising::look() {
  looked_ = parts_.ports.environment->steady();
  return look_at_gates(writer_.state(), *parts_.ports.router, *parts_.ports.spool, overrides_);
}

// Between steps nothing is recorded unless it has a consequence.
bool Raising::gates_block() {
  if (parts_.ports.environment->steady() - looked_ < kGatesEvery) return false;
  const bool strict = writer_.state().strict_gates;
  return migration::verdict_of(look(), strict) != migration::StepVerdict::go;
}

std::optional<Raised> Raising::step(const std::vector<RouteAmount>& due, Micros elapsed) {
  auto gates = look();
  const std::string why = migration::first_block(gates, writer_.state().strict_gates);
  if (!why.empty()) progress_.on_gates(gates);
  // What leads back is an event of the rollback that it begins, and belongs to that one.
  const bool back =
      migration::verdict_of(gates, writer_.state().strict_gates) == migration::StepVerdict::back;
  const auto belongs = back ? std::nullopt : std::optional(CorrelationId{plan_.id.bytes});
  auto command = make_command(
      *parts_.ports.environment,
      as_executor(why),
      migration::StepRaise{plan_.id, at_, std::move(gates), due},
      belongs
  );
  auto recorded = writer_.execute(command);
  if (!recorded) {
    // Somebody ended it between the look and this: the next round says who.
    if (recorded.error().code == Code::stale) return {};
    return Raised{RaisedTo::unrecorded, recorded.error().what, recorded.error(), {}};
  }
  if (find_fact<migration::RaisePaused>(recorded->events)) {
    return Raised{RaisedTo::held, why, {}, {}};
  }
  const auto end = find_fact<migration::RaiseEnded>(recorded->events);
  if (end && end->end == migration::RaiseEnd::failed) {
    return Raised{RaisedTo::went_back, why, {}, std::move(recorded->events)};
  }
  if (auto stopped = carry_out(recorded->events, elapsed)) return stopped;
  return go_on(due);
}

// Brings the router to what is requested, and hears of it.
std::optional<Raised> Raising::carry_out(const std::vector<ledger::Event>& events, Micros elapsed) {
  const auto taken = find_fact<migration::ExecutorTaken>(events);
  auto runner = parts_.executor(
      writer_,
      taken ? taken->fence : writer_.state().fence,
      CorrelationId{plan_.id.bytes},
      MayRaise::routes,
      {}
  );
  const Ran ran = runner.run(progress_);
  if (ran.files) progress_.on_note(ran.files->what + ": " + ran.files->state);
  switch (ran.to) {
    case RanTo::done:
      break;
    case RanTo::interrupted:
      return pause(RaisedTo::interrupted, "stopped by " + asker_.actor.id);
    case RanTo::unrecorded:
      return Raised{RaisedTo::unrecorded, ran.error ? ran.error->what : "", ran.error, {}};
    case RanTo::stalled:
    case RanTo::elsewhere:
      return pause(
          RaisedTo::stalled,
          ran.error ? ran.error->what : "another process moves traffic",
          ran.error
      );
  }
  std::vector<RouteAmount> observed;
  for (const auto& route : plan_.routes) {
    const auto known = writer_.state().routes.find(route.route);
    if (known == writer_.state().routes.end()) continue;
    observed.push_back({route.route, known->second.share.observed, known->second.mirror.observed});
  }
  if (!events.empty()) progress_.on_raise_step(plan_, observed, elapsed);
  return {};
}

// After a step: through, at its pause, or the next one.
std::optional<Raised> Raising::go_on(const std::vector<RouteAmount>& due) {
  const auto& raise = writer_.state().raise;
  if (!raise) return ended();
  const auto pause_after = plan_.pause_after;
  if (pause_after && migration::pauses_with(plan_, due)) {
    return pause(RaisedTo::paused, "at " + to_text(*pause_after) + "%, where it was to pause");
  }
  const auto elapsed =
      std::chrono::duration_cast<Micros>(parts_.ports.environment->steady() - began_);
  if (elapsed >= plan_.ends - plan_.started && migration::is_at_end(plan_, due)) {
    return pause(RaisedTo::stalled, "the router shows less than was asked of it");
  }
  return {};
}

Raised Raising::pause(RaisedTo to, std::string why, std::optional<Error> error) {
  auto command = make_command(
      *parts_.ports.environment,
      to == RaisedTo::interrupted ? asker_ : as_executor({}),
      migration::PauseRaise{plan_.id, at_, why},
      CorrelationId{plan_.id.bytes}
  );
  auto recorded = writer_.execute(command);
  if (!recorded && recorded.error().code == Code::stale) return ended();
  if (!recorded) return Raised{RaisedTo::unrecorded, recorded.error().what, recorded.error(), {}};
  return Raised{to, std::move(why), std::move(error), {}};
}

// It is not ours any more: through, ended by a way back, or taken over.
Raised Raising::ended() {
  const auto& state = writer_.state();
  if (state.raise) {
    return Raised{
        RaisedTo::overtaken, "it goes on in another process, by " + state.raise->by, {}, {}
    };
  }
  const auto by = [](const migration::Rollback& rollback) {
    return fmt::format(
        "ended by the {} rollback of {}{}",
        to_text(rollback.plan.kind),
        rollback.by,
        rollback.reason.empty() ? "" : ": " + rollback.reason
    );
  };
  const auto since = [&](const migration::Rollback& rollback) {
    return rollback.plan.started >= plan_.started;
  };
  if (!state.running.empty()) return {RaisedTo::overtaken, by(state.running.back()), {}, {}};
  std::vector<RouteAmount> observed;
  for (const auto& [route, now] : state.routes) {
    if (now.configured) observed.push_back({route, now.share.observed, now.mirror.observed});
  }
  if (migration::is_at_end(plan_, observed)) return {RaisedTo::completed, {}, {}, {}};
  if (state.last_rollback && since(*state.last_rollback)) {
    return {RaisedTo::overtaken, by(*state.last_rollback), {}, {}};
  }
  return {RaisedTo::overtaken, "it was ended by another process", {}, {}};
}

}  // namespace hal9::engine
