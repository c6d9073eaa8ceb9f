// The router port's contract, once for every router: each must show what it was told, lower and
// never raise, and cut to zero as often as it is asked.
#include "adapters/haproxy/haproxy_router.h"
#include "adapters/ledger_only/ledger_only_router.h"
#include "conformance/router/haproxy_setup.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::testing {
namespace {

using engine::Toward;
using migration::FeatureAmount;
using migration::RouteAmount;

// A router with what stands behind it; `keep` does what the ledger would do with a result.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual engine::Router& router() = 0;
  virtual void keep(const std::vector<RouteAmount>& /*observed*/) {}
  virtual void keep(const std::vector<FeatureAmount>& /*observed*/) {}
};

class HaproxyBench final : public Bench {
 public:
  engine::Router& router() override { return *router_; }

 private:
  HaproxySetup setup_;
  std::unique_ptr<engine::Router> router_ = haproxy::make_router(setup_.configuration);
};

class LedgerOnlyBench final : public Bench {
 public:
  engine::Router& router() override { return *router_; }
  void keep(const std::vector<RouteAmount>& observed) override {
    for (const auto& amount : observed) {
      auto& route = state_.routes[amount.route];
      if (amount.share) route.share.observed = *amount.share;
      if (amount.mirror) route.mirror.observed = *amount.mirror;
    }
  }
  void keep(const std::vector<FeatureAmount>& observed) override {
    for (const auto& amount : observed)
      state_.features[amount.feature].observed = amount.percentage;
  }

 private:
  migration::State state_;
  std::unique_ptr<engine::Router> router_ = ledger_only::make_router(
      configuration_of(migration::RouterKind::ledger_only), [this] { return state_; }
  );
};

std::unique_ptr<Bench> make_bench(const std::string& kind) {
  if (kind == "haproxy") return std::make_unique<HaproxyBench>();
  return std::make_unique<LedgerOnlyBench>();
}

class Router : public ::testing::TestWithParam<const char*> {
 protected:
  std::vector<RouteAmount> set(const std::vector<RouteAmount>& amounts, Toward toward) {
    auto observed = router().set_traffic(amounts, toward);
    EXPECT_TRUE(observed) << observed.error().what << ": " << observed.error().why;
    if (!observed) return {};
    bench_->keep(*observed);
    return *observed;
  }
  engine::Reading read() {
    auto reading = router().read();
    EXPECT_TRUE(reading) << reading.error().what << ": " << reading.error().why;
    return reading ? *reading : engine::Reading{};
  }
  engine::RouteReading read(const migration::Route& wanted) {
    for (const auto& route : read().routes) {
      if (route.route == wanted) return route;
    }
    ADD_FAILURE() << "no such route";
    return {};
  }
  engine::Router& router() { return bench_->router(); }

  std::unique_ptr<Bench> bench_ = make_bench(GetParam());
  migration::Route cart_ = route("us-west-2", "substrate");
  migration::Route other_ = route("eu-west-1", "protocol");
};

constexpr auto kFive = Share::of_hundredths(500);
constexpr auto kTen = Share::of_hundredths(1000);
constexpr auto kHalf = Share::of_hundredths(5000);

TEST_P(Router, ShowsEveryRouteAtZeroInTheBeginning) {
  const auto reading = read();
  ASSERT_EQ(reading.routes.size(), 15U);
  for (const auto& route : reading.routes) {
    EXPECT_EQ(route.share, Share::none());
    EXPECT_EQ(route.mirror, Share::none());
  }
  EXPECT_FALSE(reading.halted);
  EXPECT_TRUE(reading.disagree.empty());
  EXPECT_FALSE(router().description().empty());
}

TEST_P(Router, ReadsBackWhatWasSetForManyRoutesAsOne) {
  std::vector<RouteAmount> amounts;
  std::uint32_t hundredths = 1;
  for (const auto& route : read().routes) {
    amounts.push_back(
        {route.route, Share::of_hundredths(hundredths), Share::of_hundredths(10000 - hundredths)}
    );
    hundredths += 7;
  }
  EXPECT_EQ(set(amounts, Toward::hierarchical), amounts);
  for (const auto& amount : amounts) {
    EXPECT_EQ(read(amount.route).share, amount.share);
    EXPECT_EQ(read(amount.route).mirror, amount.mirror);
  }
}

TEST_P(Router, DoesNotTouchWhatIsNotNamed) {
  set({{cart_, kTen, kHalf}, {other_, kFive, Share::none()}}, Toward::hierarchical);
  set({{cart_, std::nullopt, Share::all()}}, Toward::hierarchical);
  EXPECT_EQ(read(cart_).share, kTen);
  EXPECT_EQ(read(cart_).mirror, Share::all());
  EXPECT_EQ(read(other_).share, kFive);
}

