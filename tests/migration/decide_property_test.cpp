// Rules that hold on every state that any sequence of commands, reports and cuts leads to.

#include "base/result.h"
#include "base/share.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/generators.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/route.h"
#include "migration/state.h"
#include "migration/support.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

struct Highest {
  Share share;
  Share mirror;
};

Share top(const Amount& amount) {
  return std::max({amount.requested, amount.applied, amount.observed});
}

std::map<Route, Highest> requested_of(const State& state) {
  std::map<Route, Highest> all;
  for (const auto& [route, now] : state.routes) {
    all[route] = {now.share.requested, now.mirror.requested};
  }
  return all;
}

std::map<Route, Highest> highest_of(const State& state) {
  std::map<Route, Highest> all;
  for (const auto& [route, now] : state.routes) all[route] = {top(now.share), top(now.mirror)};
  return all;
}

template <class T>
bool holds(const std::vector<Decided>& decided) {
  return std::ranges::any_of(decided, [](const Decided& one) {
    return std::holds_alternative<T>(one.fact);
  });
}

// One step of a life: mostly commands, else an executor that finishes, or one that does half.
void live(Bench& bench) {
  const int choice = *rc::gen::inRange(0, 10);
  if (choice < 2) {
    bench.settle();
  } else if (choice == 2 && !bench.state.running.empty()) {
    const auto& plan = bench.state.running.front().plan;
    ReportTraffic report;
    report.fence = bench.state.fence;
    report.applied = amounts_at(plan, (plan.ends - plan.started) / 2);
    report.observed = report.applied;
    RC_ASSERT(bench.ask(report).has_value());
  } else {
    auto body = *any_body();
    if (auto* report = std::get_if<ReportTraffic>(&body); report != nullptr && choice < 7) {
      report->fence = bench.state.fence;
    }
    std::ignore = bench.ask(std::move(body));  // refusals are part of a life
  }
}

// A state that can be reached, at least in phase shadow now and then.
Bench any_life() {
  Bench bench;
  const auto forward = *rc::gen::inRange(0, 4);
  if (forward > 0) bench.run(move(Phase::shadow));
  if (forward > 1) bench.run(move(Phase::canary, *any_share()));
  if (forward > 2) bench.run(move(Phase::state_migration));
  const auto steps = *rc::gen::inRange(0, 10);
  for (int i = 0; i < steps; ++i) live(bench);
  return bench;
}

CommandBody any_lowering() {
  auto body = *any_body();
  while (!std::holds_alternative<RollBack>(body) && !std::holds_alternative<RecordCut>(body)) {
    body = *any_body();
  }
  return body;
}

RC_GTEST_PROP(DecideProperty, ARollbackRaisesNothingThatIsRequested, ()) {
  Bench bench = any_life();
  const auto before = requested_of(bench.state);
  const auto facts = bench.ask(*any_body());
  if (!facts || !holds<RollbackStarted>(*facts)) return;
  for (const auto& [route, was] : before) {
    RC_ASSERT(bench.state.routes.at(route).share.requested <= was.share);
    RC_ASSERT(bench.state.routes.at(route).mirror.requested <= was.mirror);
  }
}

RC_GTEST_PROP(DecideProperty, OnlyAForwardRequestRaisesWhatIsRequested, ()) {
  Bench bench = any_life();
  const auto before = requested_of(bench.state);
  const auto facts = bench.ask(*any_body());
  if (!facts || holds<TrafficRequested>(*facts)) return;
  for (const auto& [route, was] : before) {
    RC_ASSERT(bench.state.routes.at(route).share.requested <= was.share);
    RC_ASSERT(bench.state.routes.at(route).mirror.requested <= was.mirror);
  }
}

RC_GTEST_PROP(DecideProperty, NothingRisesAfterALowering, ()) {
  Bench bench = any_life();
  const auto before = highest_of(bench.state);
  const auto facts = bench.ask(any_lowering());
  if (!facts || !holds<RollbackStarted>(*facts)) return;
  for (int i = 0; i < 3; ++i) {
    bench.settle();
    for (const auto& [route, was] : before) {
      RC_ASSERT(bench.state.routes.at(route).share.requested <= was.share);
      RC_ASSERT(bench.state.routes.at(route).mirror.requested <= was.mirror);
    }
  }
}

