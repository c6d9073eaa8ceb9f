// The router port's contract, once for every router: each must show what it was told, lower and
// never raise, and cut to zero as often as it is asked.
#include "conformance/router/bench.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::testing {
namespace {

using engine::Toward;
using migration::FeatureAmount;
using migration::RouteAmount;

struct Kind {
  const char* name;
  std::unique_ptr<Bench> (*make)();
};

// Found by gtest; without it a failure prints the bytes of two pointers.
void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class Router : public ::testing::TestWithParam<Kind> {
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
  // A router that moves nothing keeps whatever it is told.
  bool mirrors() {
    const auto can = router().capabilities();
    return can.mirrors || !can.moves_traffic;
  }
  bool features() {
    const auto can = router().capabilities();
    return can.features || !can.moves_traffic;
  }
  // What is asked of mirrors where the router has some; where it has none, they are asked to be off.
  Share mirror(Share share) { return mirrors() ? share : Share::none(); }

  // As the router can set it: where it has steps, the nearest from below.
  Share reachable(std::uint32_t hundredths) {
    return router().reachable(Share::of_hundredths(hundredths));
  }

  std::unique_ptr<Bench> bench_ = GetParam().make();
  Share five_ = reachable(500);
  Share ten_ = reachable(1000);
  Share half_ = reachable(5000);
  migration::Route cart_ = route("us-west-2", "substrate");
  migration::Route other_ = route("eu-west-1", "protocol");
};

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
        {route.route, reachable(hundredths), mirror(Share::of_hundredths(10000 - hundredths))}
    );
    hundredths += 307;
  }
  EXPECT_EQ(set(amounts, Toward::hierarchical), amounts);
  for (const auto& amount : amounts) {
    EXPECT_EQ(read(amount.route).share, amount.share);
    EXPECT_EQ(read(amount.route).mirror, amount.mirror);
  }
}

TEST_P(Router, DoesNotTouchWhatIsNotNamed) {
  set({{cart_, ten_, mirror(half_)}, {other_, five_, Share::none()}}, Toward::hierarchical);
  set({{cart_, std::nullopt, mirror(Share::all())}}, Toward::hierarchical);
  EXPECT_EQ(read(cart_).share, ten_);
  EXPECT_EQ(read(cart_).mirror, mirror(Share::all()));
  EXPECT_EQ(read(other_).share, five_);
}

TEST_P(Router, LowersToWhatIsAsked) {
  set({{cart_, half_, mirror(half_)}}, Toward::hierarchical);
  const std::vector<RouteAmount> lower{{cart_, five_, Share::none()}};
  EXPECT_EQ(set(lower, Toward::flat), lower);
  EXPECT_EQ(read(cart_).share, five_);
}

TEST_P(Router, NeverRaisesByALateLowering) {
  set({{cart_, ten_, mirror(ten_)}, {other_, half_, Share::none()}}, Toward::hierarchical);
  const auto observed = set({{cart_, half_, half_}, {other_, ten_, Share::all()}}, Toward::flat);
  const std::vector<RouteAmount> wanted{{cart_, ten_, mirror(ten_)}, {other_, ten_, Share::none()}};
  EXPECT_EQ(observed, wanted);
  EXPECT_EQ(read(cart_).share, ten_);
  EXPECT_EQ(read(cart_).mirror, mirror(ten_));
  EXPECT_EQ(read(other_).share, ten_);
  EXPECT_EQ(read(other_).mirror, Share::none());
}

TEST_P(Router, SetsAndReadsFeatures) {
  if (!features()) GTEST_SKIP() << "this router hands on no features";
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
  set({{cart_, half_, mirror(ten_)}}, Toward::hierarchical);
  const auto proven = router().prove_writable();
  ASSERT_TRUE(proven) << proven.error().what << ": " << proven.error().why;
  EXPECT_EQ(read(cart_).share, half_);
  EXPECT_EQ(read(cart_).mirror, mirror(ten_));
  EXPECT_FALSE(read().halted);
}

