// `migrate` to where everything stands already, while a restart has sent a balancer to flat whose map
// files nobody here writes: the same gates as for any raise, and no other change.
#include "engine/fallen.h"

#include "base/result.h"
#include "engine/describe.h"
#include "engine/executor.h"
#include "engine/gates.h"
#include "engine/make_command.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "engine/work.h"
#include "engine/writer.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/gate.h"
#include "migration/selection.h"
#include "migration/state.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::engine {

namespace {

std::optional<Error> blocked_by(const std::vector<migration::Gate>& gates, bool strict) {
  const auto gate = std::ranges::find_if(gates, [&](const migration::Gate& one) {
    return migration::blocks(one, strict);
  });
  if (gate == gates.end()) return {};
  return Error{
      Code::gate,
      fmt::format(
          "the gate {} {}: {}", to_text(gate->name), to_text(gate->outcome), gate->evidence
      ),
      "traffic goes forward only when every gate has passed",
      "nothing was changed",
      "hal9-migrate traffic --verify"
  };
}

}  // namespace

bool asks_for_what_is_there(const migration::State& state, const migration::Move& move) {
  auto direction = migration::direction_of(state, move);
  if (!direction || *direction != migration::Direction::forward) {
    return direction && *direction == migration::Direction::none;
  }
  if (move.named.value_or(move.routes.has_value())) return false;
  migration::Move rest = move;
  rest.routes.emplace();
  for (const auto& [route, now] : state.routes) {
    if (!now.configured || !migration::is_selected(move.routes, route)) continue;
    const bool stays = state.halted_routes.contains(route) || (now.held && !move.include_held);
    if (!stays) rest.routes->push_back(route);
  }
  if (rest.routes->empty()) return false;
  direction = migration::direction_of(state, rest);
  return direction && *direction == migration::Direction::none;
}

std::optional<Result<Outcome>> Service::Parts::bring_up_fallen(
    Writer& writer, const Asker& asker, const MoveRequest& request, Progress& progress
) {
  if (!ports.router->capabilities().moves_traffic) return {};
  auto reading = ports.router->read();
  if (!reading || reading->fallen.empty()) return {};
  const auto fallen = fmt::format("{}", fmt::join(reading->fallen, ", "));
  if (request.may_go_forward) {
    if (auto may = request.may_go_forward(); !may) return pass_on(may);
  }
  const auto look = [&] {
    return look_at_gates(writer.state(), *ports.router, *ports.spool, request.overrides);
  };
  auto gates = look();
  progress.on_gates(gates);
  auto blocked = blocked_by(gates, ports.configuration.strict_gates);
  if (!blocked && request.confirm) {
    if (!request.confirm(fallen + " comes up again, to what is recorded")) {
      return fail(
          Code::interrupted, "not confirmed", "", "nothing was changed", "hal9-migrate status"
      );
    }
    gates = look();
    blocked = blocked_by(gates, ports.configuration.strict_gates);
  }
  if (blocked) return tl::unexpected(*blocked);
  const auto command = make_command(*ports.environment, asker, migration::TakeExecutor{});
  auto taken = writer.execute(command);
  if (!taken) return pass_on(taken);
  auto runner = executor(writer, writer.state().fence, command.correlation, MayRaise::routes, {});
  const Ran ran = runner.run(progress);
  Outcome outcome;
  outcome.state = writer.state();
  for (const auto& [route, amounts] : outcome.state.routes) {
    outcome.observed.push_back({route, amounts.share.observed, amounts.mirror.observed});
  }
  outcome.gates = std::move(gates);
  outcome.moved = true;
  outcome.first = taken->events.front().sequence;
  outcome.last = outcome.state.sequence;
  outcome.headline = split_text(outcome.observed, true);
  outcome.detail = "Phase: " + migration::phase_text(outcome.state);
  outcome.next = "hal9-migrate traffic --verify";
  if (ran.to == RanTo::done && !ran.error) {
    outcome.notes.push_back(fallen + " follows again");
  } else {
    outcome.code = Code::partly_done;
    outcome.headline = "not observed: " + (ran.error ? ran.error->what : fallen + " stays at flat");
    outcome.detail = ran.error ? ran.error->why : "";
  }
  return outcome;
}

}  // namespace hal9::engine
