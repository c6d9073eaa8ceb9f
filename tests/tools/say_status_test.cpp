#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "migration/hook.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "said.h"
#include "say.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

TEST(TrafficText, SaysWhatTheRunbookExpects) {
  EXPECT_EQ(first_line(traffic_text(traffic(0, 0), {}, true)), "Flat: 100%, Hierarchical: 0%");
}

TEST(TrafficText, GivesRangesWhereRoutesDiffer) {
  EXPECT_EQ(
      first_line(traffic_text(traffic(0, 500), {}, true)), "Flat: 95-100%, Hierarchical: 0-5%"
  );
}

TEST(TrafficText, SaysOnEachTrafficLineThatItIsOnlyRecorded) {
  auto view = traffic(500, 500);
  view.observed = false;
  view.where.router = "ledger-only (moves nothing)";
  EXPECT_EQ(
      traffic_text(view, {}, false),
      "Flat: 95%, Hierarchical: 5% (recorded, not observed)\n"
      "Routes: all 2 at share 5%, mirror 0% (recorded, not observed)\n"
      "next: hal9-migrate status\n"
  );
  EXPECT_FALSE(differs(view)) << "a router that moves nothing has nothing to differ";
}

TEST(TrafficText, NamesAKeyThatIsUpAndNoConfiguredRoute) {
  auto view = traffic(0, 0);
  const migration::Route old{*Name::parse("old"), *Name::parse("cart")};
  view.others = {{"old.cart", old, Share::of_hundredths(700), Share::none()}};
  EXPECT_TRUE(differs(view));
  std::string text = traffic_text(view, {}, true);
  EXPECT_NE(
      text.find(
          "old.cart is no configured route, and the router still sends 7% of it to hierarchical\n"
      ),
      std::string::npos
  );
  EXPECT_EQ(text.find("observed is what is recorded"), std::string::npos);
  EXPECT_EQ(last_line(text), "next: hal9-migrate rollback");
  view.others.push_back({"legacy", {}, Share::none(), Share::of_hundredths(300)});
  text = traffic_text(view, {}, true);
  EXPECT_NE(text.find("sends 0% of it to hierarchical and mirrors 3%"), std::string::npos);
  EXPECT_EQ(last_line(text), "next: hal9-migrate rollback --emergency") << "no rollback lowers it";
}

TEST(TrafficText, NamesWhatDiffersAndTheLineToType) {
  auto view = traffic(0, 500);
  view.differences = {{"eu-west-1.protocol", "0%", "5%"}};
  EXPECT_TRUE(differs(view));
  const std::string text = traffic_text(view, {}, true);
  EXPECT_NE(text.find("eu-west-1.protocol: recorded 0%, observed 5%"), std::string::npos);
  EXPECT_EQ(last_line(text), "next: hal9-migrate timeline") << "below: nothing to lower";
  view.above = true;
  EXPECT_EQ(last_line(traffic_text(view, {}, true)), "next: hal9-migrate rollback");
  view.phase = migration::Phase::canary;
  EXPECT_EQ(last_line(traffic_text(view, {}, true)), "next: hal9-migrate rollback --percentage 5");
  view.flat_down = true;
  EXPECT_EQ(last_line(traffic_text(view, {}, true)), "next: hal9-migrate monitor --system flat");
  EXPECT_NE(traffic_text(view, {}, true).find("✗ bring flat up first"), std::string::npos);
  view.spooled = 2;
  EXPECT_TRUE(
      last_line(traffic_text(view, {}, true)).starts_with("next: hal9-migrate rollback resume")
  );
}

// The others would rise to it.
TEST(TrafficText, BringsUpAFallenBalancerByTheRoutesThatAreHighest) {
  auto view = traffic(4000, 6000);
  view.phase = migration::Phase::canary;
  view.fallen = {"lb2"};
  view.differences = {{"balancer lb2", "follows", "restarted"}};
  EXPECT_EQ(
      last_line(traffic_text(view, {}, true)),
      "next: hal9-migrate migrate --phase canary --percentage 60 --components protocol"
  );
  view.routes.front() = route_view("cognitive", 6000);
  EXPECT_EQ(
      last_line(traffic_text(view, {}, true)),
      "next: hal9-migrate migrate --phase canary --percentage 60"
  );
}

