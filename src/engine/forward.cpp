#include "engine/forward.h"

#include "base/counted.h"
#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/cut.h"
#include "engine/describe.h"
#include "engine/environment.h"
#include "engine/gates.h"
#include "engine/left_as_is.h"
#include "engine/lock.h"
#include "engine/make_command.h"
#include "engine/raising.h"
#include "engine/reach.h"
#include "engine/selected.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

constexpr const char* kResume = "hal9-migrate migrate resume";

void say_raised(Outcome& outcome, const Raised& raised, const std::string& split) {
  switch (raised.to) {
    case RaisedTo::completed:
    case RaisedTo::went_back:
    case RaisedTo::unrecorded:
      return;
    case RaisedTo::paused:
      outcome.headline = "paused at " + split;
      outcome.detail = raised.why;
      break;
    case RaisedTo::held:
      outcome.code = Code::gate;
      outcome.headline = "held at " + split + ": " + raised.why;
      outcome.detail = "nothing rises until it is resumed, behind its gates";
      break;
    case RaisedTo::interrupted:
      outcome.code = Code::interrupted;
      outcome.headline = "stopped by you at " + split + "; it is paused";
      break;
    case RaisedTo::stalled:
      outcome.code = Code::partly_done;
      outcome.headline = "not observed: " + raised.why;
      outcome.detail = "it is paused at " + split;
      break;
    case RaisedTo::overtaken:
      outcome.code = Code::conflict;
      outcome.headline = raised.why;
      outcome.detail = split;
      outcome.next = "hal9-migrate status";
      return;
  }
  outcome.next = kResume;
  outcome.notes.emplace_back("to go back to where it began: hal9-migrate migrate abort");
}

// Routes that were taken out of the configuration on the way: they were not raised, and may be up.
void say_left_out(Outcome& outcome, const migration::RaisePlan& plan) {
  std::size_t left = 0;
  for (const auto& route : plan.routes) {
    const auto known = outcome.state.routes.find(route.route);
    if (known == outcome.state.routes.end() || !known->second.configured) ++left;
  }
  if (left == 0) return;
  if (!outcome.code) outcome.code = Code::partly_done;
  outcome.notes.push_back(fmt::format(
      "{} of it no longer configured: not raised, and left at the share that was there",
      counted(left, "route") + (left == 1 ? " is" : " are")
  ));
  outcome.next = "hal9-migrate traffic --verify";
}

}  // namespace

migration::Move body_of(const MoveRequest& request) {
  migration::Move body;
  body.phase = request.phase;
  body.percentage = request.percentage;
  body.include_held = request.include_held;
  body.gradual = request.gradual;
  body.routes = request.routes;
  body.named = request.named;
  body.pause_after = request.pause_after;
  return body;
}

Result<void> possible_behind_gates(
    Environment& environment,
    const Asker& asker,
    const migration::State& state,
    migration::CommandBody body
) {
  std::visit(
      [&](auto& forward) {
        if constexpr (requires { forward.halts_seen; }) {
          forward.gates = {{migration::GateName::router, migration::GateOutcome::passed, {}, false}
          };
          forward.halts_seen = newest_halt(state);
        }
      },
      body
  );
  auto decided = migration::decide(state, make_command(environment, asker, std::move(body)));
  if (!decided) return pass_on(decided);
  return {};
}

bool blocked(
    const std::vector<migration::Gate>& gates, const migration::Configuration& configuration
) {
  return std::ranges::any_of(gates, [&](const migration::Gate& gate) {
    return migration::blocks(gate, configuration.strict_gates);
  });
}

tl::unexpected<Error> not_confirmed() {
  return fail(Code::interrupted, "not confirmed", "", "nothing was changed", "hal9-migrate status");
}

