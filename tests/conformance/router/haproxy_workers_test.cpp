// What a reload leaves behind on a real HAProxy with a master: an old worker with a tunnel to
// hierarchical, which the new worker's stats socket knows nothing of.
#include "adapters/haproxy/haproxy_router.h"
#include "adapters/haproxy/place.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "base/share.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/http.h"
#include "conformance/router/process.h"
#include "engine/router.h"
#include "migration/amounts.h"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hal9::testing {
namespace {

using engine::Toward;
using std::chrono::milliseconds;

// A connection that became a tunnel, as a websocket does.
class Tunnel {
 public:
  Tunnel(std::uint16_t port, const std::string& path) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no connection for a tunnel");
    }
    const auto request =
        "GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: tunnel\r\n\r\n";
    ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    std::string in;
    while (in.find("\r\n\r\n") == std::string::npos && receive(in)) {
    }
    if (!in.starts_with("HTTP/1.1 101")) throw std::runtime_error("no tunnel: " + in);
    system_ = in.find("hierarchical") == std::string::npos ? "flat" : "hierarchical";
  }
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;
  ~Tunnel() { ::close(fd_); }

  [[nodiscard]] const std::string& system() const { return system_; }
  // Whether what is sent comes back.
  bool lives() {
    ::send(fd_, "x", 1, MSG_NOSIGNAL);
    std::string in;
    return receive(in) && in == "x";
  }

 private:
  bool receive(std::string& in) const {
    char buffer[4096];
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, 5000) <= 0) return false;
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n > 0) in.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }
  int fd_ = -1;
  std::string system_;
};

constexpr auto kPath = "/us-west-2/substrate/item";

class HaproxyWorkers : public ::testing::Test {
 protected:
  HaproxyWorkers() {
    setup_.process.end();
    setup_.configuration.haproxy.balancers.front().master = setup_.file("master.sock");
    setup_.process = Child(
        {"/usr/sbin/haproxy",
         "-W",
         "-S",
         setup_.file("master.sock"),
         "-q",
         "-f",
         setup_.file("haproxy.cfg")}
    );
    router_ = haproxy::make_router(setup_.configuration);
    // The worker answers before its master does, which until then takes no signal either.
    const auto is_there = [&] {
      return Client(setup_.port).get(kPath).status == 200 && router_->read().has_value();
    };
    if (!eventually(is_there)) {
      throw std::runtime_error("HAProxy does not start");
    }
  }
  ~HaproxyWorkers() override { setup_.process.end(SIGTERM); }

  Result<std::vector<migration::RouteAmount>> set(Share share, Toward toward) {
    const std::vector<migration::RouteAmount> amounts{
        {route("us-west-2", "substrate"), share, std::nullopt}
    };
    return router_->set_traffic(amounts, toward);
  }
  void reload() {
    const auto before = router_->read()->identity;
    ::kill(setup_.process.pid(), SIGUSR2);
    ASSERT_TRUE(eventually([&] {
      const auto now = router_->read();
      return now && now->identity != before;
    }));
  }
  // An old worker with a tunnel to hierarchical, whose maps say 100%, behind a new one at 0.
  std::unique_ptr<Tunnel> leave_a_tunnel_behind() {
    if (!set(Share::all(), Toward::hierarchical)) throw std::runtime_error("no raise");
    auto tunnel = std::make_unique<Tunnel>(setup_.port, kPath);
    EXPECT_EQ(tunnel->system(), "hierarchical");
    // As somebody who edits the files and reloads.
    put(setup_.file("share.map"), "us-west-2.substrate 0\n");
    reload();
    return tunnel;
  }
  std::string ask_old(const std::string& command) {
    const auto by = haproxy::Deadline::in(milliseconds{2000});
    auto master = haproxy::Connection::open(
        haproxy::Place::unix_socket(setup_.file("master.sock")),
        by,
        milliseconds{250},
        haproxy::Spoken::master
    );
    const auto pid = std::to_string(router_->read()->old_workers.front().pid);
    return master->ask({"@!" + pid + " " + command}, by)->front();
  }

  HaproxySetup setup_;
  std::unique_ptr<engine::Router> router_;
};

TEST_F(HaproxyWorkers, WithoutAReloadThereIsNoOldOne) {
  const auto reading = router_->read();
  ASSERT_TRUE(reading) << reading.error().what << reading.error().why;
  EXPECT_TRUE(reading->old_workers.empty());
  EXPECT_TRUE(reading->notes.empty());
  EXPECT_TRUE(router_->prove_writable());
  EXPECT_TRUE(router_->cut(milliseconds{2000}).unreachable.empty());
}

