// What a HAProxy that runs says of the configuration.
#include "adapters/haproxy/live_check.h"

#include "adapters/folder.h"
#include "adapters/haproxy/fake_socket.h"
#include "base/name.h"
#include "migration/configuration.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Name name(const std::string& text) {
  return Name::parse(text).value();
}

class LiveCheckTest : public ::testing::Test {
 protected:
  LiveCheckTest() {
    configuration_.regions = {name("eu")};
    configuration_.components = {name("cart"), name("pay")};
    configuration_.features = {name("new-ui")};
    configuration_.haproxy.files = "/maps";
    configuration_.haproxy.balancers = {{name("lb1"), folder_.file("lb1.sock").string()}};
  }
  std::string answer(const std::string& command) {
    const auto found = answers_.find(command);
    if (found != answers_.end()) return found->second;
    return command.starts_with("show map") ? "Unknown map identifier. Please use #<id>.\n"
                                           : "Can't find backend.\n";
  }
  static std::string servers(const std::string& backend) {
    return "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state\n3 " +
           backend + " 1 s1 127.0.0.1 2 0\n";
  }
  [[nodiscard]] LiveCheck check() const { return check_live(configuration_); }

  test::Folder folder_;
  migration::Configuration configuration_;
  std::map<std::string, std::string> answers_{
      {"show map /maps/share.map", "0x1 eu.cart 0\n0x2 eu.pay 0\n"},
      {"show map /maps/mirror.map", "0x1 eu.cart 0\n0x2 eu.pay 0\n"},
      {"show map /maps/kill.map", "0x1 all 0\n0x2 eu.cart 0\n0x3 eu.pay 0\n"},
      {"show map /maps/feature.map", "0x1 new-ui 0\n"},
      {"show servers state flat", servers("flat")},
      {"show servers state hierarchical", servers("hierarchical")},
      {"show servers state shadow", servers("shadow")}
  };
  hal9::testing::FakeSocket socket_{folder_.file("lb1.sock").string(), [this](const auto& command) {
                                      return answer(command);
                                    }};
};

TEST_F(LiveCheckTest, HasNoWordForWhatIsRight) {
  EXPECT_THAT(check().refusals, IsEmpty());
  EXPECT_THAT(check().warnings, IsEmpty());
}

TEST_F(LiveCheckTest, RefusesABackendThatHAProxyDoesNotHave) {
  configuration_.haproxy.hierarchical_backend = "hierarchcal";
  EXPECT_THAT(
      check().refusals,
      ElementsAre(AllOf(HasSubstr("balancer lb1 ("), HasSubstr("has no backend hierarchcal")))
  );
}

TEST_F(LiveCheckTest, RefusesMapsThatHAProxyDoesNotHaveAndAKillSwitchWithoutItsKey) {
  configuration_.haproxy.files = "/others";
  EXPECT_EQ(check().refusals.size(), 4U);
  configuration_.haproxy.files = "/maps";
  answers_["show map /maps/kill.map"] = "0x2 eu.cart 0\n0x3 eu.pay 0\n";
  EXPECT_THAT(check().refusals, ElementsAre(HasSubstr("could not set its kill switch")));
}

TEST_F(LiveCheckTest, WarnsOfRoutesThatHAProxysMapsDoNotHave) {
  answers_["show map /maps/share.map"] = "\n";
  answers_["show map /maps/kill.map"] = "0x1 all 0\n0x2 eu.cart 0\n";
  EXPECT_THAT(check().refusals, IsEmpty());
  EXPECT_THAT(
      check().warnings,
      ElementsAre(
          HasSubstr("has no key eu.cart, nor 1 more, in /maps/share.map"),
          HasSubstr("has no key eu.pay in /maps/kill.map")
      )
  );
}

TEST_F(LiveCheckTest, OnlyWarnsOfASocketThatIsNotThereNow) {
  configuration_.haproxy.balancers.front().socket = folder_.file("nobody.sock").string();
  EXPECT_THAT(check().refusals, IsEmpty());
  EXPECT_THAT(
      check().warnings,
      ElementsAre(AllOf(HasSubstr("nobody.sock) does not answer now"), HasSubstr("No such file")))
  );
}

}  // namespace
}  // namespace hal9::haproxy
