// The router kind haproxy-weights in hal9.yaml: each route in one pool, each server in one list.
#include "adapters/config/config_file.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <cstddef>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::config {
namespace {

using ::testing::HasSubstr;

const std::string kBalancer = "balancers: [{name: lb1, socket: /run/a.sock}]";
const std::string kServers = "flat: [f1], hierarchical: [h1]";

Result<migration::Configuration> with_router(const std::string& router) {
  return parse(
      "migration: {name: blue}\nroutes: {regions: [a, b], components: [c]}\n"
      "router: {kind: haproxy-weights, " +
          router + "}",
      "/srv/blue/hal9.yaml"
  );
}
Result<migration::Configuration> with_pools(const std::string& pools) {
  return with_router(kBalancer + ", pools: [" + pools + "]");
}
std::string refusal(const Result<migration::Configuration>& result) {
  return result ? "accepted" : result.error().what;
}

TEST(ParseWeights, GivesAPoolWithoutRoutesAllOfThem) {
  const auto result = with_router(
      kBalancer + ", pools: [{backend: web, flat: [f1, f2], hierarchical: [h1]}], state_file: s"
  );
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result->router, migration::RouterKind::haproxy_weights);
  ASSERT_TRUE(result->weights);
  const auto& pool = result->weights->pools.front();
  EXPECT_EQ(pool.backend, "web");
  EXPECT_EQ(pool.routes, migration::routes_of(*result));
  EXPECT_EQ(pool.flat, (std::vector<std::string>{"f1", "f2"}));
  EXPECT_EQ(result->weights->state_file, "/srv/blue/s");
}

TEST(ParseWeights, RefusesARouteInTwoPoolsOrInNoneOrUnknown) {
  const std::string one = "{backend: x, routes: [a.c], " + kServers + "}";
  EXPECT_TRUE(with_pools(one + ", {backend: z, routes: [b.c], " + kServers + "}"));
  EXPECT_THAT(refusal(with_pools(one)), HasSubstr("b.c is in no pool"));
  EXPECT_THAT(
      refusal(with_pools(one + ", {backend: z, routes: [b.c, a.c], " + kServers + "}")),
      HasSubstr("a.c is in a pool already")
  );
  EXPECT_THAT(
      refusal(with_pools("{backend: x, routes: [a.x], " + kServers + "}")),
      HasSubstr("a.x is no route")
  );
  EXPECT_THAT(
      refusal(with_pools(one + ", {backend: z, " + kServers + "}")), HasSubstr("it is the only one")
  );
  EXPECT_THAT(
      refusal(with_pools(one + ", {backend: x, routes: [b.c], " + kServers + "}")),
      HasSubstr("the backend x is in two pools")
  );
}

TEST(ParseWeights, RefusesServersThatAreBothTwiceNoneOrUnsafe) {
  EXPECT_THAT(
      refusal(with_pools("{backend: x, flat: [s1], hierarchical: [s1]}")),
      HasSubstr("s1 is flat and hierarchical")
  );
  EXPECT_THAT(
      refusal(with_pools("{backend: x, flat: [s1, s1], hierarchical: [h]}")), HasSubstr("s1 twice")
  );
  EXPECT_THAT(
      refusal(with_pools("{backend: x, flat: [], hierarchical: [h]}")), HasSubstr("1 to 64 names")
  );
  EXPECT_THAT(refusal(with_pools("{backend: x, flat: [f]}")), HasSubstr("hierarchical is missing"));
  EXPECT_THAT(
      refusal(with_pools("{backend: x, flat: ['f; quit'], hierarchical: [h]}")),
      HasSubstr("letters, digits")
  );
}

std::string names(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "f" : ", f") + std::to_string(i);
  return list;
}

TEST(ParseWeights, TakesSixtyFourServersAndNamesOfSixtyFourCharacters) {
  const auto of = [](const std::string& flat) {
    return with_pools("{backend: x, flat: [" + flat + "], hierarchical: [h]}");
  };
  EXPECT_TRUE(of(names(64)));
  EXPECT_THAT(refusal(of(names(65))), HasSubstr("1 to 64 names"));
  EXPECT_TRUE(of(std::string(64, 'f')));
  EXPECT_THAT(refusal(of(std::string(65, 'f'))), HasSubstr("at most 64"));
  EXPECT_TRUE(of("aZ09_.-"));
}

// They become words of a command, and of a line for a shell.
TEST(ParseWeights, RefusesEachNameThatIsNoWord) {
  for (const std::string odd : {"a b", "a/b", "a;b", "a$b", "a'b"}) {
    const auto quoted = "\"" + odd + "\"";
    EXPECT_THAT(
        refusal(with_pools("{backend: " + quoted + ", " + kServers + "}")),
        HasSubstr("router.pools.backend takes letters")
    ) << odd;
    EXPECT_THAT(
        refusal(with_pools("{backend: x, flat: [f], hierarchical: [" + quoted + "]}")),
        HasSubstr("router.pools.hierarchical takes letters")
    ) << odd;
  }
}

TEST(ParseWeights, RefusesAPoolOfNoRoutesAndALaterServerTwice) {
  EXPECT_THAT(
      refusal(with_pools("{backend: x, routes: [], " + kServers + "}")),
      HasSubstr("a pool has at least one route")
  );
  EXPECT_THAT(
      refusal(with_pools("{backend: x, flat: [a, b, b], hierarchical: [h]}")), HasSubstr("b twice")
  );
}

TEST(ParseWeights, RefusesMembersOfOtherKindsAndItsOwnElsewhere) {
  const std::string pool = ", pools: [{backend: x, " + kServers + "}]";
  EXPECT_THAT(
      refusal(with_router(kBalancer + pool + ", files: maps")),
      HasSubstr("router.files is nothing that a router of kind haproxy-weights has")
  );
  EXPECT_THAT(
      refusal(with_router(kBalancer + pool + ", command: [/a]")), HasSubstr("router.command")
  );
  EXPECT_THAT(
      refusal(with_router("pools: [{backend: x, " + kServers + "}]")), HasSubstr("balancers")
  );
  const auto other = parse(
      "migration: {name: blue}\nroutes: {regions: [a], components: [b]}\nrouter: {pools: []}",
      "/srv/blue/hal9.yaml"
  );
  EXPECT_THAT(refusal(other), HasSubstr("router.pools"));
}

TEST(ParseWeights, LetsOneHaproxyReadTheStateFile) {
  const std::string rest = "], pools: [{backend: x, " + kServers + "}], state_file: /s";
  const std::string first = "balancers: [{name: lb1, socket: /run/a.sock}, ";
  EXPECT_THAT(
      refusal(with_router(first + "{name: lb2, socket: /run/b.sock}" + rest)),
      HasSubstr("one state file is read by one HAProxy")
  );
  EXPECT_TRUE(with_router(first + "{name: lb2, socket: /run/b.sock, files: none}" + rest));
  const std::string no_file = "], pools: [{backend: x, " + kServers + "}]";
  EXPECT_TRUE(with_router(first + "{name: lb2, socket: /run/b.sock}" + no_file));
  EXPECT_THAT(
      refusal(with_router(first + "{name: lb2, socket: /run/b.sock, files: maps}" + rest)),
      HasSubstr("has map files")
  );
}

}  // namespace
}  // namespace hal9::config
