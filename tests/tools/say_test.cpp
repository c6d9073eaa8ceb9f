#include "say.h"

#include "base/escape.h"
#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/views.h"
#include "hostile.h"
#include "ledger/line.h"
#include "ledger/verify.h"
#include "migration/gate.h"
#include "migration/rollback.h"
#include "said.h"
#include "terminal.h"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

TEST(RollbacksText, HasTheShareFromAndTo) {
  engine::RollbackView view;
  migration::RouteLowering lowering;
  lowering.share_from = Share::of_hundredths(2500);
  lowering.share_to = Share::of_hundredths(500);
  view.rollback.plan.routes = {lowering};
  const std::string text = rollbacks_text({view}, {});
  EXPECT_NE(text.find("SHARE FROM  SHARE TO"), std::string::npos) << text;
  EXPECT_NE(text.find("25%         5%"), std::string::npos) << text;
  lowering = {};
  lowering.mirror_from = Share::all();
  view.rollback.plan.routes = {lowering};
  EXPECT_NE(rollbacks_text({view}, {}).find("mirror 100%  mirror 0%"), std::string::npos);
}

TEST(ConfigCheckText, SaysWhatTheLedgerDidNotAcceptAndHowToAcceptIt) {
  ConfigCheck check;
  check.file = "hal9.yaml";
  EXPECT_EQ(last_line(config_check_text(check, false)), "next: hal9-migrate status");
  check.break_glass_file = "break-glass.sh";
  check.break_glass = BreakGlass::stale;
  std::string text = config_check_text(check, false);
  EXPECT_NE(text.find("! break-glass.sh is stale"), std::string::npos);
  EXPECT_EQ(
      last_line(text),
      "next: hal9-migrate rollback --emergency --print --output " + escape_shell("break-glass.sh")
  );
  EXPECT_EQ(text.find("copy"), std::string::npos);
  check.copy_file = ".hal9-accepted.json";
  check.copy_is_current = false;
  text = config_check_text(check, false);
  EXPECT_NE(text.find("! .hal9-accepted.json is not a copy of it"), std::string::npos);
  check.break_glass = BreakGlass::missing;
  EXPECT_NE(config_check_text(check, false).find("! break-glass.sh is missing"), std::string::npos);
  check.accepted.differences = {"routes added: eu.x"};
  text = config_check_text(check, false);
  EXPECT_NE(text.find("! it is not the configuration that"), std::string::npos);
  EXPECT_NE(text.find("\n  routes added: eu.x\n"), std::string::npos);
  EXPECT_TRUE(last_line(text).starts_with("next: hal9-migrate annotate "));
  check.not_compared = "the ledger is locked";
  EXPECT_NE(config_check_text(check, false).find("the ledger is locked"), std::string::npos);
}

TEST(ConfigCheckText, CallsNothingRightThatCannotCut) {
  ConfigCheck check;
  check.file = "hal9.yaml";
  EXPECT_NE(config_check_text(check, false).find("hal9.yaml is right\n"), std::string::npos);
  check.refusals = {"it has no backend x"};
  const auto text = config_check_text(check, false);
  EXPECT_EQ(text.find("is right\n"), std::string::npos) << text;
  EXPECT_EQ(last_line(text), "next: hal9-migrate traffic --verify");
  check.next = "${EDITOR:-vi} hal9.yaml";
  EXPECT_EQ(last_line(config_check_text(check, false)), "next: ${EDITOR:-vi} hal9.yaml");
}

TEST(ConfigCheck, ComparesCommandsAndNotComments) {
  EXPECT_TRUE(has_lines("#!/bin/sh\n# old words\n\ncut a\ncut b\n", {"# new", "cut a", "cut b"}));
  EXPECT_FALSE(has_lines("cut a\n", {"cut a", "cut b"}));
  EXPECT_FALSE(has_lines("cut a\ncut b\n", {"cut a"}));
  EXPECT_FALSE(has_lines("", {"cut a"}));
}

engine::Outcome rolled_back() {
  engine::Outcome outcome;
  outcome.headline = "observed at 0%";
  outcome.next = "hal9-migrate traffic --verify";
  outcome.moved = true;
  outcome.first = ledger::Sequence{12};
  outcome.last = ledger::Sequence{17};
  outcome.rollback = engine::RollbackView{};
  return outcome;
}

