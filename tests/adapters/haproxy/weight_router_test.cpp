// Weight mode beside servers that change between two commands, and what it writes down of them.
#include "adapters/haproxy/weight_router.h"

#include "adapters/folder.h"
#include "adapters/haproxy/fake_socket.h"
#include "adapters/haproxy/fake_weights.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "migration/server.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

using engine::Toward;
using hal9::testing::FakeWeights;
using migration::Route;
using migration::RouteAmount;
using std::chrono::milliseconds;

Name name(std::string_view text) {
  return Name::parse(text).value();
}
const Route kPay{name("eu"), name("pay")};
const Route kCart{name("eu"), name("cart")};
const Route kApi{name("eu"), name("api")};

bool any_says(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(lines, [&](const std::string& line) {
    return line.find(part) != std::string::npos;
  });
}

// Two routes in `web`, one in `api`.
class WeightRouter : public ::testing::Test {
 protected:
  WeightRouter() {
    configuration_.router = migration::RouterKind::haproxy_weights;
    configuration_.regions = {name("eu")};
    configuration_.components = {name("pay"), name("cart"), name("api")};
    configuration_.haproxy.balancers = {{name("lb1"), file("lb1.sock")}};
    configuration_.weights = migration::WeightSettings{
        {{"web", {kPay, kCart}, {"f1"}, {"h1"}}, {"api", {kApi}, {"f1"}, {"h1"}}}
    };
  }
  [[nodiscard]] std::string file(std::string_view called) const {
    return folder_.file(called).string();
  }
  void keep_state() {
    configuration_.weights->state_file = file("servers.state");
    test::write(file("servers.state"), "");
  }
  [[nodiscard]] std::unique_ptr<engine::Router> router() const {
    return make_weight_router(configuration_);
  }
  static std::vector<RouteAmount> web_at(std::uint32_t hundredths) {
    const auto share = Share::of_hundredths(hundredths);
    return {{kPay, share, {}}, {kCart, share, {}}};
  }

  test::Folder folder_;
  migration::Configuration configuration_;
  FakeWeights fake_{file("lb1.sock")};
};

TEST_F(WeightRouter, DoesNotSayThatItLoweredWhileNoneOfFlatIsUp) {
  fake_.server("web/h1").weight = 256;
  fake_.server("web/f1").operation = 0;
  const auto lowered = router()->set_traffic(web_at(1000), Toward::flat);
  ASSERT_FALSE(lowered);
  EXPECT_NE(lowered.error().what.find("not 10%"), std::string::npos) << lowered.error().what;
  EXPECT_NE(lowered.error().why.find("f1 of flat takes nothing"), std::string::npos);
}

TEST_F(WeightRouter, DoesNotSayThatItRaisedWhereFlatFellMeanwhile) {
  fake_.before = [&](const std::string& command) {
    if (command.starts_with("set weight web/h1")) fake_.server("web/f1").operation = 0;
  };
  const auto raised = router()->set_traffic(web_at(1000), Toward::hierarchical);
  ASSERT_FALSE(raised);
  EXPECT_NE(raised.error().what.find("sends 100% to hierarchical"), std::string::npos);
}

TEST_F(WeightRouter, WaitsForASlowStartOfHierarchical) {
  fake_.server("web/h1").effective = 1;
  int looks = 0;
  fake_.before = [&](const std::string& command) {
    if (command.starts_with("show stat web") && ++looks == 4) fake_.server("web/h1").effective = -1;
  };
  const auto raised = router()->set_traffic(web_at(5000), Toward::hierarchical);
  ASSERT_TRUE(raised) << raised.error().what;
  EXPECT_EQ(raised->front().share, Share::of_hundredths(5000));
}

TEST_F(WeightRouter, ProvesByWhatIsThereAlready) {
  fake_.server("web/h1").weight = 28;
  fake_.server("api/h1").weight = 256;
  fake_.server("api/f1").weight = 14;
  ASSERT_TRUE(router()->prove_writable());
  EXPECT_EQ(fake_.written(), std::vector<std::string>{"set weight web/f1 256"});
}

