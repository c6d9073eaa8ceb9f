// A lowering that was done before it could be recorded. Facts in the past tense: never refused.

#include "base/share.h"
#include "migration/amounts.h"
#include "migration/codec_io.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/decide_parts.h"
#include "migration/events.h"
#include "migration/fold.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

const RouteAmount* find(const std::vector<RouteAmount>& amounts, const Route& route) {
  const auto found = std::ranges::find(amounts, route, &RouteAmount::route);
  return found == amounts.end() ? nullptr : &*found;
}

Share percentage_of(const RecordCut& cut) {
  return cut.kind == RollbackKind::emergency ? Share::none() : cut.percentage;
}

bool is_selection(const RecordCut& cut) {
  return cut.selected.value_or(false);
}

// The gradual move forward that it brought back, unless that has ended by somebody else since.
const Raise* aborted_by(const State& state, const RecordCut& cut) {
  const bool open = cut.aborted && state.raise && state.raise->plan.id == *cut.aborted;
  return open ? &*state.raise : nullptr;
}

std::set<Route> routes_of_cut(const State& state, const RecordCut& cut) {
  std::set<Route> routes;
  if (is_selection(cut)) {
    for (const auto& amount : cut.applied) routes.insert(amount.route);
    return routes;
  }
  for (const auto& [route, now] : state.routes) {
    if (concerns(now)) routes.insert(route);
  }
  for (const auto* list : {&cut.before, &cut.applied, &cut.observed}) {
    for (const auto& amount : *list) routes.insert(amount.route);
  }
  return routes;
}

RouteLowering lowering_of(const State& state, const RecordCut& cut, const Route& route) {
  const auto known = state.routes.find(route);
  const RouteState now = known == state.routes.end() ? RouteState{} : known->second;
  const Share percentage = percentage_of(cut);
  RouteLowering lowering{route, highest(now.share), percentage, highest(now.mirror), {}};
  if (const auto* before = find(cut.before, route)) {
    lowering.share_from = before->share.value_or(lowering.share_from);
    lowering.mirror_from = before->mirror.value_or(lowering.mirror_from);
  }
  // A mirror is off in every phase in which a share above 0 means anything.
  lowering.mirror_to = percentage == Share::none() ? Share::none() : lowering.mirror_from;
  // What was set on the route itself says where it was to go, and what was not set was to stay. In an
  // emergency everything goes to 0, whatever was reached.
  const auto* applied = find(cut.applied, route);
  if (applied != nullptr && cut.kind != RollbackKind::emergency) {
    lowering.share_to = applied->share.value_or(lowering.share_from);
    lowering.mirror_to = applied->mirror.value_or(lowering.mirror_from);
  }
  lowering.share_to = std::min({lowering.share_to, lowering.share_from, now.share.requested});
  lowering.mirror_to = std::min({lowering.mirror_to, lowering.mirror_from, now.mirror.requested});
  return lowering;
}

RollbackPlan plan_of(const State& state, const RecordCut& cut) {
  RollbackPlan plan;
  plan.id = cut.rollback;
  plan.kind = cut.kind;
  plan.started = cut.started;
  plan.ends = cut.started;
  plan.from_phase = state.phase;
  for (const auto& route : routes_of_cut(state, cut)) {
    plan.routes.push_back(lowering_of(state, cut, route));
  }
  // One of mirrors alone ends no phase in which shares stay.
  const bool ends_phase =
      percentage_of(cut) == Share::none() && !is_selection(cut) &&
      std::ranges::all_of(plan.routes, [](const RouteLowering& lowering) {
        return lowering.share_to == Share::none() && lowering.mirror_to == Share::none();
      });
  plan.to_phase = ends_phase ? Phase::none : state.phase;
  plan.partial = plan.to_phase != Phase::none;
  if (const auto* raise = aborted_by(state, cut)) {
    // It held what that had raised, and its end says what was held before.
    plan.to_phase = phase_before(state, raise->plan);
    plan.partial = false;
  }
  plan.force = cut.force;
  plan.preserve_data = cut.preserve_data;
  for (const auto& rollback : state.running) {
    if (is_selection(cut)) break;
    plan.to_phase = std::min(plan.to_phase, rollback.plan.to_phase);
    plan.preserve_data = plan.preserve_data || rollback.plan.preserve_data;
  }
  plan.partial = plan.partial && plan.to_phase != Phase::none;
  return plan;
}

// Which routes were not read back at their target, in words; empty: all were.
std::string not_reached(const State& folded, const RollbackPlan& plan, const RecordCut& cut) {
  std::vector<std::string> routes;
  for (const auto& lowering : plan.routes) {
    if (find(cut.observed, lowering.route) == nullptr) {
      routes.push_back(to_text(lowering.route) + " was not read back");
      continue;
    }
    const auto& now = folded.routes.at(lowering.route);
    if (now.share.observed > lowering.share_to) {
      routes.push_back(
          fmt::format("{} reads {}%", to_text(lowering.route), to_text(now.share.observed))
      );
    } else if (now.mirror.observed > lowering.mirror_to) {
      routes.push_back(
          fmt::format("{} mirrors {}%", to_text(lowering.route), to_text(now.mirror.observed))
      );
    }
  }
  return fmt::format("{}", fmt::join(routes, ", "));
}

