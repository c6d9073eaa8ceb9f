// From what ran to what is said: the outcome of a command that moves traffic.
#include "base/error_words.h"
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/clock_note.h"
#include "engine/compare.h"
#include "engine/cut.h"
#include "engine/describe.h"
#include "engine/executor.h"
#include "engine/incidents.h"
#include "engine/left_as_is.h"
#include "engine/make_command.h"
#include "engine/router.h"
#include "engine/selected.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/set_and_read.h"
#include "engine/views.h"
#include "engine/work.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::RouteAmount;

constexpr const char* kResume = "hal9-migrate rollback resume";

void say_feature(Outcome& outcome, const Name& feature, bool observed) {
  const auto known = outcome.state.features.find(feature);
  if (known == outcome.state.features.end()) return;
  outcome.headline = feature.text() + ": " + to_text(known->second.observed) + "%" +
                     (observed ? " observed" : " (recorded, not observed)");
  outcome.next = "hal9-migrate feature status " + feature.text();
}

// Any way back ends the gradual move forward that is open, whatever its routes.
void say_raise_ended(
    Outcome& outcome, const migration::CommandBody& body, const std::vector<ledger::Event>& events
) {
  const auto ended = find_fact<migration::RaiseEnded>(events);
  if (!ended || ended->end == migration::RaiseEnd::completed) return;
  outcome.moved = true;
  const bool meant = std::holds_alternative<migration::AbortRaise>(body);
  outcome.notes.emplace_back(
      meant ? "the gradual move forward has ended"
            : "the gradual move forward that was open has ended with this: it does not go on"
  );
}

Result<Outcome> with_raise_ended(
    Result<Outcome> outcome,
    const migration::CommandBody& body,
    const std::vector<ledger::Event>& events
) {
  if (outcome) say_raise_ended(*outcome, body, events);
  return outcome;
}

void say_files(Outcome& outcome, const Ran& ran) {
  if (!ran.files) return;
  if (!outcome.code) outcome.code = Code::partly_done;
  outcome.notes.push_back(ran.files->what + ": " + ran.files->state);
}

std::string check_word(bool holds) {
  return holds ? "passed" : "FAILED";
}

// The four facts of runbook section 2.5. What nobody configured a check for is not claimed.
void check_preserved(
    Outcome& outcome,
    const migration::CommandBody& body,
    const std::map<Name, migration::Amount>& features_before,
    Router& router
) {
  const auto* request = std::get_if<migration::RollBack>(&body);
  const bool some = request != nullptr && request->routes;
  const bool moves = router.capabilities().moves_traffic;
  auto reading = router.read();
  const bool flat = reading &&
                    std::ranges::all_of(
                        reading->routes,
                        [&](const RouteReading& route) {
                          return route.share == Share::none() || !is_selected(body, route.route);
                        }
                    ) &&
                    std::ranges::all_of(reading->others, [&](const OtherReading& other) {
                      return some || other.share == Share::none();
                    });
  outcome.notes.push_back(
      std::string(some ? "traffic of the selected routes" : "traffic") +
      " 100% flat: " + check_word(flat) + (moves ? "" : " (recorded, not observed)")
  );
  outcome.notes.emplace_back(
      "hierarchical state untouched: not checked (no state source configured)"
  );
  bool kept = outcome.state.features == features_before;
  if (kept && moves) {
    kept = reading && std::ranges::all_of(reading->features, [&](const auto& one) {
             const auto before = features_before.find(one.feature);
             return before == features_before.end() || before->second.observed == one.percentage;
           });
  }
  outcome.notes.push_back("feature flags kept: " + check_word(kept));
  outcome.notes.emplace_back("monitoring active: not checked (no watchdog configured)");
  if ((!flat || !kept) && !outcome.code) outcome.code = Code::negative;
}

void say_stopped(Outcome& outcome, const Ran& ran, Router& router) {
  switch (ran.to) {
    case RanTo::done:
    case RanTo::unrecorded:
      return;
    case RanTo::interrupted:
      outcome.code = Code::interrupted;
      outcome.headline = "stopped by you at " +
                         split_text(outcome.observed, router.capabilities().moves_traffic) +
                         "; what was begun is still open";
      if (ran.error) {
        outcome.notes.push_back(ran.error->what);
        outcome.break_glass = router.break_glass_left();
      }
      outcome.next = kResume;
      return;
    case RanTo::elsewhere:
      outcome.code = Code::continues;
      outcome.headline = "it goes on in another process";
      outcome.next = "hal9-migrate status";
      return;
    case RanTo::stalled:
      outcome.code = Code::partly_done;
      outcome.headline = "not observed: " + (ran.error ? ran.error->what : "the router refuses");
      outcome.detail = ran.error ? ran.error->why : "";
      if (outcome.state.running.empty()) {
        // A raise is not resumed, and what it left undone hurts nobody: no glass has to be broken.
        const bool helps = ran.error && !ran.error->next.empty();
        outcome.next = helps ? ran.error->next : "hal9-migrate traffic --verify";
        return;
      }
      outcome.break_glass = router.break_glass_left();
      outcome.next = kResume;
      return;
  }
}

