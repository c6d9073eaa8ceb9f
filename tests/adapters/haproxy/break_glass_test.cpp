// The lines for the day without this program, where a balancer hangs.
#include "adapters/haproxy/break_glass.h"

#include "adapters/folder.h"
#include "adapters/haproxy/fake_socket.h"
#include "base/name.h"
#include "conformance/router/process.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hal9::haproxy {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

Name name(const std::string& text) {
  return Name::parse(text).value();
}

// A port whose queue is full: as on a machine that swallows every packet, no SYN is answered.
class Hole {
 public:
  Hole() {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    auto* address = reinterpret_cast<sockaddr*>(&here);
    sockets_[0] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::bind(sockets_[0], address, size);
    ::listen(sockets_[0], 0);
    ::getsockname(sockets_[0], address, &size);
    port_ = ntohs(here.sin_port);
    for (std::size_t i = 1; i < sockets_.size(); ++i) {
      sockets_[i] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      ::connect(sockets_[i], address, size);
    }
  }
  Hole(const Hole&) = delete;
  Hole& operator=(const Hole&) = delete;
  ~Hole() {
    for (const int socket : sockets_) ::close(socket);
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  std::array<int, 4> sockets_{};
  int port_ = 0;
};

class BreakGlass : public ::testing::Test {
 protected:
  BreakGlass() {
    settings_.files = folder_.path().string();
    settings_.balancers.resize(2);
    settings_.balancers[0].name = name("lb1");
    settings_.balancers[0].address = hole_.address();
    settings_.balancers[0].master = folder_.file("master.sock").string();
    settings_.balancers[1].name = name("lb2");
    settings_.balancers[1].socket = folder_.file("lb2.sock").string();
  }
  // The place of the first line that holds both texts.
  static std::ptrdiff_t place(
      const std::vector<std::string>& lines, const std::string& text, const std::string& and_text
  ) {
    const auto found = std::ranges::find_if(lines, [&](const std::string& line) {
      return line.find(text) != std::string::npos && line.find(and_text) != std::string::npos;
    });
    EXPECT_NE(found, lines.end()) << text << " with " << and_text;
    return found - lines.begin();
  }

  test::Folder folder_;
  Hole hole_;
  migration::HaproxySettings settings_;
};

TEST_F(BreakGlass, TurnsEveryKillSwitchThenWritesTheFilesThenDoesTheRest) {
  const auto lines = break_glass_lines(settings_, {});
  const auto kill = place(lines, "kill.map all 1", "lb2.sock");
  const auto files = place(lines, "sed -i", "kill.map");
  EXPECT_LT(place(lines, "kill.map all 1", hole_.address()), kill);
  EXPECT_LT(kill, files);
  EXPECT_LT(place(lines, "sed -i", "share.map"), place(lines, "state maint", hole_.address()));
  EXPECT_LT(files, place(lines, "show proc", "master.sock"));
}

TEST_F(BreakGlass, OfSomeRoutesTurnsTheirKeysEverywhereFirst) {
  const std::vector<migration::Route> routes{{name("eu"), name("cart")}};
  const auto lines = break_glass_lines(settings_, {}, routes);
  const auto kill = place(lines, "kill.map eu.cart 1", "lb2.sock");
  EXPECT_LT(kill, place(lines, "sed -i", "kill.map"));
  EXPECT_LT(
      place(lines, "sed -i", "kill.map"), place(lines, "share.map eu.cart 0", hole_.address())
  );
}

TEST_F(BreakGlass, GivesAMachineThatSwallowsEveryPacketASecond) {
  const testing::FakeSocket second(settings_.balancers[1].socket, [](const auto&) { return ""; });
  const auto lines = break_glass_lines(settings_, {});
  for (std::ptrdiff_t i = 0; i <= place(lines, "kill.map all 1", "lb2.sock"); ++i) {
    testing::Child shell({"timeout", "30", "/bin/sh", "-c", lines[static_cast<std::size_t>(i)]});
    EXPECT_NE(shell.wait(), 124) << lines[static_cast<std::size_t>(i)];
  }
  EXPECT_THAT(second.heard(), Contains(HasSubstr("kill.map all 1")));
}

}  // namespace
}  // namespace hal9::haproxy
