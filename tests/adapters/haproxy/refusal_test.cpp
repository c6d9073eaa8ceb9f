// What a balancer refuses or does not know: said, and never taken for a zero.
#include "adapters/folder.h"
#include "adapters/haproxy/fake_socket.h"
#include "adapters/haproxy/haproxy_router.h"
#include "base/name.h"
#include "base/result.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

using hal9::testing::FakeSocket;

constexpr auto kUnknownMap = "Unknown map identifier. Please use #<id> or <file>.\n";
constexpr auto kDenied = "Permission denied\n";

// Balancers over one route, `eu.cart`, and one server a backend. What a command is answered is
// found by the beginning of the command; the longest one counts.
class Refusal : public ::testing::Test {
 protected:
  using Answers = std::map<std::string, std::string>;

  Refusal() {
    configuration_.router = migration::RouterKind::haproxy;
    configuration_.regions = {Name::parse("eu").value()};
    configuration_.components = {Name::parse("cart").value()};
    configuration_.haproxy.files = folder_.path().string();
    test::write(folder_.file("share.map"), "eu.cart 0\n");
  }

  Answers usual() const {
    return {
        {"", "\n"},
        {"show map " + file("kill.map"), "0x1 all 1\n"},
        {"show map " + file("share.map"), "0x1 eu.cart 0\n"},
        {"show map " + file("mirror.map"), "0x1 eu.cart 0\n"},
        {"show servers state", servers()},
        {"show stat", sessions(0)},
    };
  }
  FakeSocket& add_balancer(const std::string& name, Answers answers) {
    const auto path = file(name + ".sock");
    configuration_.haproxy.balancers.push_back({Name::parse(name).value(), path});
    sockets_.push_back(std::make_unique<FakeSocket>(
        path,
        [answers = std::move(answers)](const auto& command) {
          std::string found;
          for (const auto& [start, answer] : answers) {
            if (command.starts_with(start)) found = answer;  // sorted: the longest one comes last
          }
          return found;
        }
    ));
    return *sockets_.back();
  }
  std::unique_ptr<engine::Router> router() const { return make_router(configuration_); }
  std::string file(const std::string& name) const { return folder_.file(name).string(); }
  static std::string servers() {
    return "1\n# be_name srv_name srv_op_state srv_admin_state\nb s1 0 1\n";
  }

  static std::string sessions(int now) {
    const auto count = std::to_string(now);
    return "# pxname,svname,qcur,scur,stot,lbtot,\nb,s1,0," + count + ",9,9,\nb,BACKEND,0," +
           count + ",9,9,\n";
  }

  test::Folder folder_;
  migration::Configuration configuration_;
  std::vector<std::unique_ptr<FakeSocket>> sockets_;
};

bool was_said(const FakeSocket& socket, const std::string& start) {
  const auto heard = socket.heard();
  return std::any_of(heard.begin(), heard.end(), [&](const auto& command) {
    return command.starts_with(start);
  });
}

TEST_F(Refusal, OfAMapsWriteFailsTheProofAndSaysThatMaintIsRefusedToo) {
  auto answers = usual();
  answers["set map"] = kDenied;
  answers["set server"] = kDenied;
  add_balancer("lb1", usual());
  add_balancer("lb2", answers);
  const auto proven = router()->prove_writable();
  ASSERT_FALSE(proven);
  EXPECT_EQ(proven.error().code, Code::failed);
  EXPECT_NE(proven.error().what.find("balancer lb2"), std::string::npos);
  EXPECT_EQ(proven.error().what.find("lb1"), std::string::npos);
  EXPECT_EQ(proven.error().why, "Permission denied; maint is refused");
}

TEST_F(Refusal, OfMaintAloneDoesNotFailTheProof) {
  auto answers = usual();
  answers["set server"] = kDenied;
  add_balancer("lb1", answers);
  const auto proven = router()->prove_writable();
  EXPECT_TRUE(proven) << proven.error().what;
}

TEST_F(Refusal, OfAMapThatIsNotKnownFailsTheProof) {
  auto answers = usual();
  answers["show map " + file("kill.map")] = kUnknownMap;
  add_balancer("lb1", answers);
  const auto proven = router()->prove_writable();
  ASSERT_FALSE(proven);
  EXPECT_NE(proven.error().next.size(), 0U);
}

TEST_F(Refusal, IsLookedForByWritingWhatSendsNobodyToHierarchical) {
  auto answers = usual();
  answers["show map " + file("share.map")] = "0x1 eu.cart 700\n";
  answers["show map " + file("mirror.map")] = "0x1 eu.cart 9\n0x2 other 0\n";
  answers["show map " + file("kill.map")] = "0x1 all 0\n";
  const auto& socket = add_balancer("lb1", answers);
  ASSERT_TRUE(router()->prove_writable());
  EXPECT_TRUE(was_said(socket, "set map " + file("mirror.map") + " other 0"));
  EXPECT_FALSE(was_said(socket, "set map " + file("share.map")));
  EXPECT_FALSE(was_said(socket, "set map " + file("kill.map")));
}