std::string forward_text(
    const MoveRequest& request,
    const migration::State& state,
    const migration::Configuration& configuration
) {
  std::string text = fmt::format("{} -> {}", migration::phase_text(state), to_text(request.phase));
  if (request.percentage) text += " at " + to_text(*request.percentage) + "%";
  if (request.gradual) text += " over " + to_text(*request.gradual);
  if (request.pause_after) text += ", pausing at " + to_text(*request.pause_after) + "%";
  if (const auto& routes = request.routes) {
    text += fmt::format(
        ", on {} of {} routes", routes->size(), migration::routes_of(configuration).size()
    );
  }
  return text;
}

ledger::Sequence newest_halt(const migration::State& state) {
  ledger::Sequence newest = state.halt.value_or(ledger::Sequence{});
  for (const auto& [route, halted] : state.halted_routes) newest = std::max(newest, halted);
  return newest;
}

// What the router cannot do is no matter of gates, which could be overridden.
Result<void> Service::Parts::can_do(const MoveRequest& request) {
  const auto can = ports.router->capabilities();
  const bool mirrors = request.phase == migration::Phase::shadow &&
                       request.percentage.value_or(Share::all()) > Share::none();
  if (!mirrors || can.mirrors || !can.moves_traffic) return {};
  return fail(
      Code::conflict,
      "this router cannot mirror requests: " + ports.router->description(),
      "phase shadow sends copies of them to hierarchical; without copies it is a step of its name "
      "alone",
      "nothing was changed",
      "hal9-migrate migrate --phase shadow --percentage 0"
  );
}

Result<std::unique_ptr<Lock::Held>> Service::Parts::take_forward() {
  auto held = ports.forward_lock->acquire(std::chrono::milliseconds{0});
  if (held || held.error().code != Code::locked) return held;
  return fail(
      Code::conflict,
      "another process steers a gradual move forward",
      "one at a time",
      "nothing was changed",
      "hal9-migrate status"
  );
}

Result<Outcome> Service::Parts::steer(
    Writer& writer,
    const Asker& asker,
    const Recorded& recorded,
    const std::vector<migration::GateName>& overrides,
    Progress& progress
) {
  const std::optional<migration::Raise> raise = writer.state().raise;
  if (!raise) return fail(Code::stale, "the gradual move forward was ended before its first step");
  Raising raising(*this, writer, asker, *raise, overrides, progress);
  Raised raised = raising.run();
  const bool moves = ports.router->capabilities().moves_traffic;
  if (raised.to == RaisedTo::unrecorded) {
    Error lost = raised.error.value_or(Error{});
    lost.state = "traffic stays where it was, and nothing of this goes on by itself";
    lost.next = kResume;
    return tl::unexpected<Error>(std::move(lost));
  }
  if (raised.to == RaisedTo::went_back) {
    migration::Command command;
    command.body = migration::AbortRaise{};
    command.correlation =
        raised.events.empty() ? CorrelationId{} : raised.events.front().draft.correlation;
    // The gates that sent it back allow no raise.
    std::erase_if(raised.events, [](const ledger::Event& event) {
      return event.draft.type == migration::type_of(migration::GatesChecked{});
    });
    auto back = run(writer, asker, command, Recorded{raised.events, false}, Lowering{}, progress);
    if (!back) return back;
    if (!back->code) back->code = Code::gate;
    back->notes.insert(back->notes.begin(), "it went back: " + raised.why);
    back->next = "hal9-migrate status --detailed";
    return back;
  }
  Outcome outcome;
  outcome.state = writer.state();
  outcome.observed = observed_routes(outcome.state);
  outcome.moved = true;
  if (!recorded.events.empty()) outcome.first = recorded.events.front().sequence;
  outcome.last = outcome.state.sequence;
  outcome.headline = split_text(outcome.observed, moves);
  outcome.detail =
      "Phase: " + migration::phase_text(outcome.state) + (moves ? "" : " (recorded, not observed)");
  outcome.next = "hal9-migrate traffic --verify";
  say_raised(outcome, raised, split_text(outcome.observed, moves));
  say_left_out(outcome, raise->plan);
  if (raised.to == RaisedTo::completed) say_held(outcome, recorded.events);
  return outcome;
}