TEST_F(WeightRouter, ProvesByNoServerWhereNoneIsAtAnEnd) {
  for (auto& server : fake_.servers) server.weight = 100;
  ASSERT_TRUE(router()->prove_writable());
  EXPECT_EQ(fake_.written(), std::vector<std::string>{"set weight web/ 0"});
  fake_.refused = "Permission denied\n";
  EXPECT_FALSE(router()->prove_writable());
}

TEST_F(WeightRouter, ProvesTheStateFileToo) {
  configuration_.weights->state_file = file("no-folder/servers.state");
  EXPECT_FALSE(router()->prove_writable());
}

TEST_F(WeightRouter, WaitsUntilAServerIsUpBehindTheEndOfAHalt) {
  ASSERT_TRUE(router()->cut(milliseconds{2000}).halted);
  int looks = 0;
  bool ready = false;
  fake_.before = [&](const std::string& command) {
    ready = ready || command == "set server web/h1 state ready";
    if (!ready || !command.starts_with("show servers state web")) return;
    fake_.server("web/h1").operation = ++looks > 2 ? 2 : 0;
  };
  const std::vector<migration::Server> ours{{name("lb1"), "web/h1"}};
  const auto cleared = router()->clear_halt(ours);
  ASSERT_TRUE(cleared) << cleared.error().what;
  EXPECT_GT(looks, 2);
  EXPECT_EQ(fake_.server("api/h1").administration, 1) << "it was not named";
}

TEST_F(WeightRouter, SaysThatNoServerCameUpBehindTheEndOfAHalt) {
  ASSERT_TRUE(router()->cut(milliseconds{2000}).halted);
  fake_.before = [&](const std::string& command) {
    if (command.starts_with("show ")) fake_.server("web/h1").operation = 0;
  };
  const std::vector<migration::Server> ours{{name("lb1"), "web/h1"}};
  const auto cleared = router()->clear_halt(ours);
  ASSERT_FALSE(cleared);
  EXPECT_EQ(cleared.error().code, Code::negative);
}

TEST_F(WeightRouter, ReadsAHaltOfEverythingOnceAndOneOfAPoolAtItsRoutes) {
  ASSERT_TRUE(router()->cut_routes(std::vector{kApi}, milliseconds{2000}).halted);
  auto reading = router()->read();
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_FALSE(reading->halted);
  for (const auto& route : reading->routes) EXPECT_EQ(route.halted, route.route == kApi);
  ASSERT_TRUE(router()->cut(milliseconds{2000}).halted);
  reading = router()->read();
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->halted && reading->halted_each);
  for (const auto& route : reading->routes) EXPECT_FALSE(route.halted);
}

TEST_F(WeightRouter, TellsRequestsOnlyWhereTheyAreOneRoutes) {
  const auto reading = router()->read();
  ASSERT_TRUE(reading);
  for (const auto& route : reading->routes) {
    EXPECT_EQ(route.flat_requests, route.route == kApi ? 9U : 0U);
  }
}

TEST_F(WeightRouter, SaysWhatWaitsStartsSlowlyOrIsDown) {
  fake_.queued = 3;
  fake_.server("web/h1").weight = 100;
  fake_.server("web/h1").effective = 7;
  fake_.server("api/f1").operation = 0;
  auto reading = router()->read();
  ASSERT_TRUE(reading);
  EXPECT_TRUE(any_says(reading->notes, "web/h1 starts slowly: it counts with 7"));
  EXPECT_FALSE(any_says(reading->notes, "api/h1 starts slowly"));
  EXPECT_TRUE(any_says(reading->disagree, "no server of flat is up in api"));
  EXPECT_EQ(reading->hierarchical.queued, 6U);
  for (const auto* there : {"web/h1", "api/h1"}) fake_.server(there).administration = 1;
  EXPECT_EQ(router()->read()->hierarchical.queued, 0U) << "flat alone can be asked";
}

