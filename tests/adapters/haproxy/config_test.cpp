// The printed configuration as text; that HAProxy takes it and traffic obeys it is shown in
// tests/conformance/router.
#include "adapters/haproxy/haproxy_config.h"
#include "base/name.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

migration::Configuration configuration() {
  migration::Configuration made;
  made.router = migration::RouterKind::haproxy;
  made.regions = {Name::parse("eu").value()};
  made.components = {Name::parse("cart").value(), Name::parse("pay").value()};
  made.features = {Name::parse("new-ui").value()};
  made.haproxy.balancers = {{Name::parse("lb1").value(), "/run/haproxy/admin.sock"}};
  made.haproxy.files = "/etc/hal9/maps";
  made.haproxy.flat_servers = {"127.0.0.1:9101"};
  made.haproxy.hierarchical_servers = {"127.0.0.1:9102", "127.0.0.1:9103"};
  return made;
}

std::string content(const Generated& generated, std::string_view name) {
  for (const auto& file : generated.files) {
    if (file.name == name) return file.content;
  }
  return "missing";
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(HaproxyConfig, StartsEveryMapAtZero) {
  const auto generated = generate(configuration());
  ASSERT_TRUE(generated);
  EXPECT_NE(content(*generated, "share.map").find("\neu.cart 0\neu.pay 0\n"), std::string::npos);
  EXPECT_NE(content(*generated, "mirror.map").find("\neu.cart 0\neu.pay 0\n"), std::string::npos);
  EXPECT_NE(
      content(*generated, "kill.map").find("\nall 0\neu.cart 0\neu.pay 0\n"), std::string::npos
  );
  EXPECT_NE(content(*generated, "feature.map").find("\nnew-ui 0\n"), std::string::npos);
  EXPECT_NE(content(*generated, "mirror.lua").find("\"http://127.0.0.1:9710\""), std::string::npos);
}

TEST(HaproxyConfig, HasOneMarkedPlaceForTheUsersOwnKeys) {
  auto own = configuration();
  own.haproxy.route_key = "req.hdr(x-route)";
  own.haproxy.user_key = "req.cook(session)";
  const auto generated = generate(own);
  ASSERT_TRUE(generated);
  EXPECT_EQ(count(generated->lines, ">>> YOURS"), 1U);
  EXPECT_EQ(count(generated->lines, "set-var(txn.hal9_route) req.hdr(x-route)\n"), 1U);
  EXPECT_EQ(count(generated->lines, "set-var(txn.hal9_user) req.cook(session)\n"), 1U);
  EXPECT_EQ(generated->lines.find('@'), std::string::npos);
}

TEST(HaproxyConfig, NamesTheUsersServersAndBackends) {
  auto own = configuration();
  own.haproxy.hierarchical_backend = "newcore";
  const auto generated = generate(own);
  ASSERT_TRUE(generated);
  EXPECT_EQ(count(generated->lines, "nbsrv(newcore)"), 1U);
  EXPECT_EQ(count(generated->lines, "\nbackend newcore from hal9\n"), 1U);
  EXPECT_EQ(count(generated->lines, "server s2 127.0.0.1:9103 check"), 2U);  // and the mirror
}

TEST(HaproxyConfig, RefusesWhatCouldBeALineOfItsOwn) {
  const auto refused = [](auto change) {
    auto bad = configuration();
    change(bad);
    const auto generated = generate(bad);
    return !generated && generated.error().code == Code::usage;
  };
  EXPECT_TRUE(refused([](auto& c) { c.router = migration::RouterKind::ledger_only; }));
  EXPECT_TRUE(refused([](auto& c) { c.haproxy.route_key = "path\nbackend x"; }));
  EXPECT_TRUE(refused([](auto& c) { c.haproxy.user_key = "path # x"; }));
  EXPECT_TRUE(refused([](auto& c) { c.haproxy.flat_backend = "a b"; }));
  EXPECT_TRUE(refused([](auto& c) { c.haproxy.files = "/a b"; }));
  EXPECT_TRUE(refused([](auto& c) { c.haproxy.mirror_listen = "127.0.0.1:9\" os.exit()"; }));
  EXPECT_TRUE(refused([](auto& c) { c.haproxy.health_path = "health"; }));
  EXPECT_TRUE(refused([](auto& c) { c.haproxy.flat_servers = {"host"}; }));
  EXPECT_TRUE(refused([](auto& c) { c.haproxy.balancers[0].socket = "/a b"; }));
}

TEST(HaproxyConfig, IsNotNeededWhereServerWeightsSplit) {
  auto weights = configuration();
  weights.router = migration::RouterKind::haproxy_weights;
  const auto refused = generate(weights);
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().what, "a router of kind haproxy-weights needs no lines of this program"
  );
  EXPECT_EQ(refused.error().next, "hal9-migrate config check");
}

TEST(HaproxyConfig, HaltsTheMapsOfABalancerOnAnotherMachineForGood) {
  auto own = configuration();
  migration::Balancer far{Name::parse("lb2").value(), ""};
  far.address = "[2001:db8::7]:9999";
  far.elsewhere = true;
  far.maps = "/srv/maps";
  own.haproxy.balancers.push_back(far);
  const auto generated = generate(own);
  ASSERT_TRUE(generated) << generated.error().why;
  ASSERT_EQ(generated->sets.size(), 2U);
  EXPECT_EQ(generated->lines, generated->sets[0].lines);
  EXPECT_EQ(generated->lines.find("2001:db8"), std::string::npos);
  const auto& set = generated->sets[1];
  EXPECT_TRUE(set.elsewhere);
  EXPECT_EQ(set.balancers, std::vector<std::string>{"lb2"});
  EXPECT_EQ(count(set.lines, "stats socket ipv6@[2001:db8::7]:9999 level admin\n"), 1U);
  EXPECT_EQ(count(set.lines, "/etc/hal9/maps"), 0U);
  EXPECT_GT(count(set.lines, "/srv/maps/kill.map"), 0U);
  for (const auto& file : set.files) {
    if (file.name == "kill.map") {
      EXPECT_NE(file.content.find("\nall 1\neu.cart 0\n"), std::string::npos) << file.content;
    }
    if (file.name == "share.map") {
      EXPECT_NE(file.content.find("\neu.cart 0\neu.pay 0\n"), std::string::npos) << file.content;
    }
  }
}

TEST(HaproxyConfig, PrintsTheSocketOfEachBalancerOfOneFolder) {
  auto own = configuration();
  migration::Balancer second{Name::parse("lb2").value(), ""};
  second.address = "192.0.2.7:9999";
  own.haproxy.balancers.push_back(second);
  const auto generated = generate(own);
  ASSERT_TRUE(generated);
  ASSERT_EQ(generated->sets.size(), 1U);
  EXPECT_EQ(
      count(generated->lines, "stats socket ipv4@192.0.2.7:9999 level admin    # of lb2 alone\n"),
      1U
  );
}

}  // namespace
}  // namespace hal9::haproxy
