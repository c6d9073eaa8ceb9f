// The emergency on a real HAProxy: under load, behind a restart, without this program, and with
// balancers that are dead, hang, or talk nonsense.
#include "adapters/haproxy/haproxy_router.h"
#include "adapters/haproxy/place.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "base/share.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/server.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace hal9::testing {
namespace {

using engine::Toward;
using std::chrono::milliseconds;

constexpr auto kPath = "/us-west-2/substrate/item";

class HaproxyEmergency : public ::testing::Test {
 protected:
  void set_all_to_hierarchical() {
    const std::vector<migration::RouteAmount> amounts{
        {route("us-west-2", "substrate"), Share::all(), Share::none()},
        {route("eu-west-1", "protocol"), Share::all(), Share::all()}
    };
    const auto done = router_->set_traffic(amounts, Toward::hierarchical);
    ASSERT_TRUE(done) << done.error().what << ": " << done.error().why;
  }
  void ask(const std::string& command) {
    const auto by = haproxy::Deadline::in(milliseconds{2000});
    auto connection =
        haproxy::Connection::open(haproxy::Place::unix_socket(setup_.file("admin.sock")), by);
    ASSERT_TRUE(connection);
    const auto answers = connection->ask({command}, by);
    ASSERT_TRUE(answers);
    EXPECT_EQ(answers->front().find_first_not_of('\n'), std::string::npos) << answers->front();
  }
  std::string system() { return Client(setup_.port).get(kPath).system(); }