TEST_P(Router, CutsEveryRouteToZeroAsOftenAsItIsAsked) {
  set({{cart_, half_, mirror(ten_)}}, Toward::hierarchical);
  for (int time = 0; time < 2; ++time) {
    const auto report = router().cut(router().cut_time());
    EXPECT_TRUE(report.unreachable.empty());
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
    EXPECT_EQ(report.halted, router().capabilities().halts);
    ASSERT_EQ(report.observed.size(), 15U);
    for (const auto& amount : report.observed) {
      EXPECT_EQ(amount.share, Share::none());
      EXPECT_EQ(amount.mirror, Share::none());
    }
    bench_->keep(report.observed);
    if (!bench_->tells_before()) continue;
    const auto before =
        std::find_if(report.before.begin(), report.before.end(), [&](const RouteAmount& amount) {
          return amount.route == cart_;
        });
    ASSERT_NE(before, report.before.end());
    EXPECT_EQ(before->share, time == 0 ? half_ : Share::none());
    EXPECT_EQ(before->mirror, time == 0 ? mirror(ten_) : Share::none());
  }
  EXPECT_EQ(read().halted, router().capabilities().halts);
}

TEST_P(Router, ClearsAHaltAndLeavesTheSharesWhereTheyAre) {
  set({{cart_, half_, mirror(ten_)}}, Toward::hierarchical);
  const auto cut = router().cut(router().cut_time());
  bench_->keep(cut.observed);
  const auto cleared = router().clear_halt(cut.servers);
  ASSERT_TRUE(cleared) << cleared.error().what;
  const auto reading = read();
  EXPECT_FALSE(reading.halted);
  EXPECT_FALSE(reading.maintenance);
  for (const auto& route : reading.routes) EXPECT_EQ(route.share, Share::none());
}

TEST_P(Router, CutsAsTheFirstThingThatAProcessDoes) {
  set({{cart_, half_, mirror(ten_)}}, Toward::hierarchical);
  const auto fresh = bench_->another();
  const auto report = fresh->cut(fresh->cut_time());
  EXPECT_TRUE(report.unreachable.empty());
  ASSERT_EQ(report.observed.size(), 15U);
  bench_->keep(report.observed);
  EXPECT_EQ(read(cart_).share, Share::none());
  EXPECT_EQ(fresh->capabilities().halts, router().capabilities().halts);
}

TEST_P(Router, ShowsNothingOfARaiseBehindAHalt) {
  if (!router().capabilities().halts) GTEST_SKIP() << "this router has no kill switch";
  const auto cut = router().cut(router().cut_time());
  bench_->keep(cut.observed);
  set({{cart_, half_, Share::none()}}, Toward::hierarchical);
  EXPECT_TRUE(read().halted);
}

TEST_P(Router, RefusesToMirrorWhereItCannot) {
  if (mirrors()) GTEST_SKIP() << "this router mirrors";
  const std::vector<RouteAmount> mirrored{{cart_, std::nullopt, ten_}};
  EXPECT_FALSE(router().set_traffic(mirrored, Toward::hierarchical));
  EXPECT_EQ(read(cart_).mirror, Share::none());
  // It is off already: nothing that could fail.
  const std::vector<RouteAmount> off{{cart_, std::nullopt, Share::none()}};
  EXPECT_EQ(set(off, Toward::flat), off);
}

TEST_P(Router, HasNoFeatureUpWhereItHandsOnNone) {
  if (features()) GTEST_SKIP() << "this router hands on features";
  EXPECT_FALSE(router().set_features(std::vector{FeatureAmount{name("meta_cognition"), ten_}}));
  EXPECT_TRUE(router().set_features(std::vector{FeatureAmount{name("meta_cognition"), {}}}));
}

TEST_P(Router, HasLinesForTheDayWithoutThisProgram) {
  std::string script;
  for (const auto& line : router().break_glass()) script += line + "\n";
  ASSERT_FALSE(script.empty());
  if (!router().capabilities().moves_traffic) return;
  set({{cart_, half_, mirror(ten_)}}, Toward::hierarchical);
  Child shell({"/bin/sh", "-e", "-c", script});
  EXPECT_EQ(shell.wait(), 0);
  EXPECT_EQ(read(cart_).share, Share::none());
  EXPECT_EQ(read(cart_).mirror, Share::none());
  EXPECT_EQ(read().halted, router().capabilities().halts);
}

INSTANTIATE_TEST_SUITE_P(
    Every,
    Router,
    ::testing::Values(
        Kind{"haproxy", make_haproxy_bench},
        Kind{"haproxy_weights", make_weight_bench},
        Kind{"ledger_only", make_ledger_only_bench},
        Kind{"exec", make_exec_bench},
        Kind{"exec_least", make_exec_least_bench},
        Kind{"kubectl", make_kubectl_bench},
        Kind{"caddy", make_caddy_bench}
    ),
    [](const auto& kind) { return std::string{kind.param.name}; }
);

}  // namespace
}  // namespace hal9::testing
