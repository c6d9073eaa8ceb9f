// Two balancers that are right and one that is dead, hangs, is slow, lies or talks nonsense: the
// right ones are cut and read back at once, and nothing is claimed about the other.
#include "adapters/haproxy/haproxy_router.h"
#include "base/code.h"
#include "base/result.h"
#include "base/share.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/http.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::testing {
namespace {

using engine::Toward;
using std::chrono::milliseconds;

constexpr auto kPath = "/us-west-2/substrate/item";

// The services of a test's two HAProxies are one pair: what is asked of either is seen there.
class BadBalancer : public ::testing::TestWithParam<std::pair<const char*, bool>> {
 protected:
  BadBalancer() {
    const auto [bad, by_tcp] = GetParam();
    configuration_ = first_.configuration;
    auto& balancers = configuration_.haproxy.balancers;
    migration::Balancer wrong{name("bad"), by_tcp ? "" : first_.file("bad.sock")};
    if (std::string{bad} == "dead") {
      if (by_tcp) wrong.address = "127.0.0.1:" + std::to_string(free_port());
    } else {
      std::vector<std::string> argv{
          "python3",
          std::string{HAL9_SOURCE_DIR} + "/tests/conformance/router/bad_balancer.py",
          "--bad",
          bad
      };
      if (by_tcp) {
        argv.insert(argv.end(), {"--tcp", "0"});
      } else {
        argv.insert(argv.end(), {"--unix", wrong.socket});
      }
      python_ = Child(argv);
      const auto line = python_.line();
      if (!line.starts_with("ready ")) throw std::runtime_error("bad_balancer.py does not start");
      if (by_tcp) wrong.address = "127.0.0.1:" + line.substr(6);
    }
    balancers.push_back(wrong);
    migration::Balancer good{name("lb2"), second_.file("admin.sock")};
    good.maps = second_.folder.path().string();
    balancers.push_back(good);
    router_ = haproxy::make_router(configuration_);
    // The right ones alone were raised.
    auto right = configuration_;
    right.haproxy.balancers.erase(right.haproxy.balancers.begin() + 1);
    right_ = haproxy::make_router(right);
    if (!right_->set_traffic(all(), Toward::hierarchical)) throw std::runtime_error("no raise");
  }
  static std::vector<migration::RouteAmount> all() {
    return {{route("us-west-2", "substrate"), Share::all(), std::nullopt}};
  }
  static std::vector<migration::RouteAmount> none() {
    return {{route("us-west-2", "substrate"), Share::none(), std::nullopt}};
  }
  std::string systems() {
    return Client(first_.port).get(kPath).system() + " " + Client(second_.port).get(kPath).system();
  }
  bool lies() const { return std::string{GetParam().first} == "liar"; }
  bool is_slow() const { return std::string{GetParam().first} == "slow"; }
  void expect_lines_for_the_bad_one_alone() {
    std::string lines;
    for (const auto& line : router_->break_glass_left()) lines += line + "\n";
    EXPECT_NE(lines.find("# balancer bad:"), std::string::npos) << lines;
    EXPECT_EQ(lines.find("# balancer lb"), std::string::npos) << lines;
  }

  HaproxySetup first_;
  HaproxySetup second_;
  Child python_;
  migration::Configuration configuration_;
  std::unique_ptr<engine::Router> router_;
  std::unique_ptr<engine::Router> right_;
};

TEST_P(BadBalancer, InAnEmergencyTheOthersAreCutAndNothingIsClaimedOfIt) {
  ASSERT_EQ(systems(), "hierarchical hierarchical");
  const auto report = router_->cut(milliseconds{2000});
  EXPECT_EQ(systems(), "flat flat");
  EXPECT_FALSE(report.halted);
  if (lies()) {
    // It answers, and shows what it had: that is what was observed.
    EXPECT_EQ(report.unreachable, std::vector<std::string>{});
    ASSERT_FALSE(report.observed.empty());
    EXPECT_EQ(report.observed.front().share, Share::of_hundredths(5000));
  } else {
    EXPECT_EQ(report.unreachable, std::vector<std::string>{"bad"});
    EXPECT_TRUE(report.observed.empty());
  }
  bool named = false;
  for (const auto& problem : report.problems) {
    named = named || problem.find("balancer bad (") != std::string::npos;
    EXPECT_EQ(problem.find("balancer lb"), std::string::npos) << problem;
  }
  EXPECT_TRUE(named);
  expect_lines_for_the_bad_one_alone();
  const auto reading = right_->read();
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_TRUE(reading->halted && reading->maintenance);
  EXPECT_EQ(reading->routes.front().share, Share::none());
}

TEST_P(BadBalancer, InAPlainLoweringTheOthersAreLoweredAndItIsNamed) {
  const auto lowered = router_->set_traffic(none(), Toward::flat);
  EXPECT_EQ(systems(), "flat flat");
  const auto reading = right_->read();
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->routes.front().share, Share::none());
  EXPECT_EQ(contents(second_.file("share.map")).find("substrate 10000\n"), std::string::npos);
  if (is_slow()) {
    // Late, and within what an ordinary lowering waits for.
    EXPECT_TRUE(lowered) << lowered.error().what << lowered.error().why;
    return;
  }
  ASSERT_FALSE(lowered);
  EXPECT_NE(lowered.error().what.find("balancer bad ("), std::string::npos) << lowered.error().what;
  EXPECT_EQ(lowered.error().what.find("lb"), std::string::npos) << lowered.error().what;
  expect_lines_for_the_bad_one_alone();
}

INSTANTIATE_TEST_SUITE_P(
    That,
    BadBalancer,
    ::testing::Values(
        std::pair{"dead", false},
        std::pair{"dead", true},
        std::pair{"hole", false},
        std::pair{"hole", true},
        std::pair{"slow", true},
        std::pair{"liar", false},
        std::pair{"shape", true},
        std::pair{"flood", false}
    ),
    [](const auto& info) {
      return std::string{"Is"} + info.param.first + (info.param.second ? "ByTcp" : "");
    }
);

}  // namespace
}  // namespace hal9::testing