  HaproxySetup setup_;
  std::unique_ptr<engine::Router> router_ = haproxy::make_router(setup_.configuration);
};

TEST_F(HaproxyEmergency, UnderLoadNothingIsSentThereAfterTheReadBack) {
  set_all_to_hierarchical();
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> users;
  for (int user = 0; user < 4; ++user) {
    users.emplace_back([&] {
      Client client(setup_.port);
      while (!stop) ++(client.get(kPath).status == 200 ? answered : failed);
    });
  }
  EXPECT_TRUE(eventually([&] { return answered > 100; }));
  const auto report = router_->cut(milliseconds{2000});
  const auto at_cut = router_->read();
  const int answered_before = answered;
  EXPECT_TRUE(eventually([&] { return answered > answered_before + 300; }));
  const auto later = router_->read();
  stop = true;
  users.clear();
  EXPECT_TRUE(report.halted && report.maintenance);
  EXPECT_TRUE(report.problems.empty());
  ASSERT_TRUE(at_cut && later);
  EXPECT_GT(at_cut->hierarchical.requests, 0U);
  EXPECT_EQ(later->hierarchical.requests, at_cut->hierarchical.requests);
  EXPECT_EQ(later->mirror.requests, at_cut->mirror.requests);
  EXPECT_EQ(later->hierarchical.servers_maintenance, 1U);
  EXPECT_EQ(failed, 0);
}

TEST_F(HaproxyEmergency, ARaiseBehindTheHaltHasNoEffectUntilItIsCleared) {
  set_all_to_hierarchical();
  const auto cut = router_->cut(milliseconds{2000});
  ASSERT_TRUE(cut.halted);
  set_all_to_hierarchical();
  EXPECT_EQ(system(), "flat");
  EXPECT_TRUE(router_->read()->halted);
  ASSERT_TRUE(router_->clear_halt(cut.servers));
  EXPECT_EQ(system(), "hierarchical");
  EXPECT_FALSE(router_->read()->maintenance);
}

TEST_F(HaproxyEmergency, ClearingAHaltLeavesTheServersOfAPersonInMaintenance) {
  const migration::Server mirrored{name("lb1"), "shadow/s1"};
  ask("set server shadow/s1 state maint");
  const auto first = router_->cut(milliseconds{2000});
  const auto second = router_->cut(milliseconds{2000});
  ASSERT_TRUE(second.maintenance);
  EXPECT_EQ(first.servers, second.servers);
  EXPECT_EQ(first.servers, (std::vector<migration::Server>{{name("lb1"), "hierarchical/s1"}}));
  ASSERT_TRUE(router_->clear_halt(first.servers));
  EXPECT_EQ(router_->read()->in_maintenance, std::vector<migration::Server>{mirrored});
}

TEST_F(HaproxyEmergency, BehindAKillSwitchThatIsOnServersInMaintenanceAreOnlyFound) {
  ask("set map " + setup_.file("kill.map") + " all 10000");
  ask("set server hierarchical/s1 state maint");
  const auto cut = router_->cut(milliseconds{2000});
  EXPECT_EQ(cut.servers, (std::vector<migration::Server>{{name("lb1"), "shadow/s1"}}));
  EXPECT_EQ(cut.servers_found, (std::vector<migration::Server>{{name("lb1"), "hierarchical/s1"}}));
}

TEST_F(HaproxyEmergency, ClearingAHaltNamesTheServerThatAPersonHoldsDown) {
  ask("set server hierarchical/s1 state maint");
  const auto cut = router_->cut(milliseconds{2000});
  const auto cleared = router_->clear_halt(cut.servers);
  ASSERT_FALSE(cleared);
  EXPECT_EQ(cleared.error().code, Code::negative);
  EXPECT_NE(cleared.error().why.find("hierarchical/s1"), std::string::npos) << cleared.error().why;
  EXPECT_TRUE(cleared.error().next.starts_with("echo 'set server hierarchical/s1 state ready' |"))
      << cleared.error().next;
  EXPECT_TRUE(router_->read()->halted);
}

TEST_F(HaproxyEmergency, ClearingAHaltSaysThatNoServerIsUp) {
  const auto cut = router_->cut(milliseconds{2000});
  ASSERT_TRUE(cut.halted);
  setup_.hierarchical.stop();
  // A server that leaves maintenance counts as up until its check fails, so ask until it has.
  EXPECT_TRUE(eventually([&] {
    const auto cleared = router_->clear_halt(cut.servers);
    return !cleared && cleared.error().code == Code::negative;
  }));
  EXPECT_EQ(system(), "flat");
}

TEST_F(HaproxyEmergency, ARestartAfterACutComesBackHaltedAtZero) {
  set_all_to_hierarchical();
  EXPECT_NE(
      contents(setup_.file("share.map")).find("us-west-2.substrate 10000\n"), std::string::npos
  );
  const auto before = router_->read();
  ASSERT_TRUE(router_->cut(milliseconds{2000}).halted);
  EXPECT_NE(contents(setup_.file("share.map")).find("us-west-2.substrate 0\n"), std::string::npos);
  EXPECT_NE(contents(setup_.file("kill.map")).find("all 1\n"), std::string::npos);
  setup_.restart();
  EXPECT_EQ(system(), "flat");
  const auto after = router_->read();
  ASSERT_TRUE(before && after);
  EXPECT_NE(before->identity, after->identity);
  EXPECT_TRUE(after->halted);
  for (const auto& route : after->routes) {
    EXPECT_EQ(route.share, Share::none());
    EXPECT_EQ(route.mirror, Share::none());
  }
}

TEST_F(HaproxyEmergency, ARestartAfterARaiseKeepsTheShares) {
  set_all_to_hierarchical();
  setup_.restart();
  EXPECT_EQ(system(), "hierarchical");
}

TEST_F(HaproxyEmergency, EachBreakGlassLineRunsAndTogetherTheyCut) {
  set_all_to_hierarchical();
  for (const auto& line : router_->break_glass()) {
    EXPECT_EQ(line.find('\n'), std::string::npos);
    Child shell({"/bin/sh", "-c", line});
    EXPECT_EQ(shell.wait(), 0) << line;
  }
  const auto reading = router_->read();
  ASSERT_TRUE(reading) << reading.error().why;
  EXPECT_TRUE(reading->halted && reading->maintenance);
  for (const auto& route : reading->routes) EXPECT_EQ(route.share, Share::none());
  EXPECT_EQ(system(), "flat");
  setup_.restart();
  EXPECT_EQ(system(), "flat");
  EXPECT_TRUE(router_->read()->halted);
}

TEST_F(HaproxyEmergency, EndsTheSessionsThatAreStillThere) {
  setup_.hierarchical.stop();
  setup_.hierarchical.start(setup_.hierarchical.port(), 20000);
  set_all_to_hierarchical();
  ASSERT_TRUE(eventually([&] { return router_->read()->hierarchical.servers_up == 1; }));
  std::jthread user([&] { Client(setup_.port).get(kPath); });
  ASSERT_TRUE(eventually([&] { return router_->read()->hierarchical.sessions == 1; }));
  // A dead balancer beside it changes nothing for the sessions of the living one.
  auto both = setup_.configuration;
  both.haproxy.balancers.push_back({name("lb2"), setup_.file("nobody.sock")});
  const auto router = haproxy::make_router(both);
  const auto report = router->cut(milliseconds{2000});
  EXPECT_TRUE(report.sessions_left);
  EXPECT_EQ(router_->read()->hierarchical.sessions, 1U);
  const auto ended = router->end_sessions(report.unreachable);
  EXPECT_EQ(ended.problems, std::vector<std::string>{});
  EXPECT_EQ(ended.count, 1U);
  EXPECT_TRUE(eventually([&] { return router_->read()->hierarchical.sessions == 0; }));
  EXPECT_FALSE(router->cut(milliseconds{2000}).sessions_left);
}

TEST_F(HaproxyEmergency, AFileThatCannotBeWrittenStopsNoLowering) {
  set_all_to_hierarchical();
  std::filesystem::remove(setup_.file("share.map"));
  std::filesystem::create_directory(setup_.file("share.map"));
  const std::vector<migration::RouteAmount> zero{
      {route("us-west-2", "substrate"), Share::none(), std::nullopt}
  };
  const auto done = router_->set_traffic(zero, Toward::flat);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::partly_done);
  EXPECT_EQ(system(), "flat");
  const auto report = router_->cut(milliseconds{2000});
  EXPECT_TRUE(report.halted);
  EXPECT_FALSE(report.problems.empty());
}

