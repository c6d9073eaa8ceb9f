#include "migration/samples.h"

#include "base/id.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/support.h"

#include <chrono>
#include <fstream>
#include <ios>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::migration::test {

namespace {

template <class I>
I id(std::string_view text) {
  return I::parse(text).value();
}

Time time(std::string_view text) {
  return parse_time(text).value();
}

const RollbackId kFirst = id<RollbackId>("01987654-3210-7abc-8def-000000000001");
const RollbackId kSecond = id<RollbackId>("01987654-3210-7abc-8def-000000000002");

std::vector<RouteAmount> amounts() {
  return {
      {route("us-west-2.substrate"), percent(5), Share::none()},
      {route("eu-west-1.cognitive"), percent(0.25), {}},
      {route("eu-west-1.substrate"), {}, Share::all()},
  };
}

std::vector<FeatureAmount> features() {
  return {{name("hierarchical_learning"), Share::all()}, {name("meta_cognition"), percent(12.5)}};
}

std::vector<Gate> gates() {
  return {
      {GateName::router, GateOutcome::passed, "lb1 reads and writes", false},
      {GateName::watchdog, GateOutcome::not_checked, "none configured", false},
      {GateName::flat, GateOutcome::failed, "\"flat\" answers\t503", true},
  };
}

Configuration configuration() {
  auto full = small_configuration();
  full.router = RouterKind::haproxy;
  full.haproxy.balancers = {{name("lb1"), "/run/haproxy/admin.sock"}};
  full.haproxy.files = "/etc/haproxy/hal9";
  full.haproxy.user_key = "req.hdr(x-user)";
  full.haproxy.route_key = "req.hdr(x-route)";
  full.haproxy.flat_servers = {"127.0.0.1:9001"};
  full.haproxy.hierarchical_servers = {"127.0.0.1:9002", "127.0.0.1:9003"};
  return full;
}

RollbackPlan plan() {
  RollbackPlan plan;
  plan.id = kFirst;
  plan.kind = RollbackKind::gradual;
  plan.started = time("2026-08-01T03:04:05.000006Z");
  plan.ends = time("2026-08-01T03:14:05.000006Z");
  plan.from_phase = Phase::canary;
  plan.to_phase = Phase::none;
  plan.preserve_data = true;
  plan.routes = {
      {route("us-west-2.substrate"), percent(25), Share::none(), Share::all(), Share::none()}
  };
  return plan;
}

RecordCut cut() {
  RecordCut cut;
  cut.rollback = kSecond;
  cut.started = time("2026-08-01T03:04:05.000006Z");
  cut.observed_at = time("2026-08-01T03:04:05.031000Z");
  cut.force = true;
  cut.halt = true;
  cut.maintenance = true;
  cut.sessions_ended = 17;
  cut.before = amounts();
  cut.applied = {{route("us-west-2.substrate"), Share::none(), Share::none()}};
  cut.observed = cut.applied;
  cut.features_observed = features();
  cut.error = "lb2 did not answer";
  cut.servers = {{name("lb1"), "hierarchical/h1"}};
  cut.servers_found = {{name("lb2"), "shadow/h1"}};
  return cut;
}

RaisePlan raise() {
  RaisePlan plan;
  plan.id = id<RaiseId>("01987654-3210-7abc-8def-0000000000cc");
  plan.phase = Phase::ramp_up;
  plan.started = time("2026-08-01T03:04:05.000006Z");
  plan.ends = time("2026-08-01T03:14:05.000006Z");
  plan.pause_after = percent(25);
  plan.routes = {
      {route("us-west-2.substrate"),
       percent(5),
       percent(50),
       percent(2.5),
       percent(0),
       percent(0),
       percent(0)}
  };
  plan.phase_begun = Phase::state_migration;
  plan.held_begun = {route("us-west-2.substrate")};
  return plan;
}

std::vector<ExternalId> external() {
  return {{name("pagerduty"), "PX41"}, {name("jira"), "HAL9-7"}};
}

}  // namespace