TEST_F(WeightRouter, CutTellsWhatWasThereAndWhoIsStillServed) {
  fake_.server("web/h1").weight = 256;
  fake_.server("web/h1").sessions = 2;
  const auto cut = router()->cut(milliseconds{2000});
  EXPECT_TRUE(cut.halted && cut.sessions_left);
  ASSERT_FALSE(cut.before.empty());
  EXPECT_EQ(cut.before.front().share, Share::of_hundredths(5000));
  EXPECT_EQ(cut.observed.front().share, Share::none());
  const auto ended = router()->end_sessions({});
  EXPECT_EQ(ended.count, 2U);
  EXPECT_TRUE(any_says(fake_.written(), "shutdown sessions server web/h1"));
  EXPECT_FALSE(any_says(fake_.written(), "shutdown sessions server web/f1"));
}

TEST_F(WeightRouter, CutAgainFindsTheServersOfTheFirst) {
  fake_.server("web/h1").administration = 1;
  fake_.server("web/h1").operation = 0;
  const auto cut = router()->cut(milliseconds{2000});
  const std::vector<migration::Server> web{{name("lb1"), "web/h1"}};
  const std::vector<migration::Server> api{{name("lb1"), "api/h1"}};
  EXPECT_EQ(cut.servers_found, web);
  EXPECT_EQ(cut.servers, api);
}

TEST_F(WeightRouter, CutLeavesToAPersonWhatWasInMaintenanceBefore) {
  fake_.servers.push_back({.backend = "web", .name = "h2", .operation = 0, .administration = 1});
  configuration_.weights->pools.front().hierarchical = {"h1", "h2"};
  const auto cut = router()->cut(milliseconds{2000});
  const std::vector<migration::Server> ours{{name("lb1"), "web/h1"}, {name("lb1"), "api/h1"}};
  EXPECT_EQ(cut.servers, ours);
  EXPECT_TRUE(cut.servers_found.empty());
  ASSERT_TRUE(router()->clear_halt(ours));
  EXPECT_EQ(fake_.server("web/h1").administration, 0);
  EXPECT_EQ(fake_.server("web/h2").administration, 1);
}

TEST_F(WeightRouter, CutOfSomeRoutesNamesTheOthersOfTheirPool) {
  const auto cut = router()->cut_routes(std::vector{kPay}, milliseconds{2000});
  EXPECT_TRUE(cut.halted);
  EXPECT_FALSE(cut.maintenance);
  EXPECT_TRUE(any_says(cut.problems, "1 more routes share their servers"));
  EXPECT_EQ(fake_.server("api/h1").administration, 0);
}

TEST_F(WeightRouter, StateFileFollowsALoweringACutAndTheEndOfAHalt) {
  keep_state();
  fake_.server("web/h1").weight = 256;
  const auto router = this->router();
  ASSERT_TRUE(router->set_traffic(web_at(1000), Toward::flat));
  EXPECT_NE(
      test::read(file("servers.state")).find("web 1 h1 127.0.0.1 2 0 28 "), std::string::npos
  );
  const auto cut = router->cut_routes(std::vector{kPay}, milliseconds{2000});
  EXPECT_TRUE(cut.files_follow);
  EXPECT_NE(test::read(file("servers.state")).find("web 1 h1 127.0.0.1 0 1 0 "), std::string::npos);
  ASSERT_TRUE(router->clear_routes(std::vector{kPay}));
  EXPECT_NE(test::read(file("servers.state")).find("web 1 h1 127.0.0.1 2 0 0 "), std::string::npos);
}

// A raise of somebody's that is below what is asked stays, in the file too.
TEST_F(WeightRouter, StateFileIsNotRaisedByALateLowering) {
  keep_state();
  fake_.server("web/h1").weight = 28;
  ASSERT_TRUE(router()->set_traffic(web_at(5000), Toward::flat));
  EXPECT_NE(
      test::read(file("servers.state")).find("web 1 h1 127.0.0.1 2 0 28 "), std::string::npos
  );
}