TEST_F(HaproxyEmergency, OneDeadBalancerIsNamedAndTheOtherOneIsCut) {
  set_all_to_hierarchical();
  auto both = setup_.configuration;
  both.haproxy.balancers.push_back({name("lb2"), setup_.file("nobody.sock")});
  const auto router = haproxy::make_router(both);
  const auto report = router->cut(milliseconds{2000});
  EXPECT_EQ(report.unreachable, std::vector<std::string>{"lb2"});
  EXPECT_FALSE(report.halted);
  EXPECT_EQ(system(), "flat");
  EXPECT_TRUE(router_->read()->halted);
  const auto reading = router->read();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, Code::unreachable);
  EXPECT_NE(reading.error().what.find("lb2"), std::string::npos);
}

// A Unix socket that is not HAProxy's: says `answer` to whoever connects, or nothing at all.
class WrongSocket {
 public:
  WrongSocket(const std::string& path, std::string answer) : answer_(std::move(answer)) {
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("a test cannot bind");
    }
    ::listen(fd_, 8);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~WrongSocket() {
    thread_.request_stop();
    thread_.join();
    ::close(fd_);
  }
  WrongSocket(const WrongSocket&) = delete;
  WrongSocket& operator=(const WrongSocket&) = delete;

 private:
  void serve(const std::stop_token& stop) const {
    std::vector<int> open;
    while (!stop.stop_requested()) {
      pollfd wait{fd_, POLLIN, 0};
      if (::poll(&wait, 1, 20) > 0) open.push_back(::accept(fd_, nullptr, nullptr));
      for (const int fd : open) {
        if (!answer_.empty()) {
          ::send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
      }
    }
    for (const int fd : open) ::close(fd);
  }

  std::string answer_;
  int fd_ = -1;
  std::jthread thread_;
};

void expect_named_and_bounded(const std::string& answer) {
  const Folder folder;
  const auto path = (folder.path() / "wrong.sock").string();
  const WrongSocket wrong(path, answer);
  auto configuration = configuration_of(migration::RouterKind::haproxy);
  configuration.haproxy.balancers = {{name("lb1"), path}};
  configuration.haproxy.files = folder.path().string();
  const auto router = haproxy::make_router(configuration);
  const auto report = router->cut(milliseconds{200});
  EXPECT_EQ(report.unreachable, std::vector<std::string>{"lb1"});
  EXPECT_FALSE(report.halted || report.maintenance);
  EXPECT_TRUE(report.observed.empty());
  EXPECT_FALSE(report.problems.empty());
  const auto reading = router->read();
  ASSERT_FALSE(reading);
  EXPECT_NE(reading.error().what.find("lb1"), std::string::npos);
}

TEST(HaproxyWrongSocket, ThatHangsIsBoundedAndNamed) {
  expect_named_and_bounded("");
}

TEST(HaproxyWrongSocket, ThatTalksWithoutEndIsBoundedAndNamed) {
  expect_named_and_bounded(std::string(40000, 'x'));
}

TEST(HaproxyWrongSocket, ThatOnlyPromptsIsBoundedAndNamed) {
  expect_named_and_bounded("\n> \n> ");
}

}  // namespace
}  // namespace hal9::testing