TEST_F(HaproxyWorkers, ATunnelInAnOldOneIsCountedAndItsHigherShareIsSaid) {
  const auto tunnel = leave_a_tunnel_behind();
  const auto reading = router_->read();
  ASSERT_TRUE(reading) << reading.error().what;
  ASSERT_EQ(reading->old_workers.size(), 1U);
  EXPECT_EQ(reading->old_workers[0].at_hierarchical(), 1U);
  EXPECT_EQ(reading->hierarchical.sessions, 1U);
  EXPECT_EQ(reading->routes.front().share, Share::all());
  EXPECT_FALSE(reading->disagree.empty());
}

TEST_F(HaproxyWorkers, APlainLoweringReachesTheMapsOfAnOldOneAndLeavesItsTunnels) {
  const auto tunnel = leave_a_tunnel_behind();
  const auto lowered = set(Share::of_hundredths(500), Toward::flat);
  ASSERT_TRUE(lowered) << lowered.error().what << lowered.error().why;
  EXPECT_EQ(lowered->front().share, Share::of_hundredths(500));
  EXPECT_NE(
      ask_old("show map " + setup_.file("share.map")).find("us-west-2.substrate 500\n"),
      std::string::npos
  );
  EXPECT_TRUE(tunnel->lives());
}

TEST_F(HaproxyWorkers, AnEmergencyHaltsAnOldOneAndEndsItsTunnels) {
  const auto tunnel = leave_a_tunnel_behind();
  const auto report = router_->cut(milliseconds{2000});
  EXPECT_EQ(report.problems, std::vector<std::string>{});
  EXPECT_TRUE(report.halted && report.unreachable.empty());
  EXPECT_TRUE(report.sessions_left);
  EXPECT_NE(ask_old("show map " + setup_.file("kill.map")).find("all 1\n"), std::string::npos);
  EXPECT_TRUE(tunnel->lives());
  const auto ended = router_->end_sessions({});
  EXPECT_EQ(ended.problems, std::vector<std::string>{});
  EXPECT_EQ(ended.count, 1U);
  EXPECT_FALSE(tunnel->lives());
  EXPECT_TRUE(eventually([&] { return router_->read()->old_workers.empty(); }));
  EXPECT_FALSE(router_->cut(milliseconds{2000}).sessions_left);
}

TEST_F(HaproxyWorkers, EachBreakGlassLineReachesTheOldOne) {
  const auto tunnel = leave_a_tunnel_behind();
  for (const auto& line : router_->break_glass()) {
    Child shell({"/bin/sh", "-c", line});
    EXPECT_EQ(shell.wait(), 0) << line;
  }
  EXPECT_FALSE(tunnel->lives());
  EXPECT_TRUE(eventually([&] { return router_->read()->old_workers.empty(); }));
}

TEST_F(HaproxyWorkers, AReloadThatFailedIsSaidAndIsNoDifference) {
  put(setup_.file("haproxy.cfg"), contents(setup_.file("haproxy.cfg")) + "nonsense\n");
  ::kill(setup_.process.pid(), SIGUSR2);
  ASSERT_TRUE(eventually([&] {
    const auto reading = router_->read();
    return reading && !reading->notes.empty();
  }));
  const auto reading = router_->read();
  EXPECT_NE(reading->notes[0].find("lb1: its last reload failed"), std::string::npos);
  EXPECT_TRUE(reading->disagree.empty());
}

TEST_F(HaproxyWorkers, AMasterThatDoesNotAnswerLeavesTheOldOnesUnobserved) {
  auto& balancer = setup_.configuration.haproxy.balancers.front();
  balancer.master = setup_.file("nobody.sock");
  const auto router = haproxy::make_router(setup_.configuration);
  ASSERT_FALSE(router->read());
  EXPECT_NE(router->read().error().what.find("nobody.sock"), std::string::npos);
  EXPECT_FALSE(router->prove_writable());
  // The worker that takes connections is cut all the same.
  const auto report = router->cut(milliseconds{2000});
  EXPECT_EQ(report.unreachable, std::vector<std::string>{"lb1"});
  EXPECT_TRUE(report.halted);
  EXPECT_TRUE(router_->read()->halted);
}

}  // namespace
}  // namespace hal9::testing