TEST(TrafficText, SaysThatThereIsNoRecordToCompareWith) {
  auto view = traffic(0, 0);
  view.ledger_error =
      Error{Code::not_ours, "hal9.db is not a ledger", "", "", "hal9-migrate config view"};
  EXPECT_TRUE(differs(view));
  const std::string text = traffic_text(view, {}, true);
  EXPECT_NE(text.find("✗ no record to compare with: hal9.db is not a ledger"), std::string::npos);
  EXPECT_EQ(text.find("observed is what is recorded"), std::string::npos);
  EXPECT_EQ(last_line(text), "next: hal9-migrate config view");
  view.hierarchical_high = Share::of_hundredths(500);
  EXPECT_EQ(last_line(traffic_text(view, {}, true)), "next: hal9-migrate rollback");
}

TEST(TrafficText, TakesARouterThatDoesNotAnswerForUnknown) {
  auto view = traffic(0, 0);
  view.observed = false;
  view.router_error = "lb-1 does not answer";
  EXPECT_TRUE(differs(view));
  EXPECT_NE(traffic_text(view, {}, true).find("not observed"), std::string::npos);
}

TEST(StatusText, BeginsWithThePhase) {
  EXPECT_EQ(
      first_line(status_text(status("canary (5%)"), {})),
      "Phase: canary (5%) (recorded, not observed)"
  );
  auto view = status("none");
  view.where.router = "haproxy (1 balancer)";
  view.reading = engine::Reading{};
  EXPECT_EQ(first_line(status_text(view, {})), "Phase: none");
}

TEST(StatusText, WarnsOfAHaltTheSpoolAndARunningRollback) {
  auto view = status("canary (5%)");
  view.state.halt = ledger::Sequence{7};
  view.spooled = 2;
  engine::RollbackView running;
  running.remaining = std::chrono::minutes(3);
  view.running = {running};
  const std::string text = status_text(view, {});
  EXPECT_NE(text.find("! halted"), std::string::npos);
  EXPECT_NE(text.find("! 2 records wait in the spool"), std::string::npos);
  EXPECT_NE(text.find("3m left"), std::string::npos);
  EXPECT_NE(text.find("immediate of no route to 0%, ends in phase none"), std::string::npos)
      << text;
  EXPECT_EQ(last_line(text), "next: hal9-migrate rollback resume");
  view.running.clear();
  EXPECT_EQ(last_line(status_text(view, {})), "next: hal9-migrate rollback resume") << "the spool";
}

TEST(StatusText, NamesTheFirstHooksThatAreDueAndCountsTheOthers) {
  auto view = status("none");
  for (std::uint64_t at = 1; at <= 7; ++at) {
    migration::DueHook due;
    due.hook = *Name::parse("scale");
    due.since = ledger::Sequence{at};
    due.phase = migration::Phase::canary;
    view.state.hooks_due.push_back(due);
  }
  const std::string text = status_text(view, {});
  EXPECT_NE(text.find("hook scale is due since event 5 "), std::string::npos) << text;
  EXPECT_EQ(text.find("hook scale is due since event 6 "), std::string::npos) << text;
  EXPECT_NE(text.find("! 2 more hooks are due: hal9-migrate hook list"), std::string::npos) << text;
}

TEST(StatusText, LeadsFromEachHookThatIsListedToWhatHelps) {
  auto view = status("canary");
  view.state.phase = migration::Phase::canary;
  migration::DueHook due;
  due.hook = *Name::parse("scale");
  due.since = ledger::Sequence{40};
  due.phase = migration::Phase::shadow;
  view.state.hooks = {{due.hook, due.on, due.phase}};
  view.state.hooks_due = {due};
  const auto says = [&](const std::string& words) {
    const std::string text = status_text(view, {});
    EXPECT_NE(text.find("! hook scale " + words + "\n"), std::string::npos) << text;
  };
  says("is due since event 40 (phase-end of shadow): hal9-migrate hook retry scale");
  view.state.hooks.clear();
  says("is due since event 40 (phase-end of shadow): hal9-migrate hook dismiss scale");
  view.state.hooks = {{due.hook, due.on, due.phase}};
  view.state.hooks_due.front().phase = migration::Phase::canary;
  says(
      "was due since event 40 (phase-end of canary); not run: canary was entered again: "
      "hal9-migrate hook dismiss scale"
  );
}

