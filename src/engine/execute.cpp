// The doors that move traffic: move, roll_back, resume, set_feature.
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/cut.h"
#include "engine/fallen.h"
#include "engine/forward.h"
#include "engine/gates.h"
#include "engine/lock.h"
#include "engine/make_command.h"
#include "engine/reach.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/unusable.h"
#include "engine/views.h"
#include "engine/work.h"
#include "engine/writer.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/selection.h"
#include "migration/state.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::Move;
using migration::RollBack;

// The look at flat before a person's explicit way back: it goes on whatever is seen, loudly.
void look_at_flat(Router& router, Progress& progress) {
  if (!router.capabilities().moves_traffic) return;
  auto reading = router.read();
  if (reading && reading->flat_is_down()) {
    progress.on_note("FLAT IS DOWN: no server of flat is up; traffic goes there all the same");
  }
}

Lowering lowering_of(const RollBack& request) {
  Lowering lowering;
  lowering.percentage = request.percentage.value_or(Share::none());
  lowering.shares_only = lowering.percentage > Share::none();
  lowering.mirrors_only = request.mirror_only;
  lowering.force = request.force;
  lowering.preserve_data = request.preserve_data;
  lowering.routes = request.routes;
  lowering.incident = request.incident;
  if (request.mirror_only) lowering.incident = migration::IncidentChoice{};
  if (request.from_phase) {
    lowering.skipped.push_back(
        "--from-phase " + to_text(*request.from_phase) + " could not be checked and was skipped"
    );
  }
  if (request.previous_step.value_or(false)) {
    lowering.skipped.emplace_back("the step before is in the ledger alone: everything to 0");
  }
  if (request.gradual) {
    lowering.skipped.push_back("without a ledger a gradual rollback is an immediate one");
  }
  if (request.to_phase == migration::Phase::shadow) {
    // The number is the mirror's, and mirrors stay as they are.
    lowering.percentage = Share::none();
    lowering.shares_only = true;
  } else if (request.to_phase.value_or(migration::Phase::none) != migration::Phase::none &&
             !request.percentage) {
    lowering.skipped.push_back(
        "what phase " + to_text(*request.to_phase) + " had is in the ledger alone: everything to 0"
    );
  }
  return lowering;
}

// Where a way back by `migrate` goes: what is asked for, else the phase's own share.
Lowering lowering_of(const MoveRequest& request, const migration::State& state) {
  Lowering lowering;
  lowering.routes = request.routes;
  lowering.incident = migration::IncidentChoice{};  // a step of the migration
  const auto left = state.last_share.find(request.phase);
  switch (request.phase) {
    case migration::Phase::none:
      return lowering;
    case migration::Phase::shadow:
      lowering.shares_only = true;  // the mirrors stay as they are
      return lowering;
    case migration::Phase::canary:
      lowering.percentage = request.percentage.value_or(Share::of_hundredths(500));
      break;
    case migration::Phase::state_migration:
    case migration::Phase::ramp_up:
    case migration::Phase::full:
      lowering.percentage = request.percentage.value_or(
          left == state.last_share.end() ? Share::none() : left->second
      );
      break;
  }
  lowering.shares_only = lowering.percentage > Share::none();
  return lowering;
}

// Without a ledger the direction is what the router shows: a way back lowers every route, or leaves
// it.
bool lowers_all(const Reading& reading, const Lowering& lowering) {
  return std::ranges::all_of(reading.routes, [&](const RouteReading& route) {
    return route.share >= lowering.percentage ||
           !migration::is_selected(lowering.routes, route.route);
  });
}