// What a rollback was asked for besides the traffic.
void say_asked_besides(
    Outcome& outcome,
    const migration::CommandBody& body,
    const std::map<Name, migration::Amount>& features_before,
    const Ran& ran,
    Router& router
) {
  const auto* request = std::get_if<migration::RollBack>(&body);
  if (request == nullptr) return;
  say_incident(outcome, request->incident);
  if (request->preserve_data && ran.to == RanTo::done) {
    check_preserved(outcome, body, features_before, router);
  }
}

}  // namespace

Result<Outcome> Service::Parts::run(
    Writer& writer,
    const Asker& asker,
    const migration::Command& command,
    const Recorded& recorded,
    const Lowering& if_unrecorded,
    Progress& progress
) {
  const auto features_before = writer.state().features;
  const ledger::Sequence before = writer.state().sequence;
  const auto asked = find_fact<migration::RollbackAsked>(recorded.events);
  if (asked && !asked->joined) {
    return with_raise_ended(nothing_to_do(writer, asker, command), command.body, recorded.events);
  }

  const auto taken = find_fact<migration::ExecutorTaken>(recorded.events);
  // Only the command that asked for a raise behind its gates carries it out.
  const bool gated = find_fact<migration::GatesChecked>(recorded.events).has_value();
  const MayRaise may_raise = !gated ? MayRaise::nothing
                             : std::holds_alternative<migration::Move>(command.body)
                                 ? MayRaise::routes
                                 : MayRaise::features;
  const auto own = own_rollback(recorded.events);
  auto runner = executor(writer, taken ? taken->fence : 0, command.correlation, may_raise, own);
  const Ran ran = runner.run(progress);
  if (ran.to == RanTo::unrecorded && ran.error) {
    return after_unrecorded(writer.state(), asker, if_unrecorded, may_raise, *ran.error, own);
  }

  const bool moves = ports.router->capabilities().moves_traffic;
  Outcome outcome;
  if (may_raise == MayRaise::nothing) adopt_halt(writer, asker, outcome);
  outcome.state = writer.state();
  outcome.observed = observed_routes(outcome.state);
  outcome.moved = !recorded.events.empty() || outcome.state.sequence > before;
  outcome.first = recorded.events.empty() ? ledger::Sequence{before.value + 1}
                                          : recorded.events.front().sequence;
  outcome.last = outcome.state.sequence;
  if (*outcome.first > *outcome.last) outcome.first = outcome.last = std::nullopt;
  outcome.headline = split_text(outcome.observed, moves);
  outcome.detail =
      "Phase: " + migration::phase_text(outcome.state) + (moves ? "" : " (recorded, not observed)");
  outcome.next = "hal9-migrate traffic --verify";
  if (const auto* set = std::get_if<migration::SetFeature>(&command.body)) {
    say_feature(outcome, set->feature, ports.router->capabilities().features);
  }
  say_beside(outcome, command.body, own);
  say_raise_ended(outcome, command.body, recorded.events);
  say_overtaken(outcome, recorded.events);
  say_stopped(outcome, ran, *ports.router);
  if (auto stepped = clock_note(recorded.events, ports.environment->now())) {
    outcome.notes.push_back(std::move(*stepped));
  }
  say_files(outcome, ran);
  if (may_raise == MayRaise::nothing) say_what_stays(outcome, command.body, recorded.events);
  if (may_raise == MayRaise::routes) say_held(outcome, recorded.events);

  // A feature's command is about no route.
  const bool way_back = may_raise == MayRaise::nothing &&
                        !std::holds_alternative<migration::SetFeature>(command.body);
  if (way_back && ran.to == RanTo::done) settle(writer, asker, outcome);
  add_rollback(outcome, recorded);
  say_asked_besides(outcome, command.body, features_before, ran, *ports.router);
  if (!outcome.moved && ran.to == RanTo::done) {
    outcome.notes.emplace_back("it was so already; nothing had to change");
  }
  return outcome;
}

