// What the router shows besides what a command did: above the record it goes down at once, below it the
// record follows. Done is what was observed, and not what was once written down.

#include "base/counted.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/compare.h"
#include "engine/describe.h"
#include "engine/make_command.h"
#include "engine/others.h"
#include "engine/router.h"
#include "engine/selected.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/set_and_read.h"
#include "engine/views.h"
#include "engine/writer.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::RouteAmount;

// Steps that are under way, a halt, balancers that show different things: none of these is a record that
// the router fell behind.
bool may_follow(const Reading& reading, const migration::State& state) {
  return state.running.empty() && !state.raise && !state.halt && !reading.halted &&
         reading.fallen.empty() && reading.disagree.empty();
}

std::vector<RouteAmount> below(const Reading& reading, const migration::State& state) {
  std::vector<RouteAmount> lower;
  for (const auto& route : reading.routes) {
    const auto known = state.routes.find(route.route);
    if (known == state.routes.end() || route.halted) continue;
    const auto& recorded = known->second;
    RouteAmount amount{route.route, {}, {}};
    if (route.share < recorded.share.observed) amount.share = route.share;
    if (route.mirror < recorded.mirror.observed) amount.mirror = route.mirror;
    if (amount.share || amount.mirror) lower.push_back(std::move(amount));
  }
  return lower;
}

// Those that are, by a new look and by the newest record.
std::vector<RouteAmount> still_above(
    Router& router, Writer& writer, const Reading& reading, const std::vector<RouteAmount>& above
) {
  auto again = router.read();
  if (!writer.catch_up()) return above;
  auto now = all_above(again ? *again : reading, writer.state());
  std::erase_if(now, [&](const RouteAmount& one) {
    return std::ranges::find(above, one.route, &RouteAmount::route) == above.end();
  });
  return now;
}

// As the executor's whose fence it is, unless another one has come since that was read: what was seen before
// that is no news.
bool record_seen(
    const Ports& ports,
    Writer& writer,
    const Asker& asker,
    std::uint64_t fence,
    migration::ReportTraffic report
) {
  if (!writer.catch_up() || writer.state().fence != fence) return false;
  auto taken = writer.execute(make_command(*ports.environment, asker, migration::TakeExecutor{}));
  if (!taken || writer.state().fence != fence + 1) return false;
  report.fence = writer.state().fence;
  return writer.execute(make_command(*ports.environment, asker, std::move(report))).has_value();
}

// By a new look, while no raise is under way, and against the newest record.
void follow_down(const Ports& ports, Writer& writer, const Asker& asker, Outcome& outcome) {
  auto held = ports.raise_lock->acquire(std::chrono::milliseconds{0});
  if (!held || !writer.catch_up()) return;
  const std::uint64_t fence = writer.state().fence;
  auto reading = ports.router->read();
  if (!reading || !may_follow(*reading, writer.state())) return;
  auto lower = below(*reading, writer.state());
  if (lower.empty()) return;
  outcome.notes.push_back(fmt::format(
      "the router stood below the ledger on {}, by no command of this program: {}",
      counted(lower.size(), "route"),
      describe(lower)
  ));
  migration::ReportTraffic report;
  report.observed = std::move(lower);
  if (!record_seen(ports, writer, asker, fence, std::move(report))) {
    outcome.notes.emplace_back("this could not be recorded");
  }
}

}  // namespace

// What stands above the ledger in the router goes down at once. False if the router does not do it;
// the outcome then says so.
bool Service::Parts::put_down(
    Writer& writer, const Asker& asker, const Reading& reading, Outcome& outcome
) {
  return put_down(writer, asker, reading, all_above(reading, writer.state()), outcome);
}

bool Service::Parts::put_down(
    Writer& writer,
    const Asker& asker,
    const Reading& reading,
    const std::vector<RouteAmount>& above,
    Outcome& outcome
) {
  if (above.empty()) return true;
  // Whoever looked before others wrote would undo what these have done, and record it beside them.
  auto held = ports.raise_lock->acquire(std::chrono::seconds(1));
  const auto still = still_above(*ports.router, writer, reading, above);
  if (still.empty()) return true;
  const std::uint64_t fence = writer.state().fence;
  auto back = set_and_read(*ports.router, still, Toward::flat);
  if (!back) {
    outcome.code = Code::partly_done;
    outcome.headline = "NOT observed: " + back.error().what;
    outcome.break_glass = ports.router->break_glass_left();
    outcome.next = "hal9-migrate rollback --emergency";
    outcome.state = writer.state();
    return false;
  }
  migration::ReportTraffic report;
  report.drift = as_read(reading, still);
  report.applied = still;
  report.observed = back->observed;
  if (!record_seen(ports, writer, asker, fence, std::move(report))) {
    outcome.notes.emplace_back(
        "what follows is not on record: another process has taken over, or the ledger cannot"
    );
  }
  outcome.moved = true;
  outcome.notes.push_back(fmt::format(
      "the router stood above the ledger on {} and was put down: {}",
      counted(still.size(), "route"),
      describe(back->observed)
  ));
  return true;
}

void Service::Parts::record_lower(
    Writer& writer, const Asker& asker, const Reading& reading, Outcome& outcome
) {
  if (!ports.router->capabilities().moves_traffic) return;
  if (!may_follow(reading, writer.state()) || below(reading, writer.state()).empty()) return;
  // What another process is at may be one of its steps.
  if (auto turn = ports.executor_lock->acquire(std::chrono::milliseconds{0})) {
    follow_down(ports, writer, asker, outcome);
  }
}

Result<void> Service::Parts::record_feature(
    Writer& writer, const Asker& asker, const Name& feature
) {
  if (!ports.router->capabilities().moves_traffic) return {};
  auto reading = ports.router->read();
  if (!reading) return pass_on(reading);
  const auto known = writer.state().features.find(feature);
  const auto shown =
      std::ranges::find(reading->features, feature, &migration::FeatureAmount::feature);
  if (known == writer.state().features.end() || shown == reading->features.end()) return {};
  if (shown->percentage == known->second.observed) return {};
  auto taken = writer.execute(make_command(*ports.environment, asker, migration::TakeExecutor{}));
  if (!taken) return pass_on(taken);
  migration::ReportFeatures report;
  report.fence = writer.state().fence;
  report.observed = {*shown};
  auto noted = writer.execute(make_command(*ports.environment, asker, std::move(report)));
  if (!noted) return pass_on(noted);
  return {};
}

void Service::Parts::settle(Writer& writer, const Asker& asker, Outcome& outcome) {
  auto reading = ports.router->read();
  if (!reading) return;
  tell_halts_apart(*reading, writer.state());
  const bool moves = ports.router->capabilities().moves_traffic;
  const bool plain = outcome.headline == split_text(outcome.observed, moves);
  if (!put_down(writer, asker, *reading, outcome)) return;
  // Whoever was at work is this process, and through.
  const bool lower =
      moves && may_follow(*reading, writer.state()) && !below(*reading, writer.state()).empty();
  if (lower) follow_down(ports, writer, asker, outcome);
  outcome.state = writer.state();
  outcome.observed = observed_routes(outcome.state);
  if (plain) outcome.headline = split_text(outcome.observed, moves);
  if (outcome.last) outcome.last = outcome.state.sequence;
}

}  // namespace hal9::engine
