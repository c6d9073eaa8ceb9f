#include "migration/decide.h"

#include "base/escape.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/decide_parts.h"
#include "migration/events.h"
#include "migration/fold.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

constexpr std::size_t kMaxTextBytes = 4096;

struct SubjectOf {
  ledger::Sequence at;  // of the fact

  static std::string routes(std::size_t count, const Route* first) {
    return count == 1 ? to_text(*first) : "all";
  }
  std::string operator()(const TrafficRequested& x) const { return amounts(x.routes); }
  std::string operator()(const TrafficApplied& x) const { return amounts(x.routes); }
  std::string operator()(const TrafficObserved& x) const { return amounts(x.routes); }
  std::string operator()(const TrafficRecorded& x) const { return amounts(x.routes); }
  std::string operator()(const TrafficFailed& x) const {
    return routes(x.routes.size(), x.routes.data());
  }
  std::string operator()(const FeatureRequested& x) const { return amounts(x.features); }
  std::string operator()(const FeatureApplied& x) const { return amounts(x.features); }
  std::string operator()(const FeatureObserved& x) const { return amounts(x.features); }
  std::string operator()(const FeatureRecorded& x) const { return amounts(x.features); }
  std::string operator()(const FeatureFailed& x) const {
    return x.features.size() == 1 ? x.features.front().text() : "all";
  }
  std::string operator()(const RollbackCancelled& x) const { return amounts(x.routes); }
  std::string operator()(const RoutesHalted& x) const {
    return routes(x.routes.size(), x.routes.data());
  }
  std::string operator()(const RoutesCleared& x) const {
    return routes(x.routes.size(), x.routes.data());
  }
  std::string operator()(const MigrationOpened& /*x*/) const { return {}; }
  std::string operator()(const ConfigurationAccepted& /*x*/) const { return {}; }
  std::string operator()(const ExecutorTaken& /*x*/) const { return {}; }
  std::string operator()(const SpoolTaken& /*x*/) const { return {}; }
  std::string operator()(const AnnotationAdded& /*x*/) const { return {}; }
  std::string operator()(const ObjectKept& /*x*/) const { return {}; }
  std::string operator()(const IncidentOpened& /*x*/) const { return subject_of(IncidentId{at}); }
  std::string operator()(const IncidentChanged& x) const { return subject_of(x.incident); }
  std::string operator()(const IncidentJoined& x) const { return subject_of(x.incident); }
  std::string operator()(const IncidentClosed& x) const { return subject_of(x.incident); }
  std::string operator()(const HookRan& x) const { return x.hook.text(); }
  std::string operator()(const HookDismissed& x) const { return x.hook.text(); }
  std::string operator()(const DriftFound& x) const { return amounts(x.routes); }
  // Phases, gates, rollbacks and halts concern every route.
  template <class T>
  std::string operator()(const T& /*x*/) const {
    return "all";
  }

 private:
  static std::string amounts(const std::vector<RouteAmount>& list) {
    return list.size() == 1 ? to_text(list.front().route) : "all";
  }
  static std::string amounts(const std::vector<FeatureAmount>& list) {
    return list.size() == 1 ? list.front().feature.text() : "all";
  }
};

bool has_free_text(const Fact& fact) {
  return std::holds_alternative<AnnotationAdded>(fact) ||
         std::holds_alternative<SpoolTaken>(fact) || std::holds_alternative<GatesChecked>(fact) ||
         std::holds_alternative<TrafficFailed>(fact) ||
         std::holds_alternative<FeatureFailed>(fact) ||
         std::holds_alternative<RollbackStalled>(fact) ||
         std::holds_alternative<RaisePaused>(fact) || std::holds_alternative<RaiseEnded>(fact) ||
         std::holds_alternative<IncidentOpened>(fact) ||
         std::holds_alternative<IncidentChanged>(fact) || std::holds_alternative<HookRan>(fact);
}

using Answer = Result<std::vector<Decided>>;

class Decider {
 public:
  Decider(const State& state, const Command& command) : state_(state), command_(command) {}