Result<Outcome> move_unrecorded(
    const CutParts& parts, const Asker& asker, const MoveRequest& request, const Error& error
) {
  const Lowering lowering = lowering_of(request, {});
  auto reading = parts.router.read();
  const bool shadow = request.phase == migration::Phase::shadow;
  if (!reading || shadow || !lowers_all(*reading, lowering)) {
    Error refused = error;
    refused.state =
        "nothing was changed; traffic that goes forward needs its ledger, a rollback does not";
    refused.next = "hal9-migrate rollback";
    return tl::unexpected<Error>(std::move(refused));
  }
  return lower_unrecorded(parts, asker, lowering, error);
}

// Gates that mean what the raise itself looks at again: overriding them could not let it through.
Result<void> check_overrides(const MoveRequest& request) {
  for (const auto gate : request.overrides) {
    if (gate != migration::GateName::halt && gate != migration::GateName::spool) continue;
    return fail(
        Code::usage,
        "the gate " + to_text(gate) + " cannot be overridden",
        gate == migration::GateName::halt
            ? "a kill switch that the ledger does not know of was set by hand; an emergency puts "
              "it "
              "on record, and the next forward command clears it"
            : "what waits in the spool is taken in by any command that can read it",
        "nothing was changed",
        gate == migration::GateName::halt ? "hal9-migrate rollback --emergency"
                                          : "hal9-migrate status"
    );
  }
  return {};
}

Result<void> check_feature(const Name& feature, const Router& router) {
  const auto can = router.capabilities();
  if (can.features || !can.moves_traffic) return {};
  return fail(
      Code::conflict,
      fmt::format("the feature {} cannot be set by this router", feature.text()),
      router.description() + " hands no features to the systems",
      "nothing was changed",
      "hal9-migrate feature list"
  );
}

// Before what else there is to say, in the order in which it came to be.
Result<Outcome> with_notes(Result<Outcome> outcome, std::vector<std::string> notes) {
  if (!outcome) return outcome;
  notes.insert(notes.end(), outcome->notes.begin(), outcome->notes.end());
  outcome->notes = std::move(notes);
  return outcome;
}

}  // namespace

Result<Outcome> Service::roll_back(const Asker& asker, const RollBack& asked, Progress& progress) {
  auto& ports = parts_->ports;
  std::vector<std::string> notes;
  const RollBack request = reach(*ports.router, ports.configuration, asked, notes);
  Lowering lowering = lowering_of(request);
  lowering.skipped.insert(lowering.skipped.end(), notes.begin(), notes.end());
  if (!request.force) look_at_flat(*ports.router, progress);
  auto store = ports.open_store();
  if (!store) return lower_unrecorded(parts_->cut_parts(), asker, lowering, store.error());
  Writer writer(**store, *ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) {
    return lower_unrecorded(parts_->cut_parts(), asker, lowering, prepared.error());
  }
  auto command = parts_->whole_command(asker, request, notes);
  auto recorded = writer.execute(command);
  if (!recorded) {
    if (!ledger_unusable(recorded.error().code)) return pass_on(recorded);
    return lower_unrecorded(parts_->cut_parts(), asker, lowering, recorded.error());
  }
  return with_notes(
      parts_->run(writer, asker, command, *recorded, lowering, progress), std::move(notes)
  );
}

namespace {

tl::unexpected<Error> shadow_is_a_phase() {
  return fail(
      Code::usage,
      "shadow_mode is what the phase shadow does",
      "it mirrors requests, and is entered as a phase",
      "nothing was changed",
      "hal9-migrate migrate --phase shadow"
  );
}

// It was so by the record, so that nothing was written and read back; and the router did not say.
void say_not_told(Outcome& outcome, const Name& feature, const Error& error) {
  outcome.code = Code::partly_done;
  outcome.headline = "NOT observed: " + error.what;
  outcome.detail = error.why;
  outcome.next = "hal9-migrate feature status " + feature.text();
}

}  // namespace