// The ledger was lost on the way. A way back goes on without it, to where its plan goes; a raise was
// taken back by the executor, and is an error.
Result<Outcome> Service::Parts::after_unrecorded(
    const migration::State& state,
    const Asker& asker,
    const Lowering& if_unrecorded,
    MayRaise may_raise,
    const Error& error,
    const std::optional<RollbackId>& own
) {
  if (may_raise != MayRaise::nothing && state.running.empty()) {
    Error lost = error;
    lost.state = "the raise could not be recorded and was undone";
    lost.next = "hal9-migrate traffic --verify";
    return tl::unexpected<Error>(std::move(lost));
  }
  Lowering lowering = if_unrecorded;
  if (!state.running.empty()) go_by_plans(lowering, state, own);
  return lower_unrecorded(cut_parts(), asker, lowering, error);
}

// An emergency that was killed between its cut and its record left a kill switch that the ledger
// knows nothing of. Whoever comes next with a way back puts it on record.
void Service::Parts::adopt_halt(Writer& writer, const Asker& asker, Outcome& outcome) {
  if (!ports.router->capabilities().halts || writer.state().halt) return;
  auto reading = ports.router->read();
  if (reading) tell_halts_apart(*reading, writer.state());
  // One that a restart has halted was cut by nobody.
  if (!reading || !reading->halted || !reading->fallen.empty()) return;
  migration::RecordCut facts;
  facts.started = ports.environment->now();
  facts.observed_at = facts.started;
  facts.halt = true;
  facts.maintenance = reading->maintenance;
  facts.servers = reading->in_maintenance;
  for (const auto& route : reading->routes) {
    if (route.share != Share::none() || route.mirror != Share::none()) return;
    facts.observed.push_back({route.route, route.share, route.mirror});
  }
  facts.before = facts.applied = facts.observed;
  auto command = make_command(*ports.environment, asker, facts);
  std::get<migration::RecordCut>(command.body).rollback = RollbackId{command.id.bytes};
  if (!writer.execute(command)) return;
  // Ended before the files followed, it would be undone by a restart of the router.
  const auto down = set_and_read(*ports.router, facts.observed, Toward::flat);
  const auto problem = down ? down->files : std::optional(down.error());
  if (problem) outcome.notes.push_back("the router's files: " + problem->what);
  outcome.notes.emplace_back(
      "the router's kill switch was on and not on record (an emergency that was ended too early?); "
      "it is now"
  );
}

Result<Outcome> Service::Parts::nothing_to_do(
    Writer& writer, const Asker& asker, const migration::Command& command
) {
  Outcome outcome;
  adopt_halt(writer, asker, outcome);
  const auto* request = std::get_if<migration::RollBack>(&command.body);
  outcome.headline =
      (std::holds_alternative<migration::Move>(command.body) ? "nothing would fall: "
                                                             : "nothing to roll back: ") +
      split_text(observed_routes(writer.state()), ports.router->capabilities().moves_traffic);
  outcome.next = "hal9-migrate traffic --verify";
  const auto& last = writer.state().last_rollback;
  outcome.detail = "Phase: " + migration::phase_text(writer.state()) +
                   (ports.router->capabilities().moves_traffic ? "" : " (recorded, not observed)");
  const bool none = writer.state().phase == migration::Phase::none;
  if (request != nullptr && request->mirror_only && !none) {
    outcome.headline = "no mirror runs: the phase is " + migration::phase_text(writer.state());
    outcome.next = "hal9-migrate status";
  }
  if (last && none) {
    outcome.notes.push_back(fmt::format(
        "rolled back by {} at {} ({})",
        last->by,
        for_people(last->ended.value_or(last->plan.started)),
        last->reason.empty() ? "no reason given" : last->reason
    ));
  }
  auto reading = ports.router->read();
  if (!reading) {
    outcome.code = Code::partly_done;
    outcome.notes.push_back("NOT observed: " + with_why(reading.error()));
    outcome.break_glass = ports.router->break_glass_left();
    outcome.state = writer.state();
    return outcome;
  }
  const bool moved = outcome.moved;
  if (!put_down(writer, asker, *reading, outcome)) return outcome;
  const bool put = outcome.moved && !moved;
  record_lower(writer, asker, *reading, outcome);
  outcome.state = writer.state();
  if (put) {
    outcome.headline =
        "put down to what is recorded: " + split_text(observed_routes(outcome.state), true);
  }
  outcome.observed = observed_routes(outcome.state);
  if (request != nullptr) say_incident(outcome, request->incident);
  if (request != nullptr && request->preserve_data) {
    check_preserved(outcome, command.body, outcome.state.features, *ports.router);
  }
  return outcome;
}

}  // namespace hal9::engine
