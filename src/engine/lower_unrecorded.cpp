#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/cut.h"
#include "engine/describe.h"
#include "engine/kept_objects.h"
#include "engine/make_command.h"
#include "engine/others.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/set_and_read.h"
#include "engine/views.h"
#include "engine/write_down.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/selection.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

constexpr std::chrono::milliseconds kRaiseLockWait{1000};

// Neither the ledger nor the router: there is no fact to write down, only what is to be tried
// again.
Outcome not_set(
    const CutParts& parts, const Lowering& lowering, const Error& ledger_error, const Error& error
) {
  Outcome outcome;
  outcome.code = Code::partly_done;
  outcome.headline = "NOT observed: " + error.what;
  outcome.detail = error.why;
  outcome.recorded = RecordedWhere::nowhere;
  outcome.notes.push_back("the ledger could not be used either: " + ledger_error.what);
  outcome.break_glass = parts.router.break_glass_left();
  outcome.next = "hal9-migrate feature disable " + lowering.features.front().feature.text();
  return outcome;
}

// What is read before it and what is asked for, of the configured routes and, unless some were
// selected, of whatever else the router's maps send to hierarchical.
void plan_lowering(
    const CutParts& parts, const Lowering& lowering, migration::RecordCut& facts, Outcome& outcome
) {
  for (const auto& route : migration::routes_of(parts.configuration)) {
    if (!migration::is_selected(lowering.routes, route)) continue;
    migration::RouteAmount amount{route, {}, {}};
    if (!lowering.mirrors_only) amount.share = lowering.percentage;
    if (!lowering.shares_only) amount.mirror = Share::none();
    const auto own = std::ranges::find(lowering.targets, route, &migration::RouteAmount::route);
    facts.applied.push_back(own == lowering.targets.end() ? amount : *own);
  }
  auto reading = parts.router.read();
  if (!reading) return;
  for (const auto& route : reading->routes) {
    if (!migration::is_selected(lowering.routes, route.route)) continue;
    facts.before.push_back({route.route, route.share, route.mirror});
  }
  if (lowering.routes) return;
  for (const auto& other : others_up(*reading)) {
    facts.before.push_back(other);
    migration::RouteAmount amount{other.route, {}, Share::none()};
    if (!lowering.mirrors_only) amount.share = Share::none();
    facts.applied.push_back(amount);
    outcome.notes.push_back(
        to_text(other.route) + " is no configured route and was up in the router: it goes to 0%"
    );
  }
}

// All routes as they are now, and how many of them were meant.
void say_selection(
    const CutParts& parts, const std::vector<migration::Route>& routes, Outcome& outcome
) {
  const bool moves = parts.router.capabilities().moves_traffic;
  const std::string selected = fmt::format(
      "{} of {} routes were selected",
      routes.size(),
      migration::routes_of(parts.configuration).size()
  );
  auto reading = parts.router.read();
  if (!reading) {
    outcome.headline = selected + "; of these: " + outcome.headline;
    return;
  }
  std::vector<migration::RouteAmount> all;
  for (const auto& route : reading->routes) all.push_back({route.route, route.share, route.mirror});
  if (moves) outcome.headline = split_text(all, moves);
  outcome.detail = selected + (moves ? "" : "; of these: " + outcome.headline);
  if (!moves) outcome.headline = "recorded for the selected routes";
}

}  // namespace

Outcome lower_unrecorded(
    const CutParts& parts, const Asker& asker, const Lowering& lowering, const Error& ledger_error
) {
  Outcome outcome;
  outcome.notes = lowering.skipped;
  add_cut_reason(outcome, asker);
  migration::RecordCut facts;
  facts.kind = migration::RollbackKind::immediate;
  facts.started = parts.environment.now();
  facts.percentage = lowering.percentage;
  facts.force = lowering.force;
  facts.preserve_data = lowering.preserve_data;
  if (lowering.routes) facts.selected = true;
  facts.aborted = lowering.aborted;
  facts.incident =
      lowering.features.empty() ? lowering.incident : std::optional<migration::IncidentChoice>{{}};
  std::optional<Error> problem;
  std::optional<Error> files;
  // Kept until it is on record: a raise that looks before that would see nothing of it.
  auto held = parts.raise_lock.acquire(kRaiseLockWait);
  if (lowering.features.empty()) {
    plan_lowering(parts, lowering, facts, outcome);
    auto back = set_and_read(parts.router, facts.applied, Toward::flat);
    if (back) {
      facts.observed = back->observed;
      files = back->files;
    } else {
      problem = back.error();
    }
  } else {
    auto back = set_and_read(parts.router, lowering.features);
    if (!back) return not_set(parts, lowering, ledger_error, back.error());
    facts.features_observed = back->observed;
    files = back->files;
  }
  facts.observed_at = parts.environment.now();
  facts.read_back = parts.router.capabilities().moves_traffic;
  if (problem) facts.error = problem->what;
  auto command = make_command(parts.environment, asker, facts);
  std::get<migration::RecordCut>(command.body).rollback = RollbackId{command.id.bytes};
  const Written written = write_down(parts, asker, command, ledger_error);
  if (files) outcome.notes.push_back(files->what + ": " + files->state);
  say_where(outcome, written, parts);
  outcome.observed = facts.observed;
  outcome.moved = true;
  if (problem) {
    if (!outcome.code) outcome.code = Code::partly_done;
    outcome.headline = "NOT observed: " + problem->what;
    outcome.detail = problem->why;
    outcome.break_glass = parts.router.break_glass_left();
    outcome.next = "hal9-migrate rollback --emergency";
    return outcome;
  }
  outcome.headline = lowering.features.empty() ? split_text(facts.observed, facts.read_back)
                                               : "the feature is down";
  if (const auto& routes = lowering.routes) say_selection(parts, *routes, outcome);
  outcome.next = line_after(written);
  return outcome;
}

}  // namespace hal9::engine
