// The router kind http over a real Caddy: the suite's contract, and the requests of users counted.
#include "adapters/http/http_router.h"
#include "base/share.h"
#include "conformance/router/bench.h"
#include "conformance/router/caddy_setup.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::testing {

namespace {

using engine::Toward;
using migration::RouteAmount;

constexpr auto kHalf = Share::of_hundredths(5000);

class CaddyBench final : public Bench {
 public:
  engine::Router& router() override { return *router_; }
  std::unique_ptr<engine::Router> another() override {
    return http::make_router(setup_.configuration, HAL9_HTTP_PROGRAM);
  }
  // A cut reads nothing before it.
  [[nodiscard]] bool tells_before() const override { return false; }

 private:
  CaddySetup setup_;
  std::unique_ptr<engine::Router> router_ = another();
};

class Caddy : public ::testing::Test {
 protected:
  void set(Share share, Toward toward) {
    const std::vector<RouteAmount> amounts{{cart_, share, {}}};
    const auto observed = router_->set_traffic(amounts, toward);
    ASSERT_TRUE(observed) << observed.error().what << ": " << observed.error().why;
    EXPECT_EQ(*observed, amounts);
  }

  // By somebody else, past this program.
  void patch(const std::string& expression) {
    const std::string place = "/id/us-west-2.substrate/match/0";
    Child curl(
        {"curl",
         "-sS",
         "--fail",
         "-X",
         "PATCH",
         "-H",
         "Content-Type: application/json",
         "-d",
         R"({"expression": ")" + expression + R"("})",
         "http://127.0.0.1:" + std::to_string(setup_.admin) + place}
    );
    EXPECT_EQ(curl.wait(), 0);
  }

  CaddySetup setup_;
  std::unique_ptr<engine::Router> router_ =
      http::make_router(setup_.configuration, HAL9_HTTP_PROGRAM);
  migration::Route cart_ = route("us-west-2", "substrate");
  migration::Route other_ = route("eu-west-1", "protocol");
};

TEST_F(Caddy, SendsAsManyRequestsAsItShows) {
  EXPECT_EQ(setup_.at_hierarchical(cart_, 300), 0);
  set(kHalf, Toward::hierarchical);
  // Six standard deviations of 2,000 coins are 134.
  EXPECT_NEAR(setup_.at_hierarchical(cart_, 2000), 1000, 134);
  EXPECT_EQ(setup_.at_hierarchical(other_, 300), 0);
  set(Share::all(), Toward::hierarchical);
  EXPECT_EQ(setup_.at_hierarchical(cart_, 300), 300);
  set(Share::none(), Toward::flat);
  EXPECT_EQ(setup_.at_hierarchical(cart_, 300), 0);
}

TEST_F(Caddy, SendsNobodyToHierarchicalAfterACut) {
  set(Share::all(), Toward::hierarchical);
  const auto report = router_->cut(router_->cut_time());
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(setup_.at_hierarchical(cart_, 300), 0);
}

TEST_F(Caddy, TellsWhetherServersAreUp) {
  auto reading = router_->read();
  ASSERT_TRUE(reading) << reading.error().why;
  EXPECT_EQ(reading->flat.servers_up, 1U);
  EXPECT_FALSE(reading->flat_is_down());
  setup_.flat.stop();
  reading = router_->read();
  ASSERT_TRUE(reading) << reading.error().why;
  EXPECT_EQ(reading->flat.servers_down, 1U);
  EXPECT_TRUE(reading->flat_is_down());
  EXPECT_EQ(reading->hierarchical.servers_up, 1U);
}

TEST_F(Caddy, IsNamedWhereItDoesNotAnswer) {
  setup_.process.end();
  const auto reading = router_->read();
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().why, ::testing::HasSubstr("/id/us-west-2.substrate/match/0"));
  const auto report = router_->cut(router_->cut_time());
  EXPECT_EQ(report.unreachable.size(), 1U);
  EXPECT_TRUE(report.observed.empty());
  EXPECT_FALSE(report.problems.empty());
}

TEST_F(Caddy, ShowsWhatSomebodyElseHasMadeOfARoute) {
  patch(R"({http.request.uuid} < \"00000001\")");
  const auto reading = router_->read();
  ASSERT_TRUE(reading) << reading.error().why;
  EXPECT_EQ(reading->routes.front().share, Share::of_hundredths(1));
  patch("true");
  const auto unknown = router_->read();
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().why, ::testing::HasSubstr(R"("true" stands there)"));
}

}  // namespace

std::unique_ptr<Bench> make_caddy_bench() {
  return std::make_unique<CaddyBench>();
}

}  // namespace hal9::testing