TEST_F(Refusal, IsLookedForByAVersionThatIsDroppedWhereEverybodyIsAtHierarchical) {
  auto answers = usual();
  answers["show map " + file("share.map")] = "0x1 eu.cart 700\n";
  answers["show map " + file("mirror.map")] = "0x1 eu.cart 9\n";
  answers["show map " + file("kill.map")] = "0x1 all 0\n";
  answers["prepare map"] = "New version created: 3\n";
  const auto& socket = add_balancer("lb1", answers);
  ASSERT_TRUE(router()->prove_writable());
  EXPECT_FALSE(was_said(socket, "set map"));
  EXPECT_FALSE(was_said(socket, "commit map"));
  EXPECT_TRUE(was_said(socket, "clear map @3 " + file("share.map")));
}

TEST_F(Refusal, OfAFileFailsTheProofThoughTheBalancersLetEverythingPass) {
  add_balancer("lb1", usual());
  std::filesystem::create_directory(folder_.file("kill.map"));
  const auto proven = router()->prove_writable();
  ASSERT_FALSE(proven);
  EXPECT_NE(proven.error().what.find("kill.map"), std::string::npos);
  EXPECT_EQ(proven.error().state, "nothing was changed");
}

TEST_F(Refusal, OfAMapInACutIsNamedAndItsZerosAreNotTakenForRead) {
  for (const auto* map : {"kill.map", "share.map", "mirror.map"}) {
    for (const auto* answer : {kUnknownMap, "<html>\n"}) {
      configuration_.haproxy.balancers.clear();
      add_balancer(std::string{"one-"} + map, usual());
      auto answers = usual();
      answers["show map " + file(map)] = answer;
      add_balancer(std::string{"two-"} + map, answers);
      const auto report = router()->cut(std::chrono::seconds(2));
      EXPECT_EQ(report.unreachable, std::vector{configuration_.haproxy.balancers[1].name.text()});
      EXPECT_TRUE(report.observed.empty()) << map;
      EXPECT_EQ(report.halted, map != std::string{"kill.map"});
      EXPECT_FALSE(report.problems.empty());
      sockets_.clear();
      std::filesystem::remove(configuration_.haproxy.balancers[0].socket);
      std::filesystem::remove(configuration_.haproxy.balancers[1].socket);
    }
  }
}

TEST_F(Refusal, OfTheKeyOfAllRoutesInACutIsNoAnswer) {
  auto answers = usual();
  answers["show map " + file("kill.map")] = "0x1 eu.cart 0\n";
  add_balancer("lb1", answers);
  const auto report = router()->cut(std::chrono::seconds(2));
  EXPECT_EQ(report.unreachable, std::vector<std::string>{"lb1"});
  EXPECT_FALSE(report.halted);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_NE(report.problems[0].find("has no key all"), std::string::npos);
}

TEST_F(Refusal, OfNothingInACutIsReadBackFromBothBalancers) {
  add_balancer("lb1", usual());
  add_balancer("lb2", usual());
  const auto report = router()->cut(std::chrono::seconds(2));
  EXPECT_TRUE(report.unreachable.empty());
  EXPECT_TRUE(report.halted && report.maintenance);
  EXPECT_EQ(report.observed.size(), 1U);
  EXPECT_TRUE(report.problems.empty());
}

TEST_F(Refusal, ToCountSessionsInACutIsSaidAndTakenForSome) {
  auto answers = usual();
  add_balancer("lb1", answers);
  EXPECT_FALSE(router()->cut(std::chrono::seconds(2)).sessions_left);
  answers["show stat"] = kDenied;
  add_balancer("lb2", answers);
  const auto report = router()->cut(std::chrono::seconds(2));
  EXPECT_TRUE(report.unreachable.empty());
  EXPECT_TRUE(report.sessions_left);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_NE(report.problems[0].find("balancer lb2"), std::string::npos);
}

TEST_F(Refusal, ToEndSessionsIsNamedAndTheOthersAreEndedAndCounted) {
  configuration_.haproxy.hierarchical_backend = "b";
  configuration_.haproxy.mirror_backend = "m";
  auto answers = usual();
  answers["show stat b"] = sessions(2);
  answers["show servers state m"] = "nonsense\n";
  add_balancer("lb1", answers);
  answers = usual();
  answers["show stat b"] = sessions(3);
  answers["shutdown sessions"] = kDenied;
  add_balancer("lb2", answers);
  const auto& dead = add_balancer("lb3", usual());
  const std::vector<std::string> unreachable{"lb3"};
  const auto ended = router()->end_sessions(unreachable);
  EXPECT_EQ(ended.count, 2U);
  EXPECT_TRUE(was_said(*sockets_[0], "shutdown sessions server b/s1"));
  EXPECT_TRUE(dead.heard().empty());
  ASSERT_EQ(ended.problems.size(), 3U);  // of lb1's mirror, and both servers of lb2
  EXPECT_NE(ended.problems[0].find("balancer lb1"), std::string::npos);
  EXPECT_NE(ended.problems[1].find("balancer lb2"), std::string::npos);
  EXPECT_NE(ended.problems[1].find("Permission denied"), std::string::npos);
}

}  // namespace
}  // namespace hal9::haproxy
