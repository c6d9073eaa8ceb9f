#include "migration/evolve.h"

#include "base/escape.h"
#include "base/id.h"
#include "base/share.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/fold.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

constexpr std::size_t kAnomalyBytes = 200;

class Folder {
 public:
  Folder(State& state, const Around& around) : state_(state), around_(around) {}

  void operator()(const MigrationOpened& fact) {
    if (!state_.name.text().empty()) note("the migration was opened a second time");
    state_.name = fact.name;
  }
  void operator()(const ConfigurationAccepted& fact) {
    state_.configuration = fact.digest;
    state_.configuration_at = around_.sequence;
    state_.strict_gates = fact.configuration.strict_gates;
    state_.incidents_by = fact.configuration.incidents_by;
    state_.hooks.clear();
    for (const auto& hook : fact.configuration.hooks.value_or(std::vector<Hook>())) {
      state_.hooks.push_back({hook.name, hook.on, hook.phase});
    }
    for (auto& [route, amounts] : state_.routes) amounts.configured = false;
    for (const auto& route : routes_of(fact.configuration)) state_.routes[route].configured = true;
    // A feature that is on stays known: it can still be lowered.
    std::erase_if(state_.features, [&](const auto& feature) {
      return highest(feature.second) == Share::none() &&
             std::ranges::find(fact.configuration.features, feature.first) ==
                 fact.configuration.features.end();
    });
    for (const auto& feature : fact.configuration.features) state_.features[feature];
  }
  void operator()(const GatesChecked& /*fact*/) {}
  void operator()(const PhaseEntered& fact) {
    if (fact.from != state_.phase) {
      note(fmt::format("left {} while in {}", to_text(fact.from), to_text(state_.phase)));
    }
    // A way back wrote this down when it began: by now the shares are down.
    if (fact.to > state_.phase) note_last_share();
    state_.phase = fact.to;
    state_.phase_since = around_.happened;
    state_.phase_by = around_.by;
    if (fact.from != Phase::none) make_due(HookOn::phase_end, fact.from, {});
    if (fact.to == Phase::none) {
      for (auto& [route, amounts] : state_.routes) amounts.held = false;
    }
  }
  void operator()(const TrafficRequested& fact) {
    for (const auto& amount : fact.routes) {
      auto& route = state_.routes[amount.route];
      const bool rises = (amount.share && *amount.share > route.share.requested) ||
                         (amount.mirror && *amount.mirror > route.mirror.requested);
      if (rises) route.held = false;
      set(route, amount, &Amount::requested);
      if (amount.share) forget_unobserved(route.share);
      if (amount.mirror) forget_unobserved(route.mirror);
    }
  }
  void operator()(const TrafficApplied& fact) {
    look_at_fence(fact.fence);
    for (const auto& amount : fact.routes) {
      set(state_.routes[amount.route], amount, &Amount::applied);
    }
  }
  void operator()(const TrafficObserved& fact) {
    look_at_fence(fact.fence);
    for (const auto& amount : fact.routes) {
      auto& route = state_.routes[amount.route];
      set(route, amount, &Amount::observed);
      note_step(route);
    }
  }
  void operator()(const TrafficRecorded& fact) {
    look_at_fence(fact.fence);
    for (const auto& amount : fact.routes) {
      auto& route = state_.routes[amount.route];
      set(route, amount, &Amount::applied);
      set(route, amount, &Amount::observed);
      note_step(route);
    }
  }
  void operator()(const TrafficFailed& fact) { look_at_fence(fact.fence); }
  void operator()(const FeatureRequested& fact) {
    for (const auto& amount : fact.features) {
      set(amount, &Amount::requested);
      forget_unobserved(state_.features[amount.feature]);
    }
  }
  void operator()(const FeatureApplied& fact) {
    look_at_fence(fact.fence);
    for (const auto& amount : fact.features) set(amount, &Amount::applied);
  }
  void operator()(const FeatureObserved& fact) {
    look_at_fence(fact.fence);
    for (const auto& amount : fact.features) set(amount, &Amount::observed);
  }
  void operator()(const FeatureRecorded& fact) {
    look_at_fence(fact.fence);
    for (const auto& amount : fact.features) {
      set(amount, &Amount::applied);
      set(amount, &Amount::observed);
    }
  }
  void operator()(const FeatureFailed& fact) { look_at_fence(fact.fence); }

