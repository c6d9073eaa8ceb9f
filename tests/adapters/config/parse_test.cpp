#include "adapters/config/config_file.h"
#include "base/result.h"
#include "migration/configuration.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/phase.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::config {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kFile = "/srv/blue/hal9.yaml";

std::string with(const std::string& from, const std::string& to) {
  std::string yaml = commented_default("blue");
  const std::size_t at = yaml.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return yaml.replace(at, from.size(), to);
}

// The first sentence of the refusal.
std::string refusal(const std::string& yaml) {
  const auto result = parse(yaml, kFile);
  if (result) return "accepted";
  EXPECT_EQ(result.error().code, Code::usage);
  return result.error().what;
}

// What a person does by the comment's words: the line above it goes, and the first # of each line
// from there to the blank one.
std::string uncommented() {
  std::string yaml = with("  kind: ledger-only\n", "");
  std::size_t line = yaml.find('\n', yaml.find("# To move traffic:")) + 1;
  while (yaml[line] != '\n') {
    EXPECT_EQ(yaml[line], '#');
    yaml.erase(line, 1);
    line = yaml.find('\n', line) + 1;
  }
  return yaml;
}

TEST(Parse, AcceptsWhatInitWrites) {
  const auto result = parse(commented_default("blue"), kFile);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result->name.text(), "blue");
  EXPECT_EQ(result->ledger, "/srv/blue/hal9.db");
  EXPECT_EQ(result->router, migration::RouterKind::ledger_only);
  EXPECT_EQ(migration::routes_of(*result).size(), 15U);
  EXPECT_EQ(result->features.size(), 2U);
  EXPECT_FALSE(result->strict_gates);
  EXPECT_EQ(result->session_grace, std::chrono::seconds(2));
}

TEST(Parse, AcceptsTheHaproxySectionOnceItsHashesAreRemoved) {
  const auto result = parse(uncommented(), kFile);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result->router, migration::RouterKind::haproxy);
  ASSERT_EQ(result->haproxy.balancers.size(), 1U);
  EXPECT_EQ(result->haproxy.balancers[0].socket, "/run/haproxy/hal9.sock");
  EXPECT_EQ(result->haproxy.files, "/srv/blue/router");
  EXPECT_EQ(result->haproxy.user_key, "req.hdr(x-user)");
  EXPECT_EQ(result->haproxy.flat_servers, std::vector<std::string>{"127.0.0.1:9701"});
}

TEST(Parse, AcceptsAMigrationWhoseNameYamlReadsAsANumber) {
  EXPECT_TRUE(parse(commented_default("2026"), kFile));
  EXPECT_TRUE(parse(commented_default("no"), kFile));
}

TEST(Parse, NamesLineColumnAndNearestForAnUnknownMember) {
  EXPECT_EQ(
      refusal("migration: {name: blue}\nroutes: {regions: [a], components: [b]}\nfeature: [x]\n"),
      "/srv/blue/hal9.yaml:3:1: \"feature\" is not known here; did you mean features?"
  );
}

TEST(Parse, RefusesADuplicateAndNamesTheFirst) {
  EXPECT_THAT(refusal("migration: {name: a}\nmigration: {name: b}\n"), HasSubstr("2:1"));
  EXPECT_THAT(refusal("migration: {name: a}\nmigration: {name: b}\n"), HasSubstr("in line 1"));
}

TEST(Parse, RefusesPlainScalarsThatAreNoText) {
  EXPECT_THAT(refusal(with("name: \"blue\"", "name: no")), HasSubstr("write \"no\""));
  EXPECT_THAT(refusal(with("name: \"blue\"", "name: 010")), HasSubstr("write \"010\""));
  EXPECT_THAT(refusal(with("name: \"blue\"", "name:")), HasSubstr("has no value"));
  EXPECT_THAT(refusal(with("session_grace: 2s", "session_grace: 2")), HasSubstr("session_grace"));
}

TEST(Parse, TakesTheWitnessesOfSealsAsFoldersAndAsPrograms) {
  const auto both = parse(
      with(
          "  witnesses: []", "  witnesses: [kept]\n  commands: [[/bin/ssh, -v, \"a b\"], [/bin/x]]"
      ),
      kFile
  );
  ASSERT_TRUE(both) << both.error().what;
  EXPECT_EQ(both->seal_witnesses, std::vector<std::string>{"/srv/blue/kept"});
  EXPECT_EQ(
      both->seal_commands,
      (std::vector<std::vector<std::string>>{{"/bin/ssh", "-v", "a b"}, {"/bin/x"}})
  );
  for (const char* wrong : {"[[ssh]]", "[[]]", "[/bin/ssh]", "[[./ssh]]", "[[/bin/ssh, 1]]"}) {
    EXPECT_THAT(
        refusal(with("  witnesses: []", std::string("  commands: ") + wrong)),
        HasSubstr("seals.commands")
    ) << wrong;
  }
}