RC_GTEST_PROP(DecideProperty, APlanNeverRisesAlongItsRamp, ()) {
  Bench bench = any_life();
  const auto facts = bench.ask(*any_body());
  if (!facts || !holds<RollbackStarted>(*facts)) return;
  const auto plan = fact<RollbackStarted>(*facts).plan;
  for (const auto& lowering : plan.routes) {
    RC_ASSERT(lowering.share_to <= lowering.share_from);
    RC_ASSERT(lowering.mirror_to <= lowering.mirror_from);
  }
}

RC_GTEST_PROP(DecideProperty, ACompletedRollbackToFlatLeavesPhaseNoneAndZero, ()) {
  Bench bench = any_life();
  const auto facts = bench.ask(rollback());
  RC_ASSERT(facts.has_value());
  std::vector<RouteLowering> planned;
  if (holds<RollbackStarted>(*facts)) planned = fact<RollbackStarted>(*facts).plan.routes;
  bench.settle();
  RC_ASSERT(bench.state.running.empty());
  RC_ASSERT(bench.state.phase == Phase::none);
  for (const auto& lowering : planned) {
    RC_ASSERT(bench.state.routes.at(lowering.route).share == Amount{});
    RC_ASSERT(bench.state.routes.at(lowering.route).mirror == Amount{});
    RC_ASSERT(!bench.state.routes.at(lowering.route).held);
  }
}

RC_GTEST_PROP(DecideProperty, ARollbackToFlatIsNeverRefused, ()) {
  Bench bench = any_life();
  auto back = rollback();
  back.percentage = *rc::gen::element<std::optional<Share>>(std::nullopt, *any_share());
  back.force = *rc::gen::arbitrary<bool>();
  RC_ASSERT(bench.ask(back).has_value());
}

RC_GTEST_PROP(DecideProperty, ARecordedCutIsNeverRefusedAndEndsWhatWasRunning, ()) {
  Bench bench = any_life();
  const bool ran = !bench.state.running.empty();
  auto cut = emergency(bench, 200);
  const auto facts = bench.ask(cut);
  RC_ASSERT(facts.has_value());
  RC_ASSERT(!facts->empty());
  RC_ASSERT(holds<RollbackSuperseded>(*facts) == ran);
  RC_ASSERT(bench.state.running.empty());
  RC_ASSERT(bench.state.phase == Phase::none);
  RC_ASSERT(bench.state.halt.has_value());
}

RC_GTEST_PROP(DecideProperty, AnyCutIsRecorded, ()) {
  Bench bench = any_life();
  auto body = *any_body();
  while (!std::holds_alternative<RecordCut>(body)) body = *any_body();
  const auto before = bench.state.running.size();
  const auto facts = bench.ask(body);
  RC_ASSERT(facts.has_value());
  RC_ASSERT(!facts->empty());
  RC_ASSERT(bench.state.running.size() <= before + 1);
}

RC_GTEST_PROP(DecideProperty, ARaiseBehindANewerHaltIsRefused, ()) {
  Bench bench = any_life();
  RC_ASSERT(bench.ask(emergency(bench, 200)).has_value());
  auto forward = move(Phase::shadow, *any_share());
  forward.halts_seen = {bench.state.halt->value - 1};
  const auto refused = bench.ask(forward);
  RC_ASSERT(!refused.has_value());
  RC_ASSERT(refused.error().code == Code::conflict);
}

RC_GTEST_PROP(DecideProperty, AReportWithAnotherFenceIsStale, ()) {
  Bench bench = any_life();
  ReportTraffic report;
  report.fence = *rc::gen::inRange<std::uint64_t>(0, 50);
  if (report.fence == bench.state.fence) return;
  report.observed = *any_amounts();
  RC_ASSERT(bench.ask(report).error().code == Code::stale);
  ReportFeatures features;
  features.fence = report.fence;
  RC_ASSERT(bench.ask(features).error().code == Code::stale);
}

bool are_all_in(const RollbackPlan& plan, const RollbackPlan& other) {
  return std::ranges::all_of(plan.routes, [&](const RouteLowering& lowering) {
    return std::ranges::find(other.routes, lowering.route, &RouteLowering::route) !=
           other.routes.end();
  });
}

