// `status`: the fold, what the router shows beside it, and who is behind what is going on.
#include "base/error_words.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "engine/compare.h"
#include "engine/executor.h"
#include "engine/moment.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/unusable.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/amounts.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hal9::engine {

namespace {

// A running one: where its routes are, and how long it takes.
void add_progress(RollbackView& view, const migration::State& state, Time now) {
  const auto& rollback = view.rollback;
  for (const auto& lowering : rollback.plan.routes) {
    const auto route = state.routes.find(lowering.route);
    if (route == state.routes.end()) continue;
    view.observed.push_back(
        {lowering.route, route->second.share.observed, route->second.mirror.observed}
    );
  }
  if (rollback.plan.ends > rollback.plan.started) {
    view.remaining = std::max(Micros{0}, Micros{rollback.plan.ends - now});
  }
}

// Who asked for the phase. An executor enters it at a rollback's end; the first event of the same
// correlation is by the one who asked.
std::string asked_by(ledger::Reader& reader, const migration::State& state) {
  std::string by = state.phase_by;
  if (by != kExecutor) return by;
  // The rollback that ended in it knows; looking for its events takes longer than all else of a status.
  const auto& last = state.last_rollback;
  if (last && last->plan.to_phase == state.phase && last->ended == state.phase_since)
    return last->by;
  ledger::Filter entered;
  entered.types = {migration::type_of(migration::PhaseEntered{})};
  entered.to = state.sequence;
  entered.direction = ledger::Direction::backward;
  std::optional<CorrelationId> correlation;
  const auto found = reader.scan(entered, [&](ledger::Sequence, std::string_view line) {
    if (auto event = ledger::decode(line)) correlation = event->draft.correlation;
    return false;
  });
  if (!found || !correlation) return by;
  ledger::Filter asked;
  asked.correlation = correlation;
  const auto read = reader.scan(asked, [&](ledger::Sequence, std::string_view line) {
    const auto event = ledger::decode(line);
    if (event) by = event->draft.author.auth_id;
    return by == kExecutor;
  });
  return read ? by : state.phase_by;
}

void compare_with_router(StatusView& view, const Reading& reading) {
  view.flat_down = reading.flat_is_down();
  auto values = compare(reading, view.state);
  view.above = !values.above.empty();
  view.differences = std::move(values.above);
  // Between a step and its report the router is below the record, as it should be.
  if (view.executed) return;
  view.differences.insert(view.differences.end(), values.other.begin(), values.other.end());
}

}  // namespace

Result<StatusView> Service::status(const AsOf& as_of) {
  auto& ports = parts_->ports;
  auto reader = ports.open_reader();
  if (!reader) return parts_->without_ledger(reader.error());
  StatusView view;
  // One state for all of it, in one read transaction.
  auto read = (*reader)->steady([&]() -> Result<void> {
    auto moment = moment_at(**reader, as_of);
    if (!moment) return pass_on(moment);
    view.as_of = moment->as_of;
    view.state = std::move(moment->state);
    if (!view.as_of) view.root = to_hex(moment->head.root);
    view.phase_by = asked_by(**reader, view.state);
    return {};
  });
  if (!read) return parts_->without_ledger(read.error());
  view.where = whereabouts();
  view.sequence = view.state.sequence;
  view.recorded = view.state.time;
  view.phase = migration::phase_text(view.state);
  view.sqlite_version = ports.sqlite_version;
  if (!view.as_of) parts_->look(view);
  view.looked = ports.router->capabilities().moves_traffic;
  view.routes = route_views(view.state, view.reading, view.looked);
  const Time now = view.as_of ? view.recorded : ports.environment->now();
  for (const auto& rollback : view.state.running) {
    add_progress(
        view.running.emplace_back(parts_->placed(**reader, rollback, view.sequence)),
        view.state,
        now
    );
  }
  if (view.state.last_rollback) {
    view.last_rollback = parts_->placed(**reader, *view.state.last_rollback, view.sequence);
  }
  return view;
}

// The router needs no ledger to say where users are sent.
tl::unexpected<Error> Service::Parts::without_ledger(Error error) const {
  if (ledger_unusable(error.code) && ports.router->capabilities().moves_traffic) {
    error.next = "hal9-migrate traffic --verify";
  }
  return tl::unexpected<Error>(std::move(error));
}

// What the ledger does not say: executor, router, spool.
void Service::Parts::look(StatusView& view) {
  const auto open_raise = migration::line_of_open_raise(view.state);
  if (!view.state.running.empty() || open_raise) {
    auto turn = ports.executor_lock->acquire(std::chrono::milliseconds{0});
    view.executed = !turn && turn.error().code == Code::locked;
  }
  if (view.state.raise) {
    auto steering = ports.forward_lock->acquire(std::chrono::milliseconds{0});
    view.steered = !steering && steering.error().code == Code::locked;
  }
  if (!view.executed && !view.steered) view.open_raise = open_raise;
  auto reading = ports.router->read_beside(view.state);
  if (reading) {
    tell_halts_apart(*reading, view.state);
    if (ports.router->capabilities().moves_traffic) compare_with_router(view, *reading);
    view.reading = std::move(*reading);
  } else {
    view.router_error = with_why(reading.error());
  }
  auto spooled = ports.spool->read();
  if (spooled) {
    view.spooled = spooled->commands.size() + spooled->unreadable.size();
    view.spool_error = spooled->unread;
  } else {
    view.spool_error = spooled.error().what + ": " + spooled.error().why;
  }
}

}  // namespace hal9::engine