TEST(OutcomeText, EndsWithTheLineToTypeNext) {
  const std::string text = outcome_text(rolled_back(), {true, true}, false);
  EXPECT_EQ(first_line(text), "✓ observed at 0%");
  EXPECT_EQ(last_line(text), "next: hal9-migrate traffic --verify");
  EXPECT_NE(text.find("events 12-17"), std::string::npos);
  EXPECT_EQ(text.find("annotate"), std::string::npos);
}

TEST(OutcomeText, AsksForTheReasonThatWasNotGiven) {
  const std::string text = outcome_text(rolled_back(), {true, false}, false);
  EXPECT_NE(
      text.find("hal9-migrate annotate --rollback 00000000-0000-0000-0000-000000000000 \"why\""),
      std::string::npos
  );
  EXPECT_EQ(outcome_text(rolled_back(), {false, false}, false).find("annotate"), std::string::npos);
}

// Its reason is nobody's question any more: it is the other rollback that is being asked about.
TEST(OutcomeText, AsksNoReasonOfARollbackThatWasSuperseded) {
  auto outcome = rolled_back();
  outcome.rollback->rollback.superseded_by = RollbackId{};
  EXPECT_EQ(outcome_text(outcome, {true, false}, false).find("annotate"), std::string::npos);
}

TEST(OutcomeText, SaysHowAnInterruptedOneGoesOn) {
  auto outcome = rolled_back();
  outcome.code = Code::interrupted;
  outcome.next.clear();
  const std::string text = outcome_text(outcome, {true, true}, false);
  EXPECT_TRUE(text.starts_with("! "));
  EXPECT_EQ(last_line(text), "next: hal9-migrate rollback resume");
}

TEST(OutcomeText, ShowsTheLinesForABalancerThatDoesNotAnswer) {
  auto outcome = rolled_back();
  outcome.code = Code::partly_done;
  outcome.break_glass = {"echo 'set map' | socat stdio /run/haproxy.sock"};
  const std::string text = outcome_text(outcome, {}, false);
  EXPECT_NE(text.find("  echo 'set map' | socat"), std::string::npos);
  // Some routers have none, and some lines cut a part alone.
  EXPECT_EQ(text.find("kill switch"), std::string::npos) << text;
  EXPECT_EQ(text.find("everything"), std::string::npos) << text;
}

TEST(OutcomeText, SaysWhereTheRecordIs) {
  auto outcome = rolled_back();
  outcome.recorded = engine::RecordedWhere::spool;
  EXPECT_NE(outcome_text(outcome, {}, false).find("spool"), std::string::npos);
  outcome.recorded = engine::RecordedWhere::nowhere;
  EXPECT_NE(outcome_text(outcome, {}, false).find("NOT RECORDED"), std::string::npos);
}

TEST(GatesText, GivesEachGateAMarkAWordAndItsEvidence) {
  using migration::GateName;
  using migration::GateOutcome;
  const std::vector<migration::Gate> gates = {
      {GateName::router, GateOutcome::passed, "read and written", false},
      {GateName::health, GateOutcome::not_checked, "nothing configured", false},
      {GateName::flat, GateOutcome::failed, "0 servers up", false},
      {GateName::spool, GateOutcome::unknown, "cannot be read", true},
  };
  EXPECT_EQ(
      gates_text(gates, false),
      "✓ gate router      passed: read and written\n"
      "- gate health      not checked: nothing configured\n"
      "✗ gate flat        failed: 0 servers up\n"
      "! gate spool       unknown, overridden: cannot be read\n"
  );
}

TEST(GatesText, IsColouredOnlyWhenItMay) {
  const std::vector<migration::Gate> gates(1);
  EXPECT_NE(gates_text(gates, true).find('\x1b'), std::string::npos);
  EXPECT_EQ(gates_text(gates, false).find('\x1b'), std::string::npos);
}

TEST(ActivityText, SaysNoActiveRequestsOnlyIfThatIsKnown) {
  engine::ActivityView view{"hierarchical", true, "", 0, 0, 0, std::chrono::seconds(10)};
  EXPECT_EQ(activity_text(view, false), "No active requests\n");
  view.arrived = 1;
  EXPECT_EQ(activity_text(view, false).find("No active"), std::string::npos);
  view.arrived = 0;
  view.known = false;
  EXPECT_EQ(activity_text(view, false).find("No active"), std::string::npos);
}