RC_GTEST_PROP(DecideProperty, NoRollbackRunsBesideOneThatTookItOverAndNoFactIsAnAnomaly, ()) {
  Bench bench = any_life();
  const auto anomalies = bench.state.anomaly_count;
  auto body = *any_body();
  // Cuts and reports say what happened elsewhere, which may be odd.
  if (std::holds_alternative<RecordCut>(body) || std::holds_alternative<ReportTraffic>(body))
    return;
  const auto decided = bench.ask(body);
  RC_ASSERT(bench.state.anomaly_count == anomalies);
  if (!decided || bench.state.running.size() < 2) return;
  const auto& newest = bench.state.running.back().plan;
  const bool began = std::ranges::any_of(*decided, [](const Decided& one) {
    return std::holds_alternative<RollbackStarted>(one.fact);
  });
  if (!began) return;
  for (std::size_t i = 0; i + 1 < bench.state.running.size(); ++i) {
    RC_ASSERT(!are_all_in(bench.state.running[i].plan, newest));
  }
}

// Whatever is selected and whatever runs: what is wanted of each route never rises, is at most what was
// asked for, and ends no later than by what ran before.
RC_GTEST_PROP(DecideProperty, ARollbackOfSomeRoutesLowersThemAndRaisesNone, ()) {
  Bench bench = any_life();
  std::vector<Route> routes;
  for (const auto& [route, now] : bench.state.routes) {
    if (*rc::gen::arbitrary<bool>()) routes.push_back(route);
  }
  if (routes.empty()) return;
  RollBack back;
  back.routes = routes;
  const auto before = bench.state;
  RC_ASSERT(bench.ask(back).has_value());
  for (const auto& [route, now] : bench.state.routes) {
    const auto& was = before.routes.at(route);
    const bool meant = std::ranges::find(routes, route) != routes.end();
    RC_ASSERT(now.share.requested <= was.share.requested);
    RC_ASSERT(now.mirror.requested <= was.mirror.requested);
    if (meant) RC_ASSERT(now.share.requested == Share::none());
    if (!meant) RC_ASSERT(now.share == was.share);
  }
  RC_ASSERT(bench.state.phase == before.phase);
  bench.settle();
  for (const Route& route : routes) {
    RC_ASSERT(bench.state.routes.at(route).share.observed == Share::none());
  }
}

RC_GTEST_PROP(DecideProperty, DecidingTwiceGivesTheSame, ()) {
  Bench bench = any_life();
  const auto command = bench.command(*any_body());
  const auto once = decide(bench.state, command);
  const auto twice = decide(bench.state, command);
  RC_ASSERT(once.has_value() == twice.has_value());
  if (once) RC_ASSERT(*once == *twice);
}

RC_GTEST_PROP(DecideProperty, DirectionSaysWhatDecideDoes, ()) {
  Bench bench = any_life();
  auto body = *any_body();
  const auto* wanted = std::get_if<Move>(&body);
  if (wanted == nullptr) return;
  const auto direction = direction_of(bench.state, *wanted);
  const auto facts = bench.ask(body);
  if (!direction) {
    RC_ASSERT(!facts.has_value());
    RC_ASSERT(facts.error().code == direction.error().code);
  } else if (*direction == Direction::none) {
    RC_ASSERT(facts.has_value() && facts->empty());
  } else if (*direction == Direction::back) {
    RC_ASSERT(facts.has_value());
    RC_ASSERT(holds<RollbackStarted>(*facts) || holds<RollbackAsked>(*facts));
  } else if (facts) {
    RC_ASSERT(holds<GatesChecked>(*facts));
  }
}

RC_GTEST_PROP(DecideProperty, EveryReachableStateSurvivesItsCodec, ()) {
  const Bench bench = any_life();
  const auto again = decode_state(encode_state(bench.state));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == bench.state);
  RC_ASSERT(state_digest(*again) == state_digest(bench.state));
}

RC_GTEST_PROP(DecideProperty, EveryErrorSaysWhatStateAndWhatNext, ()) {
  Bench bench = any_life();
  const auto facts = bench.ask(*any_body());
  if (facts) return;
  RC_ASSERT(!facts.error().what.empty());
  RC_ASSERT(!facts.error().state.empty());
  RC_ASSERT(facts.error().next.starts_with("hal9-migrate "));
}

}  // namespace
}  // namespace hal9::migration::test