TEST_F(WeightRouter, StateFileIsCutWhereHaproxyIsGone) {
  keep_state();
  fake_.server("web/h1").weight = 256;
  ASSERT_TRUE(router()->set_traffic(web_at(5000), Toward::hierarchical));
  configuration_.haproxy.balancers.front().socket = file("gone.sock");
  const auto cut = router()->cut(milliseconds{500});
  EXPECT_FALSE(cut.halted);
  EXPECT_TRUE(cut.files_follow) << cut.problems.back();
  EXPECT_NE(test::read(file("servers.state")).find("web 1 h1 127.0.0.1 0 1 0 "), std::string::npos);
}

TEST_F(WeightRouter, StateFileIsOfTheBalancerThatReadsIt) {
  keep_state();
  FakeWeights other(file("lb2.sock"));
  other.server("api/h1").weight = 77;
  configuration_.haproxy.balancers.front().elsewhere = true;
  configuration_.haproxy.balancers.push_back({name("lb2"), file("lb2.sock")});
  ASSERT_TRUE(router()->set_traffic(web_at(5000), Toward::hierarchical));
  EXPECT_NE(
      test::read(file("servers.state")).find("api 1 h1 127.0.0.1 2 0 77 "), std::string::npos
  );
}

TEST_F(WeightRouter, IsRefusedWhereAReloadBringsTrafficBackAndNoFileIsRead) {
  keep_state();
  fake_.server("api/h1").initial = 50;
  fake_.server("web/f1").backup = true;
  auto check = check_weights(configuration_);
  EXPECT_TRUE(check.refusals.empty());
  EXPECT_TRUE(any_says(check.warnings, "web/f1 is a backup"));
  configuration_.haproxy.balancers.front().elsewhere = true;
  check = check_weights(configuration_);
  EXPECT_TRUE(any_says(check.refusals, "balancer lb1: server api/h1 has weight 50"));
  const auto proven = router()->prove_writable();
  ASSERT_FALSE(proven);
  EXPECT_EQ(proven.error().state, "nothing was changed");
}

TEST_F(WeightRouter, CheckNamesEachServerAndBackendThatHAProxyDoesNotHave) {
  configuration_.weights->pools[0].hierarchical = {"h1", "h9", "h8"};
  auto check = check_weights(configuration_);
  ASSERT_EQ(check.misnamed.size(), 2U);
  EXPECT_TRUE(any_says(check.misnamed, "balancer lb1: HAProxy's backend web has no server h9"));
  EXPECT_TRUE(any_says(check.misnamed, "has no server h8"));
  configuration_.weights->pools[0].backend = "wbe";
  check = check_weights(configuration_);
  EXPECT_TRUE(any_says(check.misnamed, "HAProxy has no backend wbe with servers"));
  EXPECT_TRUE(check.warnings.empty()) << check.warnings.front();
}

TEST_F(WeightRouter, CheckOnlyWarnsOfAHAProxyThatDoesNotAnswerNow) {
  configuration_.haproxy.balancers.front().socket = file("nobody.sock");
  const auto check = check_weights(configuration_);
  EXPECT_TRUE(check.misnamed.empty());
  EXPECT_TRUE(check.refusals.empty());
  ASSERT_EQ(check.warnings.size(), 1U);
  EXPECT_TRUE(any_says(check.warnings, "whether a cut would work, and what a reload would do"));
}