Result<Outcome> Service::resume_raise(
    const Asker& asker, const ResumeRaiseRequest& request, Progress& progress
) {
  auto& ports = parts_->ports;
  auto store = ports.open_store();
  if (!store) return pass_on(store);
  Writer writer(**store, *ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) return pass_on(prepared);
  migration::ResumeRaise body;
  Outcome found;
  if (request.pause_after) {
    body.pause_after = reach(*ports.router, *request.pause_after, found.notes);
  }
  std::unique_ptr<Lock::Held> steering;
  const std::optional<migration::Raise> raise = writer.state().raise;
  if (raise) {
    auto held = parts_->take_forward();
    if (!held) return pass_on(held);
    steering = std::move(*held);
    if (request.may_go_forward) {
      if (auto may = request.may_go_forward(); !may) return pass_on(may);
    }
    // A process that died between a step and its record left the router above the ledger: down first, so
    // that what its gates then see is what is on record. What cannot be put down the gates refuse.
    if (ports.router->capabilities().moves_traffic) {
      if (auto reading = ports.router->read()) parts_->put_down(writer, asker, *reading, found);
    }
    for (const auto& note : found.notes) progress.on_note(note);
    if (auto ok = possible_behind_gates(*ports.environment, asker, writer.state(), body); !ok) {
      return pass_on(ok);
    }
    const auto look = [&] {
      body.gates = look_at_gates(writer.state(), *ports.router, *ports.spool, request.overrides);
      body.halts_seen = newest_halt(writer.state());
    };
    look();
    progress.on_gates(body.gates);
    if (!blocked(body.gates, ports.configuration) && request.confirm) {
      const auto ends = migration::ends_of(raise->plan);
      if (!request.confirm(
              fmt::format("{} -> {}%", migration::phase_text(writer.state()), to_text(ends.to))
          )) {
        return not_confirmed();
      }
      look();
    }
  }
  std::vector<std::string> notes;
  auto command = parts_->whole_command(asker, body, notes);
  if (raise) command.correlation = {raise->plan.id.bytes};
  const auto gates = body.gates;
  auto recorded = writer.execute(command);
  if (!recorded) return pass_on(recorded);
  auto outcome = parts_->steer(writer, asker, *recorded, request.overrides, progress);
  if (!outcome) return outcome;
  outcome->gates = gates;
  outcome->notes.insert(outcome->notes.begin(), notes.begin(), notes.end());
  return outcome;
}

Result<Outcome> Service::abort_raise(const Asker& asker, Progress& progress) {
  auto& ports = parts_->ports;
  Lowering lowering;
  lowering.incident =
      migration::IncidentChoice{};  // as when it is recorded: a step of the migration
  lowering.skipped.emplace_back(
      "where the move forward began is in the ledger alone: everything to 0"
  );
  auto store = ports.open_store();
  if (!store) return lower_unrecorded(parts_->cut_parts(), asker, lowering, store.error());
  Writer writer(**store, *ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) {
    return lower_unrecorded(parts_->cut_parts(), asker, lowering, prepared.error());
  }
  if (const auto& raise = writer.state().raise) {
    lowering.skipped.clear();
    lowering.aborted = raise->plan.id;
    lowering.routes.emplace();
    for (const auto& route : raise->plan.routes) {
      lowering.routes->push_back(route.route);
      lowering.targets.push_back({route.route, route.share_begun, route.mirror_begun});
    }
  }
  std::vector<std::string> notes;
  auto command = parts_->whole_command(asker, migration::AbortRaise{}, notes);
  auto recorded = writer.execute(command);
  if (!recorded) return lower_unrecorded(parts_->cut_parts(), asker, lowering, recorded.error());
  if (recorded->events.empty()) {
    Outcome outcome;
    outcome.headline = "no gradual move forward is open";
    outcome.detail = "Phase: " + migration::phase_text(writer.state());
    outcome.state = writer.state();
    outcome.next = "hal9-migrate status";
    return outcome;
  }
  return parts_->run(writer, asker, command, *recorded, lowering, progress);
}

}  // namespace hal9::engine