TEST(Parse, TakesWhenASealIsDue) {
  const auto said = parse(with("every: 1000\n  within: 1h", "every: 50\n  within: 10m"), kFile);
  ASSERT_TRUE(said) << said.error().what;
  EXPECT_EQ(said->seal_every, 50U);
  EXPECT_EQ(said->seal_within, std::chrono::minutes(10));
  const auto silent = parse(with("every: 1000\n  within: 1h", ""), kFile);
  ASSERT_TRUE(silent) << silent.error().what;
  EXPECT_FALSE(silent->seal_every || silent->seal_within);
  for (const char* wrong : {"0", "-1", "1000001", "\"5\"", "1e3", "010", "many", "[5]", ""}) {
    const std::string line = std::string("every: ") + wrong;
    EXPECT_THAT(refusal(with("every: 1000", line)), HasSubstr("seals.every")) << wrong;
  }
  for (const char* right : {"1s", "1.5s", "1h30m", "720h"}) {
    EXPECT_TRUE(parse(with("within: 1h", std::string("within: ") + right), kFile)) << right;
  }
  for (const char* wrong : {"0s", "999ms", "720h1s", "soon", "[1h]", "10"}) {
    const std::string line = std::string("within: ") + wrong;
    EXPECT_THAT(refusal(with("within: 1h", line)), HasSubstr("seals.within")) << wrong;
  }
}

TEST(Parse, TakesWhatOpensAnIncident) {
  const auto by = [](const char* word) {
    const auto said = parse(with("opened_by: rollback", std::string("opened_by: ") + word), kFile);
    return said ? said->incidents_by : std::nullopt;
  };
  EXPECT_EQ(by("rollback"), migration::IncidentsBy::rollback);
  EXPECT_EQ(by("emergency"), migration::IncidentsBy::emergency);
  EXPECT_EQ(by("hand"), migration::IncidentsBy::hand);
  EXPECT_THAT(
      refusal(with("opened_by: rollback", "opened_by: rolback")), HasSubstr("incidents.opened_by")
  );
}

TEST(Parse, TakesHooks) {
  const auto said = parse(
      with(
          "hooks: []",
          "hooks:\n  - {name: a, on: phase-end, phase: shadow, command: [/bin/x, \"1 2\"]}\n"
          "  - {name: b, on: rollback-end, command: [/bin/y], timeout: 5m}"
      ),
      kFile
  );
  ASSERT_TRUE(said) << said.error().what;
  ASSERT_TRUE(said->hooks);
  ASSERT_EQ(said->hooks->size(), 2U);
  const auto& first = said->hooks->front();
  EXPECT_EQ(first.on, migration::HookOn::phase_end);
  EXPECT_EQ(first.phase, migration::Phase::shadow);
  EXPECT_EQ(first.command, (std::vector<std::string>{"/bin/x", "1 2"}));
  EXPECT_EQ(first.timeout, migration::kHookTimeout);
  EXPECT_EQ(said->hooks->back().timeout, std::chrono::minutes(5));
  EXPECT_FALSE(said->hooks->back().phase);
  EXPECT_FALSE(parse(with("hooks: []", "hooks: []"), kFile)->hooks) << "as if it were not there";
}

TEST(Parse, RefusesHooksThatCannotRun) {
  const auto wrong = [](const std::string& hooks) {
    return refusal(with("hooks: []", "hooks: [" + hooks + "]"));
  };
  EXPECT_THAT(wrong("{on: phase-end, command: [/bin/x]}"), HasSubstr("name"));
  EXPECT_THAT(wrong("{name: a, command: [/bin/x]}"), HasSubstr("on"));
  EXPECT_THAT(wrong("{name: a, on: phase-ends, command: [/bin/x]}"), HasSubstr("phase-end"));
  EXPECT_THAT(wrong("{name: a, on: phase-end}"), HasSubstr("command"));
  EXPECT_THAT(wrong("{name: a, on: phase-end, command: []}"), HasSubstr("hooks.command"));
  EXPECT_THAT(wrong("{name: a, on: phase-end, command: [x]}"), HasSubstr("absolute"));
  EXPECT_THAT(wrong("{name: a, on: phase-end, phase: none, command: [/x]}"), HasSubstr("phase"));
  EXPECT_THAT(wrong("{name: a, on: phase-end, command: [/x], timeout: 11m}"), HasSubstr("timeout"));
  EXPECT_THAT(
      wrong("{name: a, on: phase-end, command: [/x]}, {name: a, on: phase-end, command: [/y]}"),
      HasSubstr("twice")
  );
}

TEST(Parse, RefusesRoutesThatCannotBeTold) {
  EXPECT_THAT(refusal(with("[us-west-2,", "[us.west,")), HasSubstr("holds a dot"));
  EXPECT_THAT(refusal(with("[us-west-2,", "[eu-west-1,")), HasSubstr("twice"));
  EXPECT_THAT(
      refusal(with("[us-west-2, eu-west-1, ap-southeast-1]", "[]")), HasSubstr("at least one")
  );
}