bool all_zero(const std::vector<RouteAmount>& amounts) {
  return std::ranges::all_of(amounts, [](const RouteAmount& amount) {
    return amount.share.value_or(Share::none()) == Share::none() &&
           amount.mirror.value_or(Share::none()) == Share::none();
  });
}

// An emergency where everything is cut already and read back as cut: nothing but its confirmation.
bool confirms(const State& state, const RecordCut& cut) {
  const bool halted = state.halt && (!state.halt_released || *state.halt_released < *state.halt);
  if (is_selection(cut)) return false;
  const bool at_zero = std::ranges::all_of(state.routes, [](const auto& entry) {
    return highest(entry.second.share) == Share::none() &&
           highest(entry.second.mirror) == Share::none();
  });
  const bool read = std::ranges::all_of(state.routes, [&](const auto& entry) {
    return !entry.second.configured || find(cut.observed, entry.first) != nullptr;
  });
  return cut.kind == RollbackKind::emergency && cut.halt && halted && cut.error.empty() &&
         state.phase == Phase::none && state.running.empty() && at_zero && read &&
         all_zero(cut.before) && all_zero(cut.observed);
}

// `feature disable` without a ledger: no route was touched, and nothing is rolled back.
// An emergency is about routes even when nothing answered.
bool only_features(const RecordCut& cut) {
  return cut.kind != RollbackKind::emergency && !cut.halt && !cut.features_observed.empty() &&
         cut.before.empty() && cut.applied.empty() && cut.observed.empty();
}

// What was read back is what is wanted from here on, unless it is more than that.
FeatureRequested lowered_features(const State& state, const RecordCut& cut) {
  FeatureRequested requested{cut.features_observed};
  for (auto& feature : requested.features) {
    const auto known = state.features.find(feature.feature);
    if (known == state.features.end()) continue;
    feature.percentage = std::min(feature.percentage, known->second.requested);
  }
  return requested;
}

std::vector<Route> halted_of(const RecordCut& cut) {
  std::vector<Route> routes;
  routes.reserve(cut.applied.size());
  for (const auto& amount : cut.applied) routes.push_back(amount.route);
  return routes;
}

// With a halt on record its servers are known: whatever else was found down is a person's.
HaltSet halt_of(const State& state, const RecordCut& cut) {
  HaltSet halt{cut.maintenance, std::min(cut.sessions_ended, kMaxInteger), cut.servers};
  if (!state.halt) {
    halt.servers.insert(halt.servers.end(), cut.servers_found.begin(), cut.servers_found.end());
  }
  return halt;
}

}  // namespace

std::vector<Decided> decide_cut(const State& state, const Command& command, const RecordCut& cut) {
  Facts facts(state, command);
  if (const auto* raise = aborted_by(state, cut)) {
    facts.add(ended(raise->plan, RaiseEnd::aborted, {}, cut.rollback), cut.started);
  } else if (!only_features(cut)) {
    end_raise(facts, confirms(state, cut) ? std::nullopt : std::optional(cut.rollback));
  }
  if (confirms(state, cut)) {
    facts.add(RollbackAsked{cut.kind, {}}, cut.started);
    facts.add(halt_of(state, cut), cut.observed_at);
    facts.add(TrafficObserved{state.fence, cut.observed}, cut.observed_at);
    return facts.done();
  }
  facts.take_executor();
  const std::uint64_t fence = facts.state().fence;
  if (only_features(cut)) {
    facts.add(lowered_features(state, cut), cut.started);
    facts.add(FeatureApplied{fence, cut.features_observed}, cut.observed_at);
    facts.add(FeatureObserved{fence, cut.features_observed}, cut.observed_at);
    return facts.done();
  }
  // The second record of one cut: a balancer answered later than the others.
  const auto begun = std::ranges::find(state.running, cut.rollback, [](const Rollback& rollback) {
    return rollback.plan.id;
  });
  const auto plan = begun == state.running.end() ? plan_of(state, cut) : begun->plan;
  if (begun == state.running.end()) facts.add(RollbackStarted{plan}, cut.started);
  for (const auto& rollback : state.running) {
    // One of other routes goes on beside it, and finds its own below what it asks for.
    if (rollback.plan.id == plan.id || is_selection(cut)) continue;
    facts.add(RollbackSuperseded{rollback.plan.id, plan.id}, cut.started);
  }
  if (cut.halt && is_selection(cut)) {
    facts.add(RoutesHalted{halted_of(cut)}, cut.observed_at);
  } else if (cut.halt) {
    facts.add(halt_of(state, cut), cut.observed_at);
  }
  const Report how{fence, cut.read_back, cut.observed_at};
  facts.report(how, cut.applied, cut.observed);
  facts.report(how, {}, cut.features_observed);
  const std::string left = not_reached(facts.state(), plan, cut);
  if (left.empty() && cut.error.empty()) {
    facts.complete(plan.id, how);
  } else {
    facts.add(RollbackStalled{plan.id, cut.error.empty() ? left : cut.error}, cut.observed_at);
  }
  return facts.done();
}

}  // namespace hal9::migration