// A balancer that hangs keeps no other one uncut, nor the file that a reload reads.
TEST_F(WeightRouter, LinesByHandCutEveryBalancerBeforeAnythingElse) {
  keep_state();
  configuration_.haproxy.balancers.push_back({name("lb2"), file("lb2.sock")});
  configuration_.haproxy.balancers.front().master = file("master.sock");
  const auto lines = weight_break_glass_lines(configuration_, {}, {});
  const auto at = [&](const std::string& text) {
    return std::ranges::find_if(lines, [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  };
  const auto cut = std::ranges::find_if(lines, [&](const std::string& line) {
    return line.find("set server") != std::string::npos &&
           line.find("lb2.sock") != std::string::npos;
  });
  ASSERT_NE(cut, lines.end());
  EXPECT_LT(cut, at("servers.state"));
  EXPECT_LT(at("servers.state"), at("show proc"));
  EXPECT_LT(at("servers.state"), at("show servers state"));
}

TEST_F(WeightRouter, LinesByHandAreOfTheBalancersAndRoutesThatAreMeant) {
  keep_state();
  configuration_.haproxy.balancers.front().elsewhere = true;
  configuration_.haproxy.balancers.push_back({name("lb2"), file("lb2.sock")});
  const auto far = weight_break_glass_lines(configuration_, {"lb1"}, {kApi});
  EXPECT_TRUE(any_says(far, "set server api/h1 state maint"));
  EXPECT_FALSE(any_says(far, "web/h1"));
  EXPECT_FALSE(any_says(far, "lb2"));
  EXPECT_FALSE(any_says(far, "servers.state")) << "that file is read by lb2";
  const auto near = weight_break_glass_lines(configuration_, {"lb2"}, {});
  EXPECT_FALSE(any_says(near, "balancer lb1"));
  EXPECT_TRUE(any_says(near, "servers.state"));
  EXPECT_TRUE(any_says(near, R"($2 == "web" && $4 == "h1" { $6 = 0; $7 = 1; $8 = 0 })"));
}

// Beside a worker, 9, that a reload left behind with half of `web` at hierarchical.
class WeightOldWorker : public WeightRouter {
 protected:
  WeightOldWorker() {
    configuration_.haproxy.balancers.front().master = file("master.sock");
    old_.server("web/h1").weight = 256;
  }
  std::string answer(const std::string& command) {
    if (command == "show proc") {
      return "1 master 1 0d 2.6\n# workers\n7 worker 0 0d 2.6\n# old workers\n9 worker 1 0d 2.6\n";
    }
    const std::string to = "@!9 ";
    if (!command.starts_with(to)) return "Unknown command\n";
    const auto asked = command.substr(to.size());
    if (asked == "show sess") {
      return "0x1: fe=f be=web srv=h1 ts=00\n0x2: fe=f be=web srv=f1 ts=00\n"
             "0x3: fe=f be=api srv=h1 ts=00\n";
    }
    if (asked == "shutdown session 0x3") return "No such session (use 'show sess').\n";
    return asked.starts_with("shutdown session") ? "" : old_.answer(asked);
  }

  FakeWeights old_{file("old.sock")};
  hal9::testing::FakeSocket master_{
      file("master.sock"), [this](const auto& command) { return answer(command); }, "master"
  };
};

TEST_F(WeightOldWorker, SplitIsToldAndNotCounted) {
  const auto reading = router()->read();
  ASSERT_TRUE(reading) << reading.error().what << reading.error().why;
  EXPECT_TRUE(any_says(reading->notes, "old worker 9 at lb1 still splits with 50%"));
  EXPECT_EQ(reading->routes.front().share, Share::none());
  ASSERT_EQ(reading->old_workers.size(), 1U);
}

TEST_F(WeightOldWorker, SessionsAtHierarchicalAreEndedByTheirNames) {
  const auto ended = router()->end_sessions({});
  EXPECT_TRUE(ended.problems.empty()) << ended.problems.front();
  EXPECT_EQ(ended.count, 1U) << "the other one had ended by itself";
  EXPECT_TRUE(any_says(master_.heard(), "@!9 shutdown session 0x1"));
  EXPECT_FALSE(any_says(master_.heard(), "@!9 shutdown session 0x2")) << "it is at flat";
  EXPECT_TRUE(any_says(master_.heard(), "@!9 shutdown session 0x3"));
}

TEST_F(WeightOldWorker, LinesByHandEndItsSessionsAtHierarchical) {
  const auto lines = weight_break_glass_lines(configuration_, {}, {});
  EXPECT_TRUE(any_says(lines, "be=web srv=(h1)"));
  EXPECT_TRUE(any_says(lines, "be=api srv=(h1)"));
}

}  // namespace
}  // namespace hal9::haproxy
