// The printed configuration under real traffic: who reaches which system, and with what.
#include "adapters/haproxy/haproxy_router.h"
#include "base/share.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::testing {
namespace {

using engine::Toward;

constexpr int kUsers = 2000;
constexpr auto kPath = "/us-west-2/substrate/item";

class HaproxyTraffic : public ::testing::Test {
 protected:
  void set(Share share, Share mirror = Share::none()) {
    const std::vector<migration::RouteAmount> amounts{
        {route("us-west-2", "substrate"), share, mirror}
    };
    const auto done = router_->set_traffic(amounts, Toward::hierarchical);
    ASSERT_TRUE(done) << done.error().what << ": " << done.error().why;
  }
  std::string features_of(const std::string& headers) {
    const auto answer = Client(setup_.port).get(kPath, headers).json();
    return answer["features"].is_string() ? answer["features"].get<std::string>() : "";
  }

  HaproxySetup setup_;
  std::unique_ptr<engine::Router> router_ = haproxy::make_router(setup_.configuration);
};

TEST_F(HaproxyTraffic, HaproxyAcceptsThePrintedLinesWithoutAWarning) {
  Child check({"/usr/sbin/haproxy", "-c", "-dW", "-f", setup_.file("haproxy.cfg")});
  EXPECT_EQ(check.wait(), 0);
}

TEST_F(HaproxyTraffic, AtShareZeroNobodyReachesHierarchical) {
  const auto users = setup_.ask_users(kPath, 300);
  EXPECT_EQ(std::count(users.begin(), users.end(), true), 0);
  EXPECT_EQ(setup_.hierarchical.requests(), 0U);
}

TEST_F(HaproxyTraffic, AShareTakesItsPartOfTheUsersAndARisingOnePutsNobodyOut) {
  set(Share::of_hundredths(500));
  const auto first = setup_.ask_users(kPath, kUsers);
  const auto part = std::count(first.begin(), first.end(), true);
  EXPECT_GE(part, 60);  // 100 expected of 2,000; the hash is fixed, so this never flickers
  EXPECT_LE(part, 140);
  EXPECT_EQ(setup_.ask_users(kPath, kUsers), first);
  set(Share::of_hundredths(2000));
  const auto more = setup_.ask_users(kPath, kUsers);
  EXPECT_GT(std::count(more.begin(), more.end(), true), part);
  for (std::size_t user = 0; user < first.size(); ++user) EXPECT_GE(more[user], first[user]);
}

TEST_F(HaproxyTraffic, AtShareHundredEverybodyReachesHierarchicalOnThatRouteAlone) {
  set(Share::all());
  const auto users = setup_.ask_users(kPath, 300);
  EXPECT_EQ(std::count(users.begin(), users.end(), true), 300);
  Client client(setup_.port);
  EXPECT_EQ(client.get("/us-west-2/protocol/item").system(), "flat");
  EXPECT_EQ(client.get("/nowhere/nothing").system(), "flat");
  EXPECT_EQ(client.get("/").system(), "flat");
}

TEST_F(HaproxyTraffic, CountsRequestsByRouteAndSystem) {
  set(Share::all());
  std::ignore = setup_.ask_users(kPath, 50);
  std::ignore = setup_.ask_users("/eu-west-1/cognitive/item", 30);
  const auto reading = router_->read();
  ASSERT_TRUE(reading) << reading.error().why;
  for (const auto& route : reading->routes) {
    const auto key = migration::to_text(route.route);
    EXPECT_EQ(route.hierarchical_requests, key == "us-west-2.substrate" ? 50U : 0U) << key;
    EXPECT_EQ(route.flat_requests, key == "eu-west-1.cognitive" ? 30U : 0U) << key;
  }
  EXPECT_EQ(reading->hierarchical.requests, 50U);
}

TEST_F(HaproxyTraffic, MirrorsGetsAndHeadsWithoutAnEffectOnTheAnswer) {
  set(Share::none(), Share::all());
  const auto users = setup_.ask_users(kPath, 100);
  EXPECT_EQ(std::count(users.begin(), users.end(), true), 0);
  Client client(setup_.port);
  EXPECT_EQ(client.send("POST", kPath, {}, "a body").json()["received"], 6);
  EXPECT_TRUE(eventually([&] { return setup_.hierarchical.mirrored() == 100; }))
      << setup_.hierarchical.counts();
  EXPECT_EQ(setup_.hierarchical.requests(), 0U);
  EXPECT_EQ(setup_.flat.mirrored(), 0U);
}

TEST_F(HaproxyTraffic, AMirrorThatIsDownCostsNoAnswer) {
  set(Share::none(), Share::all());
  setup_.hierarchical.stop();
  const auto users = setup_.ask_users(kPath, 100);
  EXPECT_EQ(std::count(users.begin(), users.end(), true), 0);
}

TEST_F(HaproxyTraffic, HandsFeaturesToTheSystemsAndDropsForgedOnes) {
  EXPECT_EQ(features_of("X-User: a\r\nX-HAL9-Features: forged\r\n"), "");
  const std::vector<migration::FeatureAmount> both{
      {name("hierarchical_learning"), Share::all()}, {name("meta_cognition"), Share::all()}
  };
  ASSERT_TRUE(router_->set_features(both));
  EXPECT_EQ(
      features_of("X-User: a\r\nX-HAL9-Features: forged\r\n"),
      "hierarchical_learning,meta_cognition"
  );
  const std::vector<migration::FeatureAmount> one{{name("hierarchical_learning"), Share::none()}};
  ASSERT_TRUE(router_->set_features(one));
  EXPECT_EQ(features_of("X-User: a\r\n"), "meta_cognition");
}

TEST_F(HaproxyTraffic, WithoutAServerUpThereUsersAreAnsweredByFlatAndItIsReadAsDown) {
  set(Share::all());
  setup_.hierarchical.stop();
  EXPECT_TRUE(eventually([&] {
    const auto reading = router_->read();
    return reading && reading->hierarchical.servers_down == 1 && reading->flat.servers_up == 1;
  }));
  EXPECT_EQ(Client(setup_.port).get(kPath).system(), "flat");
}

}  // namespace
}  // namespace hal9::testing
