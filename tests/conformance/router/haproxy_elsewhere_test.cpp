// A real HAProxy that is reached by TCP, and whose map files are nobody's here.
#include "adapters/haproxy/haproxy_config.h"
#include "adapters/haproxy/haproxy_router.h"
#include "base/result.h"
#include "base/share.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/http.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::testing {
namespace {

using engine::Toward;
using std::chrono::milliseconds;

constexpr auto kPath = "/us-west-2/substrate/item";

void listen_on(std::string& lines, const std::string& bind) {
  const std::string level = "mode 600 level admin\n";
  lines.insert(lines.find(level) + level.size(), "    stats socket " + bind + " level admin\n");
}

// One HAProxy that is told apart in two ways: `here_` has its files, `elsewhere_` has not.
class HaproxyElsewhere : public ::testing::Test {
 protected:
  HaproxyElsewhere() {
    auto configuration = setup_.configuration;
    auto& balancer = configuration.haproxy.balancers.front();
    balancer.socket.clear();
    balancer.address = "127.0.0.1:" + std::to_string(tcp_);
    balancer.elsewhere = true;
    balancer.maps = configuration.haproxy.files;
    configuration.haproxy.files = "/nowhere/at/all";
    configuration_ = configuration;
    elsewhere_ = haproxy::make_router(configuration_);
  }
  void install() {
    const auto generated = haproxy::generate(configuration_).value();
    for (const auto& made : generated.files) put(setup_.file(made.name), made.content);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> texts;
    for (const auto* map : {"share.map", "mirror.map", "kill.map", "feature.map"}) {
      texts.push_back(contents(setup_.file(map)));
    }
    return texts;
  }
  Result<std::vector<migration::RouteAmount>> set(Share share, Toward toward) {
    const std::vector<migration::RouteAmount> amounts{
        {route("us-west-2", "substrate"), share, std::nullopt}
    };
    return elsewhere_->set_traffic(amounts, toward);
  }
  std::string system() { return Client(setup_.port).get(kPath).system(); }

  std::uint16_t tcp_ = free_port();
  HaproxySetup setup_{0, [this](auto& lines) {
                        listen_on(lines, "ipv4@127.0.0.1:" + std::to_string(tcp_));
                      }};
  migration::Configuration configuration_;
  std::unique_ptr<engine::Router> elsewhere_;
};

TEST_F(HaproxyElsewhere, IsMovedAndReadByTcpAndItsFilesStayAsTheyAre) {
  const auto before = files();
  const auto raised = set(Share::all(), Toward::hierarchical);
  ASSERT_TRUE(raised) << raised.error().what << raised.error().why;
  EXPECT_EQ(system(), "hierarchical");
  EXPECT_EQ(elsewhere_->read()->routes.front().share, Share::all());
  ASSERT_TRUE(set(Share::none(), Toward::flat));
  EXPECT_EQ(system(), "flat");
  ASSERT_TRUE(set(Share::all(), Toward::hierarchical));
  const auto cut = elsewhere_->cut(milliseconds{2000});
  EXPECT_TRUE(cut.halted && cut.maintenance && cut.files_follow);
  EXPECT_EQ(cut.problems, std::vector<std::string>{});
  EXPECT_EQ(system(), "flat");
  ASSERT_TRUE(elsewhere_->clear_halt(cut.servers));
  EXPECT_TRUE(elsewhere_->prove_writable());
  EXPECT_EQ(files(), before);
}

TEST_F(HaproxyElsewhere, RestartedFallsToFlatAndIsSaidToHaveFallenUntilItIsRaised) {
  install();
  setup_.restart();
  const auto installed = elsewhere_->read();
  ASSERT_TRUE(installed) << installed.error().what;
  EXPECT_TRUE(installed->halted);
  EXPECT_EQ(installed->fallen, std::vector<std::string>{"lb1"});
  ASSERT_TRUE(elsewhere_->clear_halt({}));
  ASSERT_TRUE(set(Share::all(), Toward::hierarchical));
  EXPECT_EQ(system(), "hierarchical");
  EXPECT_TRUE(elsewhere_->read()->fallen.empty());
  setup_.restart();
  EXPECT_EQ(system(), "flat");
  EXPECT_EQ(elsewhere_->read()->fallen, std::vector<std::string>{"lb1"});
}

TEST_F(HaproxyElsewhere, OneThatAnEmergencyHasCutIsNotFallen) {
  install();
  setup_.restart();
  ASSERT_TRUE(elsewhere_->cut(milliseconds{2000}).maintenance);
  const auto reading = elsewhere_->read();
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->halted);
  EXPECT_TRUE(reading->fallen.empty());
}