  void operator()(const RollbackStarted& fact) {
    const auto same = [&](const Rollback& rollback) { return rollback.plan.id == fact.plan.id; };
    if (std::erase_if(state_.running, same) != 0) {
      note(fmt::format("rollback {} was started a second time", to_text(fact.plan.id)));
    }
    const auto leaves = [&](const Rollback& rollback) {
      return rollback.plan.to_phase != state_.phase;
    };
    const bool leaving = std::ranges::any_of(state_.running, leaves);
    if (fact.plan.to_phase != state_.phase && !leaving) note_last_share();
    for (const auto& lowering : fact.plan.routes) begin(lowering, fact.plan.partial);
    // What a forward command had released waits for the next one's gates.
    state_.halt_released.reset();
    state_.running.push_back({fact.plan, RollbackStatus::open, around_.by, around_.reason, {}, {}});
  }
  void operator()(const RollbackAsked& /*fact*/) {}
  void operator()(const RollbackSuperseded& fact) {
    end(fact.rollback, RollbackStatus::superseded, fact.by, true);
  }
  void operator()(const RollbackCompleted& fact) {
    const auto from = phase_of(fact.rollback);
    end(fact.rollback, RollbackStatus::completed, {}, fact.observed);
    if (from) make_due(HookOn::rollback_end, *from, fact.rollback);
  }
  void operator()(const RollbackStalled& /*fact*/) {}