  Answer operator()(const OpenMigration& open) const {
    if (state_.name == open.name) return std::vector<Decided>{};
    if (!state_.name.text().empty()) {
      return fail(
          Code::conflict,
          fmt::format("this ledger is the one of migration {}", state_.name.text()),
          "a ledger holds one migration",
          "nothing was changed",
          "hal9-migrate status"
      );
    }
    return one(MigrationOpened{open.name});
  }
  Answer operator()(const AcceptConfiguration& accept) const {
    const Digest digest = digest_of(accept.configuration);
    if (state_.configuration == digest) return std::vector<Decided>{};
    return one(ConfigurationAccepted{digest, accept.configuration});
  }
  Answer operator()(const Move& move) const { return decide_move(state_, command_, move); }
  Answer operator()(const RollBack& back) const { return decide_rollback(state_, command_, back); }
  Answer operator()(const SetFeature& set) const { return decide_feature(state_, command_, set); }
  Answer operator()(const Annotate& annotate) const {
    if (annotate.text.empty() || annotate.text.size() > kMaxTextBytes ||
        annotate.source.size() > kMaxTextBytes) {
      return fail(
          Code::usage,
          annotate.text.empty() ? "an annotation needs a text"
                                : "text and source of an annotation have 4096 bytes at most",
          "",
          "nothing was changed",
          "hal9-migrate annotate \"what happened\" --source \"who saw it\""
      );
    }
    return one(AnnotationAdded{annotate.text, annotate.source, annotate.rollback}, annotate.at);
  }
  Answer operator()(const TakeExecutor& /*take*/) const {
    Facts facts(state_, command_);
    facts.take_executor();
    return facts.done();
  }
  Answer operator()(const ReportTraffic& report) const {
    return decide_traffic_report(state_, command_, report);
  }
  Answer operator()(const ReportFeatures& report) const {
    return decide_features_report(state_, command_, report);
  }
  Answer operator()(const RecordCut& cut) const { return decide_cut(state_, command_, cut); }
  Answer operator()(const TakeSpool& take) const {
    if (take.commands == 0 && take.unreadable.empty()) return std::vector<Decided>{};
    SpoolTaken taken{take.commands, {}};
    for (const auto& line : take.unreadable) {
      taken.unreadable.push_back(shorten(line, kMaxTextBytes));
    }
    return one(std::move(taken));
  }
  Answer operator()(const StepRaise& step) const { return decide_step(state_, command_, step); }
  Answer operator()(const PauseRaise& pause) const { return decide_pause(state_, command_, pause); }
  Answer operator()(const ResumeRaise& resume) const {
    return decide_resume(state_, command_, resume);
  }
  Answer operator()(const AbortRaise& /*abort*/) const { return decide_abort(state_, command_); }
  Answer operator()(const CancelRollback& cancel) const {
    return decide_cancel(state_, command_, cancel);
  }
  Answer operator()(const OpenIncident& open) const { return decide_open(state_, command_, open); }
  Answer operator()(const ChangeIncident& change) const {
    return decide_change(state_, command_, change);
  }
  Answer operator()(const CloseIncident& close) const {
    return decide_close(state_, command_, close);
  }
  // It did run: that is recorded whatever became of it meanwhile.
  Answer operator()(const ReportHook& report) const {
    std::uint64_t attempts = 0;
    for (const auto& due : state_.hooks_due) {
      if (due.hook == report.hook && due.since == report.since) attempts = due.attempts;
    }
    return one(HookRan{
        report.hook,
        report.since,
        attempts + 1,
        report.end,
        report.code,
        report.took,
        shorten(report.error, kMaxTextBytes)
    });
  }
  Answer operator()(const DismissHook& dismiss) const {
    Facts facts(state_, command_);
    for (const auto& due : state_.hooks_due) {
      if (due.hook == dismiss.hook) facts.add(HookDismissed{due.hook, due.since});
    }
    return facts.done();
  }

 private:
  [[nodiscard]] std::vector<Decided> one(Fact fact, std::optional<Time> time = {}) const {
    Facts facts(state_, command_);
    facts.add(std::move(fact), time);
    return facts.done();
  }