TEST(StatusText, GivesEachRouteItsLineWhereTheyDiffer) {
  auto view = status("canary (0-5%)");
  view.routes.front() = route_view("cognitive", 0);
  const std::string text = status_text(view, {});
  EXPECT_NE(text.find("eu-west-1.cognitive  0%"), std::string::npos) << text;
  EXPECT_NE(text.find("eu-west-1.protocol   5%"), std::string::npos) << text;
}

// What the router shows otherwise than the ledger is said where people look first, with its line.
TEST(StatusText, NamesWhatTheRouterShowsOtherwise) {
  auto view = status("canary (5%)");
  view.where.router = "haproxy (1 balancer)";
  view.state.phase = migration::Phase::canary;
  view.reading = engine::Reading{};
  view.reading->flat.servers_up = view.reading->hierarchical.servers_up = 1;
  view.differences = {{"eu-west-1.cognitive share", "5%", "50%"}};
  view.above = true;
  std::string text = status_text(view, {});
  EXPECT_NE(text.find("eu-west-1.cognitive share: recorded 5%, observed 50%"), std::string::npos);
  EXPECT_TRUE(last_line(text).starts_with("next: hal9-migrate rollback --percentage 5")) << text;
  view.above = false;
  EXPECT_EQ(last_line(status_text(view, {})), "next: hal9-migrate traffic --verify");
  view.reading->others = {{"ap.old", {}, Share::of_hundredths(300), {}}};
  view.differences.clear();
  text = status_text(view, {});
  EXPECT_NE(text.find("ap.old is no configured route"), std::string::npos);
  EXPECT_EQ(last_line(text), "next: hal9-migrate traffic --verify");
  view.differences.resize(7, {"eu-west-1.cognitive share", "5%", "50%"});
  EXPECT_NE(status_text(view, {}).find("and 2 more"), std::string::npos);
}

TEST(StatusText, SaysThatFlatTakesNoTraffic) {
  auto view = status("canary (5%)");
  view.where.router = "haproxy (1 balancer)";
  view.reading = engine::Reading{};
  view.reading->flat.servers_up = 1;
  view.reading->flat.servers_maintenance = 2;
  EXPECT_NE(status_text(view, {}).find("! flat: 2 of 3 servers are not up"), std::string::npos);
  view.reading->flat.servers_up = 0;
  view.flat_down = true;
  const std::string text = status_text(view, {});
  EXPECT_NE(text.find("flat takes no traffic: none of its servers is up"), std::string::npos);
  EXPECT_NE(text.find("2 in maintenance"), std::string::npos);
  EXPECT_NE(text.find("bring it up first"), std::string::npos);
  EXPECT_EQ(last_line(text), "next: hal9-migrate traffic --verify");
}

TEST(StatusText, SaysThatUsersAreSentToASystemThatIsAway) {
  auto view = status("canary (5%)");
  view.where.router = "haproxy (1 balancer)";
  view.reading = engine::Reading{};
  view.reading->flat.servers_up = 1;
  view.reading->hierarchical.servers_maintenance = 1;
  const std::string text = status_text(view, {});
  EXPECT_NE(text.find("✗ hierarchical takes no traffic"), std::string::npos);
  EXPECT_EQ(last_line(text), "next: hal9-migrate rollback");
  view.reading->halted = true;
  EXPECT_EQ(status_text(view, {}).find("takes no traffic"), std::string::npos) << "as it should be";
  view.reading->halted = false;
  for (auto& route : view.routes) route.share = {};
  EXPECT_EQ(status_text(view, {}).find("takes no traffic"), std::string::npos) << "no user is sent";
}

}  // namespace
}  // namespace hal9::tools
