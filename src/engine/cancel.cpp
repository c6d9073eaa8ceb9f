// `rollback cancel`: a running rollback stops where the router shows it.
#include "engine/cancel.h"

#include "base/counted.h"
#include "base/id.h"
#include "base/result.h"
#include "engine/describe.h"
#include "engine/router.h"
#include "engine/selected.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "engine/writer.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

constexpr std::chrono::milliseconds kRaiseLockWait{5000};

}  // namespace

const migration::RollbackPlan* running_plan(const migration::State& state, RollbackId id) {
  const auto found = std::ranges::find_if(state.running, [&](const migration::Rollback& rollback) {
    return rollback.plan.id == id;
  });
  return found == state.running.end() ? nullptr : &found->plan;
}

std::vector<migration::RouteAmount> read_routes(
    const migration::RollbackPlan& plan, const Reading& reading
) {
  std::vector<migration::RouteAmount> observed;
  for (const auto& route : reading.routes) {
    if (migration::lowering_in(plan, route.route) == nullptr) continue;
    observed.push_back({route.route, route.share, route.mirror});
  }
  return observed;
}

Result<Outcome> Service::cancel(const Asker& asker, RollbackId id, const Confirm& confirm) {
  auto& ports = parts_->ports;
  auto store = ports.open_store();
  if (!store) return pass_on(store);
  Writer writer(**store, *ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) return pass_on(prepared);
  migration::CancelRollback body;
  body.rollback = id;
  body.read_back = ports.router->capabilities().moves_traffic;
  if (running_plan(writer.state(), id) != nullptr && confirm) {
    if (!confirm(
            "stop the rollback where it is: traffic stays at hierarchical (" +
            migration::phase_text(writer.state()) + ")"
        )) {
      return fail(
          Code::interrupted, "not confirmed", "", "the rollback goes on", "hal9-migrate status"
      );
    }
  }
  // While it is held no step of the rollback is written: what is read is where it stops.
  auto held = ports.raise_lock->acquire(kRaiseLockWait);
  if (!held) return pass_on(held);
  if (auto folded = writer.catch_up(); !folded) return pass_on(folded);
  if (const auto* plan = running_plan(writer.state(), id)) {
    auto reading = ports.router->read_beside(writer.state());
    if (!reading) {
      Error error = reading.error();
      error.state = "where it is cannot be read: the rollback goes on";
      error.next = "hal9-migrate status";
      return tl::unexpected<Error>(std::move(error));
    }
    body.observed = read_routes(*plan, *reading);
  }
  std::vector<std::string> notes;
  auto command = parts_->whole_command(asker, std::move(body), notes, CorrelationId{id.bytes});
  auto recorded = writer.execute(command);
  if (!recorded) return pass_on(recorded);
  Outcome outcome;
  outcome.state = writer.state();
  outcome.moved = true;
  outcome.first = recorded->events.front().sequence;
  outcome.last = recorded->events.back().sequence;
  outcome.observed = observed_routes(outcome.state);
  const bool moves = ports.router->capabilities().moves_traffic;
  outcome.headline = "cancelled at " + split_text(outcome.observed, moves);
  outcome.detail = "Phase: " + migration::phase_text(outcome.state);
  outcome.notes = std::move(notes);
  const auto stopped = find_fact<migration::RollbackCancelled>(recorded->events);
  std::vector<migration::Route> stays;
  std::vector<migration::Route> all;
  if (stopped) {
    for (const auto& amount : stopped->routes) stays.push_back(amount.route);
  }
  for (const auto& [route, now] : outcome.state.routes) {
    if (now.configured) all.push_back(route);
  }
  outcome.notes.push_back(fmt::format(
      "{} held at the share of this moment; migrate raises {} with{}",
      counted(stays.size(), "route") + (stays.size() == 1 ? " is" : " are"),
      stays.size() == 1 ? "it" : "them",
      naming(stays, all)
  ));
  outcome.next = "hal9-migrate status";
  return outcome;
}

}  // namespace hal9::engine
