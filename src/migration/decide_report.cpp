// What the executor did and read back, and features.

#include "base/name.h"
#include "base/result.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/decide_parts.h"
#include "migration/events.h"
#include "migration/fold.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

Result<void> check_fence(const State& state, std::uint64_t fence) {
  if (fence == state.fence) return {};
  return fail(
      Code::stale,
      "another process has taken over",
      fmt::format("this one holds the fencing number {}, the newest is {}", fence, state.fence),
      "its report was not recorded; the new one reads the router itself",
      "hal9-migrate status"
  );
}

// A step of one rollback may bring another to its targets by routes that both have. That one is through
// when its other routes were read too: what the ledger knew of them before is no reading.
bool were_read(const ReportTraffic& report, const RollbackPlan& plan) {
  std::set<Route> read;
  for (const auto& amount : report.observed) read.insert(amount.route);
  return std::ranges::all_of(plan.routes, [&](const RouteLowering& lowering) {
    return read.contains(lowering.route);
  });
}

bool rises(const State& state, const SetFeature& set) {
  const auto known = state.features.find(set.feature);
  return known != state.features.end() && rises_to(known->second, set.percentage);
}

tl::unexpected<Error> unknown_feature(const State& state, const SetFeature& set) {
  std::vector<std::string> known;
  known.reserve(state.features.size());
  for (const auto& [feature, amount] : state.features) known.push_back(feature.text());
  const std::string close = nearest(set.feature.text(), known);
  const char* verb = set.percentage == Share::none() ? "disable" : "enable";
  return fail(
      Code::usage,
      fmt::format(
          "there is no feature {}{}",
          set.feature.text(),
          close.empty() ? "" : fmt::format("; did you mean {}?", close)
      ),
      known.empty() ? "the configuration lists no features"
                    : fmt::format("the features are {}", fmt::join(known, ", ")),
      "nothing was changed",
      close.empty() ? "hal9-migrate feature list"
                    : fmt::format("hal9-migrate feature {} {}", verb, close)
  );
}

}  // namespace

Result<std::vector<Decided>> decide_traffic_report(
    const State& state, const Command& command, const ReportTraffic& report
) {
  if (auto ok = check_fence(state, report.fence); !ok) return pass_on(ok);
  Facts facts(state, command);
  const bool failed = !report.failed.empty() || !report.error.empty();
  if (report.cleared && !report.cleared->empty()) {
    facts.add(RoutesCleared{report.fence, *report.cleared});
  }
  if (report.halt_cleared && state.halt) facts.add(HaltCleared{report.fence});
  if (report.drift && !report.drift->empty()) {
    facts.add(DriftFound{report.fence, report.restarted.value_or(false), *report.drift});
  }
  const Report how{report.fence, report.read_back, {}};
  facts.report(how, report.applied, report.observed);
  if (failed) facts.add(TrafficFailed{report.fence, report.failed, report.error});
  for (const auto& rollback : state.running) {
    if (failed) {
      facts.add(RollbackStalled{rollback.plan.id, report.error});
    } else if (were_read(report, rollback.plan) && at_targets(facts.state(), rollback.plan)) {
      facts.complete(rollback.plan.id, how);
    }
  }
  const auto& raise = facts.state().raise;
  if (!failed && raise && is_through(facts.state(), raise->plan)) {
    facts.add(RaiseEnded{raise->plan.id, RaiseEnd::completed, {}, {}, {}});
  }
  return facts.done();
}

Result<std::vector<Decided>> decide_features_report(
    const State& state, const Command& command, const ReportFeatures& report
) {
  if (auto ok = check_fence(state, report.fence); !ok) return pass_on(ok);
  Facts facts(state, command);
  facts.report({report.fence, report.read_back, {}}, report.applied, report.observed);
  if (!report.failed.empty() || !report.error.empty()) {
    facts.add(FeatureFailed{report.fence, report.failed, report.error});
  }
  return facts.done();
}

Result<std::vector<Decided>> decide_feature(
    const State& state, const Command& command, const SetFeature& set
) {
  const auto known = state.features.find(set.feature);
  if (known == state.features.end()) return unknown_feature(state, set);
  const Amount& now = known->second;
  const bool there = now.requested == set.percentage && now.applied == set.percentage &&
                     now.observed == set.percentage;
  Facts facts(state, command);
  if (there) {
    if (set.percentage == Share::none()) {
      facts.add(FeatureRequested{{{set.feature, set.percentage}}});
    }
    return facts.done();
  }
  if (rises(state, set)) {
    if (auto ok = check_running(state); !ok) return pass_on(ok);
    if (auto ok = check_gates(state, set.gates); !ok) return pass_on(ok);
    if (!set.gates.empty()) facts.add(GatesChecked{state.phase, set.gates});
  }
  facts.take_executor();
  facts.add(FeatureRequested{{{set.feature, set.percentage}}});
  return facts.done();
}

}  // namespace hal9::migration
