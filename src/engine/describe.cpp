#include "engine/describe.h"

#include "base/counted.h"
#include "base/id.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using namespace migration;

std::string numbers(const RouteAmount& amount) {
  std::vector<std::string> parts;
  if (amount.share) parts.push_back("share " + to_text(*amount.share) + "%");
  if (amount.mirror) parts.push_back("mirror " + to_text(*amount.mirror) + "%");
  return parts.empty() ? "unchanged" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string features_text(const std::vector<FeatureAmount>& features) {
  std::vector<std::string> parts;
  parts.reserve(features.size());
  for (const auto& one : features) {
    parts.push_back(one.feature.text() + " " + to_text(one.percentage) + "%");
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string short_id(const RollbackId& id) {
  return to_text(id);
}

std::string plan_text(const RollbackPlan& plan) {
  const Highest range = highest_of(plan);
  std::string text = fmt::format(
      "{} rollback from {} started: {}% to {}%",
      to_text(plan.kind),
      to_text(plan.from_phase),
      to_text(range.share_from),
      to_text(range.share_to)
  );
  if (range.mirror_from != range.mirror_to) {
    text +=
        fmt::format(", mirror {}% to {}%", to_text(range.mirror_from), to_text(range.mirror_to));
  }
  if (plan.ends > plan.started) text += " over " + to_text(plan.ends - plan.started);
  return text;
}

std::string routes_text(const std::vector<Route>& routes) {
  if (routes.empty()) return "no route";
  if (routes.size() == 1) return to_text(routes.front());
  return fmt::format("{} and {} more", to_text(routes.front()), routes.size() - 1);
}

std::string raise_text(const RaisePlan& plan) {
  const Ends ends = ends_of(plan);
  std::string text = fmt::format(
      "{} {}% to {}% on {} in {} over {}",
      ends.mirror ? "mirror" : "share",
      to_text(ends.from),
      to_text(ends.to),
      counted(plan.routes.size(), "route"),
      to_text(plan.phase),
      to_text(plan.ends - plan.started)
  );
  if (plan.pause_after) text += ", pausing at " + to_text(*plan.pause_after) + "%";
  return text;
}

std::string external_text(const std::vector<ExternalId>& ids) {
  std::string text;
  for (const auto& one : ids) text += fmt::format(", {} {}", one.system.text(), one.id);
  return text;
}

struct Sentence {
  std::string operator()(const MigrationOpened& fact) const {
    return "migration " + fact.name.text() + " opened";
  }
  std::string operator()(const ConfigurationAccepted& fact) const {
    const auto& configuration = fact.configuration;
    return fmt::format(
        "configuration accepted: router {}, {} routes, {} features",
        to_text(configuration.router),
        routes_of(configuration).size(),
        configuration.features.size()
    );
  }
  std::string operator()(const GatesChecked& fact) const {
    std::map<std::string, int> counts;
    for (const auto& gate : fact.gates) {
      ++counts[gate.overridden ? "overridden" : to_text(gate.outcome)];
    }
    std::vector<std::string> parts;
    parts.reserve(counts.size());
    for (const auto& [word, count] : counts) parts.push_back(fmt::format("{} {}", count, word));
    return fmt::format("gates for {}: {}", to_text(fact.phase), fmt::join(parts, ", "));
  }
  std::string operator()(const PhaseEntered& fact) const {
    return fmt::format("phase {} entered from {}", to_text(fact.to), to_text(fact.from));
  }
  std::string operator()(const TrafficRequested& fact) const {
    return "requested " + describe(fact.routes);
  }
  std::string operator()(const TrafficApplied& fact) const {
    return "applied " + describe(fact.routes);
  }
  std::string operator()(const TrafficObserved& fact) const {
    return "observed " + describe(fact.routes);
  }
  std::string operator()(const TrafficRecorded& fact) const {
    return "recorded, not observed: " + describe(fact.routes);
  }
  std::string operator()(const TrafficFailed& fact) const {
    return fmt::format(
        "traffic of {} failed: {}", counted(fact.routes.size(), "route"), fact.error
    );
  }
  std::string operator()(const FeatureRequested& fact) const {
    return "requested feature " + features_text(fact.features);
  }
  std::string operator()(const FeatureApplied& fact) const {
    return "applied feature " + features_text(fact.features);
  }
  std::string operator()(const FeatureObserved& fact) const {
    return "observed feature " + features_text(fact.features);
  }
  std::string operator()(const FeatureRecorded& fact) const {
    return "recorded, not observed: feature " + features_text(fact.features);
  }
  std::string operator()(const FeatureFailed& fact) const {
    return fmt::format("{} features failed: {}", fact.features.size(), fact.error);
  }
  std::string operator()(const RollbackStarted& fact) const { return plan_text(fact.plan); }
  std::string operator()(const RollbackAsked& fact) const {
    if (fact.joined) {
      return fmt::format("{} rollback asked: joins {}", to_text(fact.kind), short_id(*fact.joined));
    }
    return to_text(fact.kind) + " rollback asked: there was nothing to roll back";
  }
  std::string operator()(const RollbackSuperseded& fact) const {
    return fmt::format("rollback {} superseded by {}", short_id(fact.rollback), short_id(fact.by));
  }
  std::string operator()(const RollbackCompleted& fact) const {
    return "rollback " + short_id(fact.rollback) + " completed: " +
           (fact.observed ? "observed at its target" : "recorded at its target, not observed");
  }
  std::string operator()(const RollbackStalled& fact) const {
    return "rollback " + short_id(fact.rollback) + " not observed: " + fact.error;
  }
  std::string operator()(const HaltSet& fact) const {
    return fmt::format(
        "halt set: kill switch on{}{}",
        fact.maintenance ? ", servers in maintenance" : "",
        fact.sessions_ended > 0 ? fmt::format(", {} sessions ended", fact.sessions_ended) : ""
    );
  }
  std::string operator()(const HaltReleased& fact) const {
    return fmt::format("halt of event {} may be cleared", fact.up_to.value);
  }
  std::string operator()(const HaltCleared&) const { return "halt cleared"; }
  std::string operator()(const ExecutorTaken& fact) const {
    return fmt::format("executor {} takes over", fact.fence);
  }
  std::string operator()(const SpoolTaken& fact) const {
    std::string text = fmt::format(
        "spool taken in: {} {}", fact.commands, fact.commands == 1 ? "record" : "records"
    );
    if (!fact.unreadable.empty()) {
      text += fmt::format(", {} unreadable lines kept", fact.unreadable.size());
    }
    return text;
  }
  std::string operator()(const AnnotationAdded& fact) const {
    return fact.source.empty() ? "note: " + fact.text
                               : "note: " + fact.text + " (source: " + fact.source + ")";
  }
  std::string operator()(const RollbackCancelled& fact) const {
    return fmt::format(
        "rollback {} cancelled: held at {}", short_id(fact.rollback), describe(fact.routes)
    );
  }
  std::string operator()(const RoutesHalted& fact) const {
    return "halt set: kill key on for " + routes_text(fact.routes);
  }
  std::string operator()(const RoutesCleared& fact) const {
    return "halt cleared for " + routes_text(fact.routes);
  }
  std::string operator()(const RaiseStarted& fact) const {
    return "gradual move forward began: " + raise_text(fact.plan);
  }
  std::string operator()(const RaisePaused& fact) const {
    return "gradual move forward paused: " + fact.why;
  }
  std::string operator()(const RaiseResumed& fact) const {
    return "gradual move forward goes on: " + raise_text(fact.plan);
  }
  std::string operator()(const RaiseEnded& fact) const {
    std::string text = "gradual move forward " + to_text(fact.end);
    if (!fact.why.empty()) text += ": " + fact.why;
    if (fact.rollback) text += ", by rollback " + short_id(*fact.rollback);
    return text;
  }
  std::string operator()(const IncidentOpened& fact) const {
    std::string text = fmt::format("incident opened, {}: {}", to_text(fact.severity), fact.title);
    if (fact.commander) text += ", commander " + fact.commander->text();
    if (fact.rollback) text += ", by rollback " + short_id(*fact.rollback);
    return text + external_text(fact.external);
  }
  std::string operator()(const IncidentChanged& fact) const {
    std::string text = "incident " + to_text(fact.incident) + " changed";
    if (fact.severity) text += ", severity " + to_text(*fact.severity);
    if (fact.title) text += ", title " + *fact.title;
    if (fact.commander) text += ", commander " + fact.commander->text();
    return text + external_text(fact.external);
  }
  std::string operator()(const IncidentJoined& fact) const {
    return fmt::format(
        "rollback {} belongs to incident {}", short_id(fact.rollback), to_text(fact.incident)
    );
  }
  std::string operator()(const IncidentClosed& fact) const {
    return "incident " + to_text(fact.incident) + " closed";
  }
  std::string operator()(const HookRan& fact) const {
    std::string text = fmt::format("hook {} {}", fact.hook.text(), to_text(fact.end));
    if (fact.code && *fact.code != 0) text += fmt::format(" with {}", *fact.code);
    text += fmt::format(" after {}", to_text(fact.took));
    if (fact.attempt > 1) text += fmt::format(", attempt {}", fact.attempt);
    if (!fact.error.empty()) text += ": " + fact.error;
    return text;
  }
  std::string operator()(const HookDismissed& fact) const {
    return fmt::format(
        "hook {} dismissed: it is due no more since event {}", fact.hook.text(), fact.since.value
    );
  }
  std::string operator()(const DriftFound& fact) const {
    return fmt::format(
        "the router stood above the ledger{}: {}",
        fact.restarted ? ", after a restart" : "",
        describe(fact.routes)
    );
  }
  std::string operator()(const ObjectKept& fact) const {
    return fmt::format(
        "kept the whole {}, {} bytes: {}", to_text(fact.of), fact.bytes, to_hex(fact.object)
    );
  }
};

}  // namespace

std::string describe(const Fact& fact) {
  return std::visit(Sentence{}, fact);
}

std::string describe(const ledger::Event& event) {
  auto fact = decode_fact(event.draft.type, event.draft.data);
  if (!fact) return event.draft.type + " (not understood by this version)";
  return describe(*fact);
}

std::string describe(const std::vector<RouteAmount>& routes) {
  // Groups in the order of their first route.
  std::vector<std::pair<std::string, std::vector<Route>>> groups;
  for (const auto& amount : routes) {
    const std::string text = numbers(amount);
    auto group = std::ranges::find(groups, text, [](const auto& one) { return one.first; });
    if (group == groups.end()) {
      groups.emplace_back(text, std::vector<Route>{amount.route});
    } else {
      group->second.push_back(amount.route);
    }
  }
  if (groups.size() == 1 && routes.size() > 1) {
    return fmt::format("{} for {} routes", groups.front().first, routes.size());
  }
  std::vector<std::string> parts;
  for (const auto& [text, members] : groups) {
    std::string who = to_text(members.front());
    if (members.size() > 1) who += fmt::format(" and {} more", members.size() - 1);
    parts.push_back(fmt::format("{} for {}", text, who));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string split_text(const std::vector<migration::RouteAmount>& routes, bool read_back) {
  Share low = Share::all(), high;
  for (const auto& route : routes) {
    if (!route.share) continue;
    low = std::min(low, *route.share);
    high = std::max(high, *route.share);
  }
  low = std::min(low, high);
  const std::string text =
      low == high ? fmt::format("Flat: {}%, Hierarchical: {}%", to_text(high.rest()), to_text(high))
                  : fmt::format(
                        "Flat: {}-{}%, Hierarchical: {}-{}%",
                        to_text(high.rest()),
                        to_text(low.rest()),
                        to_text(low),
                        to_text(high)
                    );
  return read_back ? text : text + " (recorded, not observed)";
}

}  // namespace hal9::engine