Result<Outcome> Service::move(const Asker& asker, const MoveRequest& asked, Progress& progress) {
  auto& ports = parts_->ports;
  std::vector<std::string> notes;
  const MoveRequest request = reach(*ports.router, ports.configuration, asked, notes);
  if (auto allowed = check_overrides(request); !allowed) return pass_on(allowed);
  auto store = ports.open_store();
  if (!store) return move_unrecorded(parts_->cut_parts(), asker, request, store.error());
  Writer writer(**store, *ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) {
    return move_unrecorded(parts_->cut_parts(), asker, request, prepared.error());
  }
  Move body = body_of(request);
  auto direction = migration::direction_of(writer.state(), body);
  // No way back waits for a look: what it finds it takes in behind it.
  if (direction && *direction != migration::Direction::back) {
    Outcome seen;
    if (auto reading = ports.router->read()) parts_->record_lower(writer, asker, *reading, seen);
    std::ranges::move(seen.notes, std::back_inserter(notes));
    direction = migration::direction_of(writer.state(), body);
  }
  if (!direction) return pass_on(direction);
  if (asks_for_what_is_there(writer.state(), body)) {
    if (auto up = parts_->bring_up_fallen(writer, asker, request, progress)) return std::move(*up);
  }
  std::vector<migration::Gate> gates;
  std::unique_ptr<Lock::Held> steering;
  if (*direction == migration::Direction::forward) {
    if (request.may_go_forward) {
      if (auto may = request.may_go_forward(); !may) return pass_on(may);
    }
    if (auto can = parts_->can_do(request); !can) return pass_on(can);
    if (auto whole = refuse_part(*ports.router, asked, request); !whole) return pass_on(whole);
    if (request.gradual) {
      auto held = parts_->take_forward();
      if (!held) return pass_on(held);
      steering = std::move(*held);
    }
    if (auto ok = possible_behind_gates(*ports.environment, asker, writer.state(), body); !ok) {
      return pass_on(ok);
    }
    gates = look_at_gates(writer.state(), *ports.router, *ports.spool, request.overrides);
    progress.on_gates(gates);
    body.gates = gates;
    body.halts_seen = newest_halt(writer.state());
    // A blocked move is not worth a question: decide refuses it, and says by which gate.
    if (!blocked(gates, ports.configuration) && request.confirm) {
      if (!request.confirm(forward_text(request, writer.state(), ports.configuration)))
        return not_confirmed();
      // The question may have stood for minutes: what counts is how things are now.
      gates = look_at_gates(writer.state(), *ports.router, *ports.spool, request.overrides);
      body.gates = gates;
    }
  }
  const Lowering lowering = lowering_of(request, writer.state());
  auto command = parts_->whole_command(asker, std::move(body), notes);
  auto recorded = writer.execute(command);
  if (!recorded) {
    const bool back = *direction == migration::Direction::back;
    if (!back || !ledger_unusable(recorded.error().code)) return pass_on(recorded);
    return lower_unrecorded(parts_->cut_parts(), asker, lowering, recorded.error());
  }
  const bool begun = find_fact<migration::RaiseStarted>(recorded->events).has_value();
  auto outcome = with_notes(
      begun ? parts_->steer(writer, asker, *recorded, request.overrides, progress)
            : parts_->run(writer, asker, command, *recorded, lowering, progress),
      std::move(notes)
  );
  if (outcome) outcome->gates = std::move(gates);
  return outcome;
}