  void operator()(const HaltSet& fact) {
    state_.halt = around_.sequence;
    auto& servers = state_.halt_servers;
    servers.insert(servers.end(), fact.servers.begin(), fact.servers.end());
    std::ranges::sort(servers);
    servers.erase(std::ranges::unique(servers).begin(), servers.end());
  }
  void operator()(const HaltReleased& fact) { state_.halt_released = fact.up_to; }
  void operator()(const HaltCleared& fact) {
    look_at_fence(fact.fence);
    if (!state_.halt) return;
    if (!state_.halt_released || *state_.halt_released < *state_.halt) {
      note("a halt was cleared that no gate had released");
      return;
    }
    state_.halt.reset();
    state_.halt_released.reset();
    state_.halt_servers.clear();
  }
  void operator()(const ExecutorTaken& fact) {
    if (fact.fence <= state_.fence) note("an executor was taken with an old fence");
    state_.fence = std::max(state_.fence, fact.fence);
  }
  void operator()(const RollbackCancelled& fact) {
    for (const auto& amount : fact.routes) {
      auto& route = state_.routes[amount.route];
      set(route, amount, &Amount::requested);
      // It was read while nobody wrote: whatever was sent before is not there.
      route.share.applied = std::min(route.share.applied, route.share.observed);
      route.mirror.applied = std::min(route.mirror.applied, route.mirror.observed);
      route.held = true;
    }
    end(fact.rollback, RollbackStatus::cancelled, {}, true);
  }
  void operator()(const RoutesHalted& fact) {
    for (const auto& route : fact.routes) state_.halted_routes[route] = around_.sequence;
  }
  void operator()(const RoutesCleared& fact) {
    look_at_fence(fact.fence);
    for (const auto& route : fact.routes) {
      const auto halted = state_.halted_routes.find(route);
      if (halted == state_.halted_routes.end()) continue;
      if (!is_released(state_, halted->second)) {
        note("the halt of a route was cleared that no gate had released");
        continue;
      }
      state_.halted_routes.erase(halted);
    }
  }
  void operator()(const RaiseStarted& fact) {
    if (state_.raise) note("a raise began while another one was open");
    begin(fact.plan);
  }
  void operator()(const RaisePaused& fact) {
    auto* raise = open_raise(fact.raise);
    if (raise == nullptr) return;
    raise->status = RaiseStatus::paused;
    raise->why = fact.why;
  }
  void operator()(const RaiseResumed& fact) {
    if (open_raise(fact.plan.id) != nullptr) begin(fact.plan);
  }
  void operator()(const RaiseEnded& fact) {
    if (open_raise(fact.raise) != nullptr) state_.raise.reset();
    for (const auto& route : fact.held.value_or(std::vector<Route>())) {
      state_.routes[route].held = true;
    }
  }
  void operator()(const IncidentOpened& fact) {
    if (state_.incidents.size() >= kIncidentsOpen) {
      note("more incidents are open than are told apart; the oldest is not followed any more");
      state_.incidents.erase(state_.incidents.begin());
    }
    state_.incidents.push_back(
        {{around_.sequence},
         around_.happened,
         fact.severity,
         fact.title,
         fact.commander,
         fact.external,
         around_.by,
         fact.rollback ? 1U : 0U}
    );
    if (fact.rollback) own(*fact.rollback, {around_.sequence});
  }
  void operator()(const IncidentChanged& fact) {
    auto* incident = open(fact.incident);
    if (incident == nullptr) return;
    incident->severity = fact.severity.value_or(incident->severity);
    incident->title = fact.title.value_or(incident->title);
    if (fact.commander) incident->commander = fact.commander;
    merge(incident->external, fact.external);
  }
  void operator()(const IncidentJoined& fact) {
    if (auto* incident = open(fact.incident)) ++incident->rollbacks;
    own(fact.rollback, fact.incident);
  }
  void operator()(const IncidentClosed& fact) {
    if (open(fact.incident) == nullptr) return;
    std::erase_if(state_.incidents, [&](const Incident& one) { return one.id == fact.incident; });
  }
  void operator()(const DriftFound& fact) { look_at_fence(fact.fence); }
  void operator()(const HookRan& fact) {
    const auto due = std::ranges::find_if(state_.hooks_due, [&](const DueHook& one) {
      return one.hook == fact.hook && one.since == fact.since;
    });
    if (due == state_.hooks_due.end()) return;  // dismissed while it ran
    due->attempts = fact.attempt;
    due->last = fact.end;
    if (fact.end == HookEnd::succeeded) state_.hooks_due.erase(due);
  }
  void operator()(const HookDismissed& fact) {
    std::erase_if(state_.hooks_due, [&](const DueHook& one) {
      return one.hook == fact.hook && one.since == fact.since;
    });
  }
  void operator()(const SpoolTaken& /*fact*/) {}
  void operator()(const AnnotationAdded& /*fact*/) {}
  void operator()(const ObjectKept& /*fact*/) {}