TEST_F(HaproxyElsewhere, BesideAnotherOneOnlyTheOthersValuesCount) {
  // The one that is here stands at 100%; the fallen one is a second process of the same lines.
  HaproxySetup second;
  auto both = configuration_;
  both.haproxy.files = second.folder.path().string();
  both.haproxy.balancers.push_back({name("lb2"), second.file("admin.sock")});
  install();
  setup_.restart();
  const auto router = haproxy::make_router(both);
  const std::vector<migration::RouteAmount> all{
      {route("us-west-2", "substrate"), Share::all(), std::nullopt}
  };
  auto one = both;
  one.haproxy.balancers.erase(one.haproxy.balancers.begin());
  ASSERT_TRUE(haproxy::make_router(one)->set_traffic(all, Toward::hierarchical));
  const auto reading = router->read();
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->fallen, std::vector<std::string>{"lb1"});
  EXPECT_FALSE(reading->halted);
  EXPECT_EQ(reading->disagree, std::vector<std::string>{});
  EXPECT_EQ(reading->routes.front().share, Share::all());
}

// What the engine does with a fallen one: the keys while its switch is still on, then the switch off, then
// the shares. A request of the halted route never leaves flat.
TEST_F(HaproxyElsewhere, FallenTakesKillKeysOfRoutesBeforeItsSwitchGoesOff) {
  HaproxySetup second;
  auto both = configuration_;
  both.haproxy.files = second.folder.path().string();
  both.haproxy.balancers.push_back({name("lb2"), second.file("admin.sock")});
  install();
  const auto router = haproxy::make_router(both);
  const std::vector halted{route("us-west-2", "substrate")};
  ASSERT_TRUE(router->cut_routes(halted, milliseconds{2000}).halted);
  setup_.restart();
  ASSERT_EQ(router->read()->fallen, std::vector<std::string>{"lb1"});
  ASSERT_TRUE(router->cut_routes(halted, milliseconds{2000}).halted);
  EXPECT_EQ(router->read()->fallen, std::vector<std::string>{"lb1"})
      << "keys alone bring nobody up";
  ASSERT_TRUE(router->clear_halt({}));
  const auto reading = router->read();
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_TRUE(reading->fallen.empty());
  EXPECT_FALSE(reading->halted);
  for (const auto& seen : reading->routes) {
    EXPECT_EQ(seen.halted, seen.route == halted.front()) << to_text(seen.route);
  }
  ASSERT_TRUE(set(Share::all(), Toward::hierarchical));
  EXPECT_EQ(system(), "flat") << "its kill key holds";
  ASSERT_TRUE(router->clear_routes(halted));
  EXPECT_EQ(system(), "hierarchical");
}

TEST_F(HaproxyElsewhere, EachBreakGlassLineRunsByTcpAndNoneTouchesAFile) {
  ASSERT_TRUE(set(Share::all(), Toward::hierarchical));
  const auto before = files();
  for (const auto& line : elsewhere_->break_glass()) {
    Child shell({"/bin/sh", "-c", line});
    EXPECT_EQ(shell.wait(), 0) << line;
  }
  EXPECT_TRUE(elsewhere_->read()->halted && elsewhere_->read()->maintenance);
  EXPECT_EQ(system(), "flat");
  EXPECT_EQ(files(), before);
}

TEST(HaproxyIpv6, IsMovedAndCut) {
  const auto port = std::to_string(free_port());
  const HaproxySetup setup(0, [&](auto& lines) { listen_on(lines, "ipv6@[::1]:" + port); });
  auto configuration = setup.configuration;
  configuration.haproxy.balancers.front().address = "[::1]:" + port;
  const auto router = haproxy::make_router(configuration);
  const auto reading = router->read();
  ASSERT_TRUE(reading) << reading.error().why;
  EXPECT_TRUE(router->cut(milliseconds{2000}).halted);
}

}  // namespace
}  // namespace hal9::testing