TEST(EntryText, QuotesTheReasonWhenAskedTo) {
  engine::TimelineEntry entry;
  entry.sequence = {12};
  entry.time = entry.recorded = *parse_time("2026-08-01T03:04:05.000000Z");
  entry.actor = "os:alice";
  entry.text = "rollback started";
  entry.reason = "users complain";
  EXPECT_EQ(
      entry_text(entry, true),
      "2026-08-01 03:04:05Z      12  os:alice  rollback started \"users complain\"\n"
  );
  EXPECT_EQ(entry_text(entry, false).find("complain"), std::string::npos);
  entry.recorded += std::chrono::seconds(90);
  EXPECT_NE(entry_text(entry, false).find("recorded 2026-08-01 03:05:35Z"), std::string::npos);
}

// Written down before the ledger could take it: whoever reads the timeline has to see that.
TEST(EntryText, SaysThatItCameThroughTheSpool) {
  engine::TimelineEntry entry;
  entry.sequence = {12};
  entry.time = *parse_time("2026-08-01T03:04:05.000000Z");
  entry.recorded = *parse_time("2026-08-01T03:34:05.000000Z");
  entry.actor = "os:alice";
  entry.text = "emergency rollback started";
  entry.via = "spool";
  EXPECT_EQ(
      entry_text(entry, false),
      "2026-08-01 03:04:05Z      12  os:alice  emergency rollback started (via spool) "
      "(recorded 2026-08-01 03:34:05Z)\n"
  );
  entry.via = "cli";
  EXPECT_EQ(entry_text(entry, false).find("via"), std::string::npos);
}

TEST(Say, LetsNoHostileTextThrough) {
  for (const std::string& text : hostile()) {
    engine::TimelineEntry entry;
    entry.actor = entry.text = entry.reason = text;
    EXPECT_TRUE(harmless(entry_text(entry, true)));

    auto outcome = rolled_back();
    outcome.headline = outcome.detail = outcome.next = text;
    outcome.notes = outcome.break_glass = {text};
    EXPECT_TRUE(harmless(outcome_text(outcome, {true, false}, false)));

    auto view = status("none");
    view.where = {text, text, text, text};
    view.router_error = view.phase_by = text;
    view.state.phase_since = *parse_time("2026-08-01T03:04:05.000000Z");
    view.state.anomaly_count = 1;
    view.state.anomalies = {{{1}, text}};
    EXPECT_TRUE(harmless(status_text(view, {false, false, true})));

    auto split = traffic(0, 0);
    split.router_error = text;
    split.differences = {{text, text, text}};
    split.others = {{text, {}, Share::all(), Share::all()}};
    EXPECT_TRUE(harmless(traffic_text(split, {}, true)));

    engine::RollbackView rollback;
    rollback.rollback.by = rollback.rollback.reason = text;
    EXPECT_TRUE(harmless(rollbacks_text({rollback}, {})));
    EXPECT_TRUE(harmless(rollback_text(rollback, {}, "", {})));

    engine::VerifyView verified;
    verified.where = {text, text, text, text};
    verified.finding = ledger::Finding{{1}, text};
    EXPECT_TRUE(harmless(verify_text(verified, false)));

    ConfigCheck check;
    check.file = check.router = check.break_glass_file = text;
    check.break_glass = BreakGlass::stale;
    EXPECT_TRUE(harmless(config_check_text(check, false)));
    check.accepted.differences = {text};
    EXPECT_TRUE(harmless(config_check_text(check, false)));

    EXPECT_TRUE(harmless(activity_text({text, false, text, 0, 0, 0, {}}, false)));
    EXPECT_TRUE(harmless(gates_text({{migration::GateName::flat, {}, text, false}}, false)));
  }
}

// A person reads an error in four lines, and none of them can be drawn over.
TEST(Terminal, PrintsAnErrorInFourLines) {
  const std::string text = printed_by({}, [](Terminal& terminal) {
    terminal.say(Error{Code::locked, "the ledger\x1b[2J is locked", "pid 7", "unchanged", "wait"});
  });
  EXPECT_TRUE(text.starts_with("hal9-migrate: ✗ the ledger"));
  EXPECT_TRUE(harmless(text));
  EXPECT_TRUE(text.ends_with("  why: pid 7\n  state: unchanged\n  next: wait\n"));
}

}  // namespace
}  // namespace hal9::tools