std::vector<Fact> one_fact_of_each() {
  const auto full = configuration();
  return {
      MigrationOpened{name("demo")},
      ConfigurationAccepted{digest_of(full), full},
      GatesChecked{Phase::canary, gates()},
      PhaseEntered{Phase::shadow, Phase::canary},
      TrafficRequested{amounts()},
      TrafficApplied{7, amounts()},
      TrafficObserved{7, amounts()},
      TrafficRecorded{7, amounts()},
      TrafficFailed{7, {route("us-west-2.substrate")}, "connection refused"},
      FeatureRequested{features()},
      FeatureApplied{7, features()},
      FeatureObserved{7, features()},
      FeatureRecorded{7, features()},
      FeatureFailed{7, {name("meta_cognition")}, "connection refused"},
      RollbackStarted{plan()},
      RollbackAsked{RollbackKind::immediate, kFirst},
      RollbackSuperseded{kFirst, kSecond},
      RollbackCompleted{kSecond},
      RollbackStalled{kSecond, "lb2 did not answer"},
      HaltSet{true, 17, {{name("lb1"), "hierarchical/h1"}, {name("lb2"), "shadow/h1"}}},
      HaltReleased{{20}},
      HaltCleared{8},
      ExecutorTaken{8},
      SpoolTaken{2, {"{\"half a line"}},
      AnnotationAdded{"Zürich users wait 🚦", "support", kFirst},
      ObjectKept{
          parse_digest("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08").value(),
          12345,
          ObjectOf::annotation
      },
      RollbackCancelled{kSecond, amounts()},
      RoutesHalted{{route("us-west-2.substrate"), route("eu-west-1.cognitive")}},
      RoutesCleared{9, {route("us-west-2.substrate")}},
      RaiseStarted{raise()},
      RaisePaused{raise().id, "at the share that it was to pause at"},
      RaiseResumed{raise()},
      RaiseEnded{
          raise().id,
          RaiseEnd::failed,
          "the gate health has failed",
          kSecond,
          std::vector{route("us-west-2.substrate")}
      },
      IncidentOpened{Severity::critical, "p99 rises", name("alice"), external(), kSecond},
      IncidentChanged{{{40}}, Severity::major, "p99 rose", name("bob"), external()},
      IncidentJoined{{{40}}, kSecond},
      IncidentClosed{{{40}}},
      DriftFound{9, true, amounts()},
      HookRan{name("stop-shadow"), {40}, 2, HookEnd::failed, 1, Micros{1500}, "no cluster"},
      HookDismissed{name("stop-shadow"), {40}},
  };
}

std::vector<Command> one_command_of_each() {
  auto forward = move(Phase::canary, percent(5));
  forward.gates = gates();
  forward.gradual = std::chrono::minutes(10);
  auto back = rollback(Phase::canary, percent(2.5));
  back.gradual = std::chrono::minutes(10);
  const std::vector<CommandBody> bodies = {
      OpenMigration{name("demo")},
      AcceptConfiguration{configuration()},
      forward,
      back,
      SetFeature{name("meta_cognition"), percent(12.5), gates()},
      Annotate{"users wait", "support", time("2026-08-01T03:00:00.000000Z"), kFirst},
      TakeExecutor{},
      ReportTraffic{7, amounts(), amounts(), {route("us-west-2.substrate")}, "refused", true},
      ReportFeatures{7, features(), features(), {name("meta_cognition")}, "refused"},
      cut(),
      TakeSpool{2, {"{\"half a line"}},
      StepRaise{raise().id, {20}, gates(), amounts()},
      PauseRaise{raise().id, {20}, "stopped by os:alice"},
      ResumeRaise{gates(), {20}, percent(60)},
      AbortRaise{},
      CancelRollback{kFirst, amounts()},
      OpenIncident{Severity::critical, "p99 rises", name("alice"), external()},
      ChangeIncident{{{40}}, Severity::major, "p99 rose", name("bob"), external()},
      CloseIncident{{{40}}},
      ReportHook{name("stop-shadow"), {40}, HookEnd::failed, 1, Micros{1500}, "no cluster"},
      DismissHook{name("stop-shadow")},
  };
  std::vector<Command> commands;
  for (const auto& body : bodies) {
    Command command;
    command.id = id<CommandId>("01987654-3210-7abc-8def-0000000000aa");
    command.at = time("2026-08-01T03:04:05.000006Z");
    command.actor = {AuthType::user, "os:alice", Role::operator_, Via::cli};
    command.reason = "p99 rises";
    command.correlation = id<CorrelationId>("01987654-3210-7abc-8def-0000000000bb");
    command.body = body;
    commands.push_back(std::move(command));
  }
  return commands;
}

std::string golden(const std::string& path) {
  std::ifstream file(std::string(HAL9_SOURCE_DIR "/tests/golden/") + path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::stringstream bytes;
  bytes << file.rdbuf();
  std::string text = bytes.str();
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace hal9::migration::test