TEST_P(Router, LowersToWhatIsAsked) {
  set({{cart_, kHalf, kHalf}}, Toward::hierarchical);
  const std::vector<RouteAmount> lower{{cart_, kFive, Share::none()}};
  EXPECT_EQ(set(lower, Toward::flat), lower);
  EXPECT_EQ(read(cart_).share, kFive);
}

TEST_P(Router, NeverRaisesByALateLowering) {
  set({{cart_, kTen, kTen}, {other_, kHalf, Share::none()}}, Toward::hierarchical);
  const auto observed = set({{cart_, kHalf, kHalf}, {other_, kTen, Share::all()}}, Toward::flat);
  const std::vector<RouteAmount> wanted{{cart_, kTen, kTen}, {other_, kTen, Share::none()}};
  EXPECT_EQ(observed, wanted);
  EXPECT_EQ(read(cart_).share, kTen);
  EXPECT_EQ(read(cart_).mirror, kTen);
  EXPECT_EQ(read(other_).share, kTen);
  EXPECT_EQ(read(other_).mirror, Share::none());
}

TEST_P(Router, SetsAndReadsFeatures) {
  const std::vector<FeatureAmount> amounts{
      {name("meta_cognition"), Share::of_hundredths(2500)},
      {name("hierarchical_learning"), Share::all()}
  };
  auto observed = router().set_features(amounts);
  ASSERT_TRUE(observed);
  EXPECT_EQ(*observed, amounts);
  bench_->keep(*observed);
  observed = router().set_features(std::vector{FeatureAmount{name("meta_cognition"), {}}});
  ASSERT_TRUE(observed);
  bench_->keep(*observed);
  const auto features = read().features;
  ASSERT_EQ(features.size(), 2U);
  EXPECT_EQ(features[0].percentage, Share::all());
  EXPECT_EQ(features[1].percentage, Share::none());
}

TEST_P(Router, ProvesThatAWayBackWouldWorkWithoutAnEffect) {
  set({{cart_, kHalf, kTen}}, Toward::hierarchical);
  const auto proven = router().prove_writable();
  ASSERT_TRUE(proven) << proven.error().what << ": " << proven.error().why;
  EXPECT_EQ(read(cart_).share, kHalf);
  EXPECT_EQ(read(cart_).mirror, kTen);
  EXPECT_FALSE(read().halted);
}

TEST_P(Router, CutsEveryRouteToZeroAsOftenAsItIsAsked) {
  set({{cart_, kHalf, kTen}}, Toward::hierarchical);
  for (int time = 0; time < 2; ++time) {
    const auto report = router().cut(std::chrono::seconds(2));
    EXPECT_TRUE(report.unreachable.empty());
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
    EXPECT_EQ(report.halted, router().capabilities().halts);
    ASSERT_EQ(report.observed.size(), 15U);
    for (const auto& amount : report.observed) {
      EXPECT_EQ(amount.share, Share::none());
      EXPECT_EQ(amount.mirror, Share::none());
    }
    bench_->keep(report.observed);
    const auto before =
        std::find_if(report.before.begin(), report.before.end(), [&](const RouteAmount& amount) {
          return amount.route == cart_;
        });
    ASSERT_NE(before, report.before.end());
    EXPECT_EQ(before->share, time == 0 ? kHalf : Share::none());
    EXPECT_EQ(before->mirror, time == 0 ? kTen : Share::none());
  }
  EXPECT_EQ(read().halted, router().capabilities().halts);
}

TEST_P(Router, ClearsAHaltAndLeavesTheSharesWhereTheyAre) {
  set({{cart_, kHalf, kTen}}, Toward::hierarchical);
  const auto cut = router().cut(std::chrono::seconds(2));
  bench_->keep(cut.observed);
  const auto cleared = router().clear_halt(cut.servers);
  ASSERT_TRUE(cleared) << cleared.error().what;
  const auto reading = read();
  EXPECT_FALSE(reading.halted);
  EXPECT_FALSE(reading.maintenance);
  for (const auto& route : reading.routes) EXPECT_EQ(route.share, Share::none());
}

TEST_P(Router, HasLinesForTheDayWithoutThisProgram) {
  EXPECT_FALSE(router().break_glass().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Every,
    Router,
    ::testing::Values("haproxy", "ledger_only"),
    [](const auto& kind) { return std::string{kind.param}; }
);

}  // namespace
}  // namespace hal9::testing