  const State& state_;
  const Command& command_;
};

// What helps against a gate that blocks.
std::string line_against(GateName gate) {
  switch (gate) {
    case GateName::halt:
      return "hal9-migrate rollback";
    case GateName::router:
    case GateName::flat:
      return "hal9-migrate traffic --verify";
    default:
      return "hal9-migrate status --detailed";
  }
}

}  // namespace

void Facts::add(Fact fact, std::optional<Time> time) {
  state_.sequence.value += 1;
  fold_fact(
      state_,
      fact,
      {state_.sequence, time.value_or(command_.at), command_.actor.id, command_.reason}
  );
  std::string subject = std::visit(SubjectOf{state_.sequence}, fact);
  const bool free_text = has_free_text(fact);
  decided_.push_back({std::move(fact), std::move(subject), time, free_text});
}

void Facts::take_executor() {
  add(ExecutorTaken{state_.fence + 1});
}

void Facts::report(
    const Report& report,
    const std::vector<RouteAmount>& applied,
    const std::vector<RouteAmount>& observed
) {
  if (!report.read_back) {
    if (!observed.empty()) add(TrafficRecorded{report.fence, observed}, report.time);
    return;
  }
  if (!applied.empty()) add(TrafficApplied{report.fence, applied}, report.time);
  if (!observed.empty()) add(TrafficObserved{report.fence, observed}, report.time);
}

void Facts::report(
    const Report& report,
    const std::vector<FeatureAmount>& applied,
    const std::vector<FeatureAmount>& observed
) {
  if (!report.read_back) {
    if (!observed.empty()) add(FeatureRecorded{report.fence, observed}, report.time);
    return;
  }
  if (!applied.empty()) add(FeatureApplied{report.fence, applied}, report.time);
  if (!observed.empty()) add(FeatureObserved{report.fence, observed}, report.time);
}

void Facts::complete(const RollbackId& id, const Report& report) {
  const auto found = std::ranges::find_if(state_.running, [&](const Rollback& rollback) {
    return rollback.plan.id == id;
  });
  if (found == state_.running.end()) return;
  const Phase to = found->plan.to_phase;
  add(RollbackCompleted{id, report.read_back}, report.time);
  // Beside one that has ended the phase, one of some routes enters none again.
  if (to < state_.phase) add(PhaseEntered{state_.phase, to}, report.time);
}

Result<void> check_gates(const State& state, const std::vector<Gate>& gates) {
  for (const auto& gate : gates) {
    if (!blocks(gate, state.strict_gates)) continue;
    const std::string evidence = gate.evidence.empty() ? "" : ": " + gate.evidence;
    return fail(
        Code::gate,
        fmt::format(
            "the gate {} {} {}{}",
            to_text(gate.name),
            gate.outcome == GateOutcome::failed ? "has" : "is",
            to_text(gate.outcome),
            evidence
        ),
        gate.outcome == GateOutcome::not_checked
            ? "the configuration says gates: strict, so every gate has to be checked"
            : "traffic goes forward only when every gate has passed",
        "nothing was changed",
        line_against(gate.name)
    );
  }
  return {};
}

Result<void> check_running(const State& state) {
  if (state.running.empty()) return {};
  const auto& rollback = state.running.front();
  return fail(
      Code::conflict,
      fmt::format(
          "rollback {} is open, begun by {} at {}",
          to_text(rollback.plan.id),
          rollback.by,
          for_people(rollback.plan.started)
      ),
      "traffic goes forward only when no rollback is open",
      "nothing was changed; the rollback stays open",
      "hal9-migrate rollback resume"
  );
}

Result<std::vector<Decided>> decide(const State& state, const Command& command) {
  auto decided = std::visit(Decider(state, command), command.body);
  if (!decided || decided->empty()) return decided;
  decided = with_incident(state, command, std::move(*decided));
  for (const ObjectKept& kept : command.objects) decided->push_back({kept, {}, {}, false});
  return decided;
}

}  // namespace hal9::migration