 private:
  void note(std::string_view what) { note_anomaly(state_, around_.sequence, what); }
  void look_at_fence(std::uint64_t fence) {
    if (fence < state_.fence) note("an executor reported with an old fence");
  }
  // What was asked for before and read back lower is not in the router any more: a raise that is asked for
  // now has to be applied anew.
  static void forget_unobserved(Amount& one) {
    if (one.requested > one.observed) one.applied = std::min(one.applied, one.observed);
  }
  static void set(RouteState& route, const RouteAmount& amount, Share Amount::* member) {
    if (amount.share) route.share.*member = *amount.share;
    if (amount.mirror) route.mirror.*member = *amount.mirror;
  }
  void set(const FeatureAmount& amount, Share Amount::* member) {
    state_.features[amount.feature].*member = amount.percentage;
  }
  void note_step(RouteState& route) const {
    const Step step{around_.sequence, route.share.observed, route.mirror.observed};
    if (!route.steps.empty()) {
      const Step& last = route.steps.back();
      if (last.share == step.share && last.mirror == step.mirror) return;
    }
    route.steps.push_back(step);
    if (route.steps.size() > kStepsKept) route.steps.erase(route.steps.begin());
  }
  void note_last_share() {
    if (state_.phase == Phase::none) return;
    Share last;
    for (const auto& [route, amounts] : state_.routes) {
      const auto& amount = state_.phase == Phase::shadow ? amounts.mirror : amounts.share;
      last = std::max(last, amount.observed);
    }
    state_.last_share[state_.phase] = last;
  }
  void begin(const RaisePlan& plan) {
    state_.raise =
        Raise{plan, RaiseStatus::running, around_.sequence, around_.by, around_.reason, {}};
  }
  Raise* open_raise(const RaiseId& id) {
    if (state_.raise && state_.raise->plan.id == id) return &*state_.raise;
    note(fmt::format("raise {} went on and was not open", to_text(id)));
    return nullptr;
  }
  [[nodiscard]] std::optional<Phase> phase_of(const RollbackId& id) const {
    for (const auto& running : state_.running) {
      if (running.plan.id == id) return running.plan.from_phase;
    }
    return {};
  }
  void make_due(HookOn on, Phase phase, std::optional<RollbackId> rollback) {
    for (const auto& rule : state_.hooks) {
      if (rule.on != on || rule.phase.value_or(phase) != phase) continue;
      // Once for all ends of a phase that was entered again in between (due_hooks.h).
      std::erase_if(state_.hooks_due, [&](const DueHook& one) {
        return on == HookOn::phase_end && one.hook == rule.name && one.on == on &&
               one.phase == phase;
      });
      if (state_.hooks_due.size() >= kHooksDue) {
        note("more hooks are due than are remembered; the oldest is forgotten");
        state_.hooks_due.erase(state_.hooks_due.begin());
      }
      state_.hooks_due.push_back(
          {rule.name, around_.sequence, around_.happened, on, phase, rollback, 0, {}}
      );
    }
  }
  // By a cut it has ended already.
  void own(const RollbackId& rollback, IncidentId incident) {
    for (auto& running : state_.running) {
      if (running.plan.id == rollback) running.incident = incident;
    }
    auto& last = state_.last_rollback;
    if (last && last->plan.id == rollback) last->incident = incident;
  }
  Incident* open(IncidentId id) {
    const auto found = std::ranges::find(state_.incidents, id, &Incident::id);
    if (found != state_.incidents.end()) return &*found;
    note(fmt::format("incident {} went on and was not open", to_text(id)));
    return nullptr;
  }
  void begin(const RouteLowering& lowering, bool partial) {
    auto& route = state_.routes[lowering.route];
    route.share.requested = std::min(route.share.requested, lowering.share_to);
    route.mirror.requested = std::min(route.mirror.requested, lowering.mirror_to);
    const bool falls =
        lowering.share_from > lowering.share_to || lowering.mirror_from > lowering.mirror_to;
    if (partial && falls) route.held = true;
  }
  void end(
      const RollbackId& id, RollbackStatus status, std::optional<RollbackId> by, bool observed
  ) {
    const auto found = std::ranges::find_if(state_.running, [&](const Rollback& rollback) {
      return rollback.plan.id == id;
    });
    if (found == state_.running.end()) {
      note(fmt::format("rollback {} ended and was not running", to_text(id)));
      return;
    }
    Rollback ended = *found;
    state_.running.erase(found);
    ended.status = status;
    ended.ended = around_.happened;
    ended.superseded_by = by;
    ended.observed = observed;
    state_.last_rollback = std::move(ended);
  }

  State& state_;
  const Around& around_;
};

}  // namespace

void note_anomaly(State& state, ledger::Sequence sequence, std::string_view what) {
  ++state.anomaly_count;
  state.anomalies.push_back({sequence, shorten(what, kAnomalyBytes)});
  if (state.anomalies.size() > kAnomaliesKept) state.anomalies.erase(state.anomalies.begin());
}

void fold_fact(State& state, const Fact& fact, const Around& around) {
  std::visit(Folder(state, around), fact);
}

void evolve(State& state, const ledger::Event& event) {
  state.sequence = event.sequence;
  state.time = event.recorded;
  const auto& draft = event.draft;
  const auto fact = decode_fact(draft.type, draft.data);
  if (!fact) {
    note_anomaly(state, event.sequence, fact.error().what);
    return;
  }
  fold_fact(state, *fact, {event.sequence, draft.time, draft.author.auth_id, draft.reason});
}

}  // namespace hal9::migration
