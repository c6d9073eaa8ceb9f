// What weights do to real requests, and what is left of them after a reload.
#include "adapters/haproxy/weight_router.h"
#include "base/share.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/http.h"
#include "conformance/router/process.h"
#include "conformance/router/weight_setup.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "migration/server.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

namespace hal9::testing {
namespace {

using engine::Toward;
using migration::RouteAmount;

std::vector<RouteAmount> all_at(const WeightSetup& setup, Share share) {
  std::vector<RouteAmount> amounts;
  for (const auto& route : migration::routes_of(setup.configuration)) {
    amounts.push_back({route, share, {}});
  }
  return amounts;
}

Share percent(const engine::Router& router, std::uint32_t hundredths) {
  return router.reachable(Share::of_hundredths(hundredths));
}

std::size_t longest_run(const std::vector<bool>& requests) {
  std::size_t longest = 0;
  std::size_t now = 0;
  for (const bool at_hierarchical : requests) {
    now = at_hierarchical ? now + 1 : 0;
    longest = std::max(longest, now);
  }
  return longest;
}

const WeightOptions kOnePool{.one_pool = true, .server_options = {}};

TEST(HaproxyWeights, SendTheShareThatIsReadAndNoBurst) {
  const WeightSetup setup(kOnePool);
  const auto router = haproxy::make_weight_router(setup.configuration);
  for (const std::uint32_t hundredths : {500U, 5000U, 1000U, 0U}) {
    const auto share = percent(*router, hundredths);
    const auto before = router->read()->routes.front().share;
    const auto toward = share > before ? Toward::hierarchical : Toward::flat;
    ASSERT_TRUE(router->set_traffic(all_at(setup, share), toward));
    EXPECT_EQ(router->read()->routes.front().share, share);
    const auto requests = setup.ask(512);
    const auto there = std::ranges::count(requests, true);
    EXPECT_NEAR(static_cast<double>(there), 512.0 * share.hundredths() / 10000.0, 8.0);
    EXPECT_LE(longest_run(requests), 4U) << hundredths;
  }
  EXPECT_EQ(longest_run(setup.ask(200)), 0U);
}

TEST(HaproxyWeights, RiseOnlyForAWholePoolAndFallForAPartOfIt) {
  const WeightSetup setup(kOnePool);
  const auto router = haproxy::make_weight_router(setup.configuration);
  const auto half = percent(*router, 5000);
  const std::vector<RouteAmount> one{{route("us-west-2", "substrate"), half, {}}};
  EXPECT_FALSE(router->set_traffic(one, Toward::hierarchical));
  EXPECT_EQ(router->read()->routes.front().share, Share::none());
  ASSERT_TRUE(router->set_traffic(all_at(setup, half), Toward::hierarchical));
  const std::vector<RouteAmount> down{{route("us-west-2", "substrate"), Share::none(), {}}};
  ASSERT_TRUE(router->set_traffic(down, Toward::flat));
  for (const auto& seen : router->read()->routes) EXPECT_EQ(seen.share, Share::none());
  EXPECT_EQ(router->moved_with(std::vector{route("us-west-2", "substrate")}).size(), 15U);
}

// Both sides at 0 would be an outage.
TEST(HaproxyWeights, LeaveFlatUpBehindAHaltThatAWholeRaiseComesAfter) {
  const WeightSetup setup(kOnePool);
  const auto router = haproxy::make_weight_router(setup.configuration);
  ASSERT_TRUE(router->cut(router->cut_time()).halted);
  ASSERT_TRUE(router->set_traffic(all_at(setup, Share::all()), Toward::hierarchical));
  EXPECT_EQ(longest_run(setup.ask(50)), 0U);
  EXPECT_TRUE(router->read()->halted);
}

TEST(HaproxyWeights, CutFromEverythingAnswersEveryRequest) {
  const WeightSetup setup(kOnePool);
  const auto router = haproxy::make_weight_router(setup.configuration);
  ASSERT_TRUE(router->set_traffic(all_at(setup, Share::all()), Toward::hierarchical));
  EXPECT_EQ(longest_run(setup.ask(50)), 50U);
  const auto report = router->cut(router->cut_time());
  EXPECT_TRUE(report.halted);
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(longest_run(setup.ask(200)), 0U);
}

TEST(HaproxyWeights, LeaveInMaintenanceWhatAPersonPutThere) {
  const WeightSetup setup(kOnePool);
  const auto router = haproxy::make_weight_router(setup.configuration);
  setup.tell("set server web/h2 state maint");
  const auto report = router->cut(router->cut_time());
  const std::vector<migration::Server> ours{{name("lb1"), "web/h1"}};
  EXPECT_EQ(report.servers, ours);
  ASSERT_TRUE(router->clear_halt(report.servers));
  const auto reading = router->read();
  ASSERT_TRUE(reading);
  EXPECT_FALSE(reading->halted);
  const std::vector<migration::Server> theirs{{name("lb1"), "web/h2"}};
  EXPECT_EQ(reading->in_maintenance, theirs);
}

// Flat takes less than its weight says after it came back: what is asked for is still not exceeded.
TEST(HaproxyWeights, LowerFurtherWhileFlatStartsSlowly) {
  const WeightSetup setup({.one_pool = true, .server_options = "slowstart 20s"});
  const auto router = haproxy::make_weight_router(setup.configuration);
  const auto half = percent(*router, 5000);
  ASSERT_TRUE(router->set_traffic(all_at(setup, half), Toward::hierarchical));
  setup.tell("set server web/f1 state maint");
  setup.tell("set server web/f2 state maint");
  setup.tell("set server web/f1 state ready");
  setup.tell("set server web/f2 state ready");
  ASSERT_TRUE(eventually([&] { return router->read()->flat.servers_up == 2; }));
  EXPECT_GT(router->read()->routes.front().share, Share::of_hundredths(7000));
  const auto ten = percent(*router, 1000);
  const auto observed = router->set_traffic(all_at(setup, ten), Toward::flat);
  ASSERT_TRUE(observed) << observed.error().what << ": " << observed.error().why;
  EXPECT_LE(observed->front().share, ten);
  EXPECT_LE(router->read()->routes.front().share, ten);
}

TEST(HaproxyWeights, AreNotRaisedWhileAServerOfFlatIsDown) {
  const WeightSetup setup(kOnePool);
  const auto router = haproxy::make_weight_router(setup.configuration);
  setup.tell("set server web/f2 state maint");
  const auto raised =
      router->set_traffic(all_at(setup, percent(*router, 1000)), Toward::hierarchical);
  ASSERT_FALSE(raised);
  EXPECT_NE(raised.error().what.find("web/f2"), std::string::npos);
  EXPECT_EQ(router->read()->routes.front().share, Share::none());
}

TEST(HaproxyWeights, AreNoWayBackWhereTheSocketOnlyReads) {
  const WeightSetup setup({.one_pool = true, .server_options = {}, .level = "operator"});
  const auto proven = haproxy::make_weight_router(setup.configuration)->prove_writable();
  ASSERT_FALSE(proven);
  EXPECT_NE(proven.error().why.find("Permission denied"), std::string::npos);
}

TEST(HaproxyWeights, AreRefusedWhereAReloadWouldPutTrafficBack) {
  const WeightSetup setup({.one_pool = true, .hierarchical_weight = 50, .server_options = {}});
  const auto check = haproxy::check_weights(setup.configuration);
  ASSERT_EQ(check.refusals.size(), 1U);
  EXPECT_NE(check.refusals.front().find("weight 50"), std::string::npos);
  EXPECT_FALSE(haproxy::make_weight_router(setup.configuration)->prove_writable());
  auto followed = setup.configuration;
  followed.weights->state_file = setup.file("servers.state");
  EXPECT_TRUE(haproxy::check_weights(followed).refusals.empty());
  const auto proven = haproxy::make_weight_router(followed)->prove_writable();
  EXPECT_TRUE(proven) << proven.error().what << ": " << proven.error().why;
}

// A reload takes the weights from the file: once 0 was observed nobody is at hierarchical again.
class Reload : public ::testing::Test {
 protected:
  void reload() {
    const auto pid = router_->read()->identity;
    Child({"/bin/sh", "-c", "echo reload | socat -t5 - " + setup_.file("master.sock")}).wait();
    ASSERT_TRUE(eventually([&] {
      const auto now = router_->read();
      return now && now->identity != pid;
    }));
  }
  WeightSetup setup_{
      {.one_pool = true, .hierarchical_weight = 50, .state_file = true, .server_options = {}}
  };
  std::unique_ptr<engine::Router> router_ = haproxy::make_weight_router(setup_.configuration);
};

TEST_F(Reload, KeepsWhatWasRaised) {
  const auto half = percent(*router_, 2000);
  // HAProxy began with its own 50 of 150: toward flat first, as any raise would need it.
  ASSERT_TRUE(router_->set_traffic(all_at(setup_, Share::none()), Toward::flat));
  ASSERT_TRUE(router_->set_traffic(all_at(setup_, half), Toward::hierarchical));
  reload();
  EXPECT_EQ(router_->read()->routes.front().share, half);
}

TEST_F(Reload, KeepsWhatWasLowered) {
  EXPECT_GT(router_->read()->routes.front().share, Share::of_hundredths(3000));
  ASSERT_TRUE(router_->set_traffic(all_at(setup_, Share::none()), Toward::flat));
  const auto before = setup_.hierarchical.requests();
  reload();
  EXPECT_EQ(longest_run(setup_.ask(200)), 0U);
  EXPECT_EQ(setup_.hierarchical.requests(), before);
}

TEST_F(Reload, KeepsTheHaltOfAnEmergencyAndOfTheLinesByHand) {
  ASSERT_TRUE(router_->cut(router_->cut_time()).halted);
  reload();
  EXPECT_TRUE(router_->read()->halted);
  EXPECT_EQ(longest_run(setup_.ask(100)), 0U);
  const std::vector<migration::Server> both{{name("lb1"), "web/h1"}, {name("lb1"), "web/h2"}};
  ASSERT_TRUE(router_->clear_halt(both));
  ASSERT_TRUE(router_->set_traffic(all_at(setup_, percent(*router_, 5000)), Toward::hierarchical));
  std::string script;
  for (const auto& line : router_->break_glass()) script += line + "\n";
  EXPECT_EQ(Child({"/bin/sh", "-e", "-c", script}).wait(), 0);
  EXPECT_TRUE(router_->read()->halted);
  reload();
  EXPECT_TRUE(router_->read()->halted);
  EXPECT_EQ(router_->read()->routes.front().share, Share::none());
}

}  // namespace
}  // namespace hal9::testing