Result<Outcome> Service::resume(const Asker& asker, Progress& progress) {
  auto& ports = parts_->ports;
  const auto lost = [](Error error) {
    error.state = "nothing was changed; a new rollback goes on without the ledger";
    error.next = "hal9-migrate rollback";
    return tl::unexpected<Error>(std::move(error));
  };
  auto store = ports.open_store();
  if (!store) return lost(store.error());
  Writer writer(**store, *ports.environment);
  const auto waiting = spooled();
  if (auto prepared = parts_->prepare(writer, asker); !prepared) return lost(prepared.error());
  const auto& state = writer.state();
  if (next_work(
          state, [](const auto&) { return Micros{0}; }, MayRaise::nothing
      )
          .kind == WorkKind::none) {
    Outcome outcome;
    if (waiting > spooled()) {
      outcome.notes.emplace_back("what waited in the spool is in the ledger now");
    }
    const auto raise = migration::line_of_open_raise(state);
    outcome.headline = raise ? "no rollback is open; a raise is, and is not resumed by itself"
                             : "there is nothing to resume";
    outcome.detail = state.raise ? "migrate abort brings it back; up it goes only behind its gates"
                     : raise     ? "it goes up only behind its gates; a rollback drops it"
                                 : "by the record everything that was requested is reached";
    outcome.state = state;
    // Whoever is about a rollback is led to no gradual raise; one at once was begun by the same person.
    outcome.next = state.raise ? "hal9-migrate status" : raise.value_or("hal9-migrate status");
    return outcome;
  }
  auto command = make_command(*ports.environment, asker, migration::TakeExecutor{});
  if (!state.running.empty()) {
    command.correlation = CorrelationId{state.running.front().plan.id.bytes};
  }
  // Does not take the executor from one that is alive: run() takes it when its lock is free.
  return parts_->run(writer, asker, command, Recorded{}, Lowering{}, progress);
}

Result<Outcome> Service::set_feature(
    const Asker& asker,
    const Name& feature,
    Share percentage,
    Progress& progress,
    const Confirm& confirm
) {
  auto& ports = parts_->ports;
  if (feature.text() == kShadowMode) {
    if (percentage > Share::none()) return shadow_is_a_phase();
    RollBack request;
    request.mirror_only = true;
    return roll_back(asker, request, progress);
  }
  Lowering lowering;
  lowering.features = {{feature, percentage}};
  const auto configured = std::ranges::find(ports.configuration.features, feature);
  const bool down = percentage == Share::none() && configured != ports.configuration.features.end();
  auto store = ports.open_store();
  if (!store) {
    if (!down) return pass_on(store);
    return lower_unrecorded(parts_->cut_parts(), asker, lowering, store.error());
  }
  Writer writer(**store, *ports.environment);
  if (auto prepared = parts_->prepare(writer, asker); !prepared) {
    if (!down) return pass_on(prepared);
    return lower_unrecorded(parts_->cut_parts(), asker, lowering, prepared.error());
  }
  const auto seen = parts_->record_feature(writer, asker, feature);
  migration::SetFeature body;
  body.feature = feature;
  body.percentage = percentage;
  const auto known = writer.state().features.find(feature);
  const bool is_known = known != writer.state().features.end();
  const bool there =
      is_known && known->second == migration::Amount{percentage, percentage, percentage};
  if (is_known && migration::rises_to(known->second, percentage)) {
    if (auto can = check_feature(feature, *ports.router); !can) return pass_on(can);
    body.gates = look_at_gates(writer.state(), *ports.router, *ports.spool, {});
    progress.on_gates(body.gates);
    if (confirm && !blocked(body.gates, ports.configuration)) {
      const std::string what = fmt::format(
          "feature {} {}% -> {}%",
          feature.text(),
          to_text(known->second.requested),
          to_text(percentage)
      );
      if (!confirm(what)) return not_confirmed();
      body.gates = look_at_gates(writer.state(), *ports.router, *ports.spool, {});
    }
  }
  std::vector<std::string> notes;
  auto command = parts_->whole_command(asker, std::move(body), notes);
  auto recorded = writer.execute(command);
  if (!recorded) {
    if (!down || !ledger_unusable(recorded.error().code)) return pass_on(recorded);
    return lower_unrecorded(parts_->cut_parts(), asker, lowering, recorded.error());
  }
  auto outcome = with_notes(
      parts_->run(writer, asker, command, *recorded, lowering, progress), std::move(notes)
  );
  if (outcome && there && !seen) say_not_told(*outcome, feature, seen.error());
  return outcome;
}

}  // namespace hal9::engine
