// tools/routers/kubectl-gateway beyond the suite: what other rules of an HTTPRoute may look like, and
// a controller that is slow. Over a kubectl of the tests, not over a cluster.
#include "adapters/exec/exec_router.h"
#include "base/result.h"
#include "base/share.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hal9::testing {
namespace {

using ::testing::HasSubstr;

constexpr auto kTen = Share::of_hundredths(1000);
constexpr auto kThirty = Share::of_hundredths(3000);

class Kubectl : public ::testing::Test {
 protected:
  Kubectl() {
    configuration_.exec.emplace();
    configuration_.exec->command = {
        "/usr/bin/python3",
        HAL9_SOURCE_DIR "/tools/routers/kubectl-gateway",
        "--flat=flat",
        "--hierarchical=hierarchical",
        "--namespace=hal9",
        "--settle=0",
        "--kubectl=" HAL9_SOURCE_DIR "/tests/conformance/router/fake_kubectl.py",
        "--kubeconfig=" + cluster_
    };
    configuration_.exec->timeout = std::chrono::seconds(20);
    router_ = exec::make_router(configuration_, folder_.path());
    EXPECT_TRUE(router_->read());  // the cluster is there now
  }
  void change(const std::function<void(nlohmann::json&)>& edit) {
    auto cluster = nlohmann::json::parse(contents(cluster_));
    edit(cluster);
    put(cluster_, cluster.dump());
  }
  static nlohmann::json& rules(nlohmann::json& cluster) {
    return cluster["routes"]["us-west-2-substrate"]["spec"]["rules"];
  }
  static nlohmann::json rule(int flat, int hierarchical) {
    return {
        {"backendRefs",
         {{{"name", "flat"}, {"weight", flat}}, {{"name", "hierarchical"}, {"weight", hierarchical}}
         }}
    };
  }
  nlohmann::json rules_now() {
    auto cluster = nlohmann::json::parse(contents(cluster_));
    return rules(cluster);
  }
  Result<std::vector<migration::RouteAmount>> set(Share share, engine::Toward toward) {
    const std::vector<migration::RouteAmount> amounts{{cart_, share, {}}};
    return router_->set_traffic(amounts, toward);
  }
  Share share_now() {
    const auto reading = router_->read();
    EXPECT_TRUE(reading) << reading.error().why;
    return reading ? reading->routes.front().share : Share::all();
  }

  Folder folder_;
  std::string cluster_ = (folder_.path() / "cluster.json").string();
  migration::Configuration configuration_ = configuration_of(migration::RouterKind::exec);
  std::unique_ptr<engine::Router> router_;
  migration::Route cart_ = route("us-west-2", "substrate");
};

TEST_F(Kubectl, SetsWholeWeightsOfTenThousand) {
  ASSERT_TRUE(set(Share::of_hundredths(1225), engine::Toward::hierarchical));
  EXPECT_EQ(rules_now(), nlohmann::json::array({[] {
              auto first = rule(8775, 1225);
              for (auto& one : first["backendRefs"]) one["port"] = 80;
              return first;
            }()}));
}

TEST_F(Kubectl, ReadsWeightsOfOthersUpToTheNextHundredth) {
  change([](auto& cluster) { rules(cluster) = nlohmann::json::array({rule(2, 1)}); });
  EXPECT_EQ(share_now(), Share::of_hundredths(3334));
  change([](auto& cluster) { rules(cluster) = nlohmann::json::array({rule(0, 0)}); });
  EXPECT_EQ(share_now(), Share::none());
}

TEST_F(Kubectl, LowersEachRuleByItselfAndShowsTheHighest) {
  change([](auto& cluster) {
    rules(cluster) = nlohmann::json::array({rule(9900, 100), rule(5000, 5000)});
  });
  EXPECT_EQ(share_now(), Share::of_hundredths(5000));
  const auto observed = set(kThirty, engine::Toward::flat);
  ASSERT_TRUE(observed) << observed.error().why;
  EXPECT_EQ(observed->front().share, kThirty);
  EXPECT_EQ(rules_now(), nlohmann::json::array({rule(9900, 100), rule(7000, 3000)}));
}

TEST_F(Kubectl, LeavesRulesOfOtherServicesAlone) {
  const nlohmann::json other{{"backendRefs", {{{"name", "static"}, {"weight", 1}}}}};
  change([&](auto& cluster) { rules(cluster) = nlohmann::json::array({other, rule(1, 0)}); });
  ASSERT_TRUE(set(kTen, engine::Toward::hierarchical));
  EXPECT_EQ(rules_now(), nlohmann::json::array({other, rule(9000, 1000)}));
}

TEST_F(Kubectl, NamesARuleThatItCannotSplit) {
  change([](auto& cluster) {
    rules(cluster) = nlohmann::json::array({rule(1, 0)});
    rules(cluster)[0]["backendRefs"].push_back({{"name", "third"}});
  });
  const auto reading = router_->read();
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().what, HasSubstr("read ended with 1"));
  EXPECT_THAT(reading.error().why, HasSubstr("us-west-2-substrate: rule 0 has to send to flat"));
}

TEST_F(Kubectl, NamesAnHttpRouteThatIsNotThere) {
  change([](auto& cluster) { cluster["routes"].erase("eu-west-1-protocol"); });
  const auto reading = router_->read();
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().why, HasSubstr("there is no HTTPRoute eu-west-1-protocol"));
}

TEST_F(Kubectl, IsNotObservedUntilTheControllerHasFollowed) {
  change([](auto& cluster) { cluster["lag"] = 2; });
  const auto raised = set(kTen, engine::Toward::hierarchical);
  ASSERT_FALSE(raised);
  EXPECT_THAT(raised.error().what, HasSubstr("older generation"));
  // Its cut is read back once more than its lag.
  EXPECT_TRUE(router_->cut(router_->cut_time()).observed.empty());
  EXPECT_EQ(router_->cut(router_->cut_time()).observed.size(), 15U);
}

}  // namespace
}  // namespace hal9::testing