TEST(Parse, RefusesAHaproxyWithoutBalancersOrFiles) {
  EXPECT_THAT(refusal(with("kind: ledger-only", "kind: haproxy")), HasSubstr("router.balancers"));
  EXPECT_THAT(
      refusal(
          with("kind: ledger-only", "kind: haproxy\n  balancers: [{name: a, socket: /run/a.sock}]")
      ),
      HasSubstr("router.files")
  );
}

std::string with_balancers(const std::string& balancers) {
  return with(
      "kind: ledger-only", "kind: haproxy\n  files: router\n  balancers: [" + balancers + "]"
  );
}

TEST(Parse, TakesABalancerByAddressWithItsFilesElsewhere) {
  const auto result = parse(
      with_balancers("{name: a, socket: a.sock, master: m.sock},"
                     "{name: b, address: \"192.0.2.7:9999\", files: none},"
                     "{name: c, address: \"[2001:db8::7]:9999\", files: none, maps: /etc/maps/},"
                     "{name: d, socket: d.sock, files: other}"),
      kFile
  );
  ASSERT_TRUE(result) << result.error().what;
  const auto& balancers = result->haproxy.balancers;
  ASSERT_EQ(balancers.size(), 4U);
  EXPECT_EQ(balancers[0].master, "/srv/blue/m.sock");
  EXPECT_FALSE(balancers[0].address || balancers[0].maps || balancers[0].elsewhere);
  EXPECT_EQ(balancers[1].address, "192.0.2.7:9999");
  EXPECT_EQ(balancers[1].socket, "");
  EXPECT_EQ(balancers[1].elsewhere, true);
  EXPECT_FALSE(balancers[1].maps);
  EXPECT_EQ(balancers[2].maps, "/etc/maps");
  EXPECT_EQ(balancers[3].maps, "/srv/blue/other");
  EXPECT_FALSE(balancers[3].elsewhere);
}

TEST(Parse, RefusesABalancerThatCannotBeReachedOrTold) {
  const auto refused = [](const std::string& balancers) {
    return refusal(with_balancers(balancers));
  };
  EXPECT_THAT(refused("{name: a}"), HasSubstr("router.balancers.socket is missing"));
  EXPECT_THAT(refused("{name: a, socket: s, address: \"1.2.3.4:5\"}"), HasSubstr("not both"));
  EXPECT_THAT(refused("{name: a, address: \"lb2.example:9999\"}"), HasSubstr("no resolver"));
  EXPECT_THAT(refused("{name: a, address: \"2001:db8::7:9999\"}"), HasSubstr("brackets"));
  EXPECT_THAT(refused("{name: a, socket: s, maps: /etc/maps}"), HasSubstr("files: none"));
  EXPECT_THAT(
      refused("{name: a, socket: s, files: none, maps: maps}"), HasSubstr("begins with a /")
  );
  EXPECT_THAT(
      refused("{name: a, address: \"1.2.3.4:5\"}, {name: b, address: \"1.2.3.4:5\"}"),
      HasSubstr("twice")
  );
  EXPECT_THAT(
      refused("{name: a, socket: s, master: m}, {name: b, socket: t, master: m}"),
      HasSubstr("twice")
  );
  EXPECT_EQ(
      refused("{name: a, address: \"1.2.3.4:5\"}, {name: b, address: \"1.2.3.4:6\"}"), "accepted"
  );
}

TEST(Parse, RefusesWhatWouldBecomeALineOfTheRouter) {
  const auto servers = [](const std::string& one) {
    return with("kind: ledger-only", "servers: {flat: [\"" + one + "\"]}");
  };
  EXPECT_EQ(refusal(servers("10.0.0.1:80")), "accepted");
  EXPECT_EQ(refusal(servers("[::1]:80")), "accepted");
  EXPECT_THAT(refusal(servers("10.0.0.1:80 backup")), HasSubstr("host:port"));
  EXPECT_THAT(refusal(servers("10.0.0.1:0")), HasSubstr("host:port"));
  EXPECT_THAT(refusal(servers("10.0.0.1:65536")), HasSubstr("host:port"));
  EXPECT_THAT(
      refusal(with("kind: ledger-only", "user_key: \"req.hdr(x) # x\"")), HasSubstr("cannot hold")
  );
  EXPECT_THAT(
      refusal(with("kind: ledger-only", "user_key: \"a\\nb\"")), HasSubstr("control character")
  );
}

TEST(Parse, RefusesAWordThatIsNotOneOfThem) {
  EXPECT_THAT(refusal(with("gates: normal", "gates: strikt")), HasSubstr("did you mean strict?"));
  EXPECT_TRUE(parse(with("gates: normal", "gates: strict"), kFile)->strict_gates);
}

}  // namespace
}  // namespace hal9::config
