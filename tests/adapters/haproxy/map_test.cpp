// Values of maps, the commands that change them, and the files that follow.
#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/combine.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "base/name.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

using engine::Toward;

constexpr Share hundredths(std::uint32_t value) {
  return Share::of_hundredths(value);
}

TEST(MapValues, AreNeverReadLowerThanTrafficMayBe) {
  const auto values = values_of(
      {{"a", "10"}, {"b", "-5"}, {"c", "99999999999"}, {"d", "7 x"}, {"a", "30"}, {"e", "abc"}},
      "share map"
  );
  EXPECT_EQ(values.find("a"), hundredths(30));
  EXPECT_EQ(values.find("b"), Share::none());
  EXPECT_EQ(values.find("c"), Share::all());
  EXPECT_EQ(values.find("d"), hundredths(7));
  EXPECT_EQ(values.find("e"), Share::all());
  EXPECT_EQ(values.find("f"), std::nullopt);
  EXPECT_TRUE(values.unreadable);
  EXPECT_EQ(values.problems.size(), 4U);  // b, c, e, and a twice
}

TEST(MapValues, WithoutTheKeyOfAllRoutesCountAsHalted) {
  EXPECT_TRUE(is_halted(values_of({}, "kill map")));
  EXPECT_TRUE(is_halted(values_of({{"all", "1"}}, "kill map")));
  EXPECT_FALSE(is_halted(values_of({{"all", "0"}}, "kill map")));
}

TEST(MapTargets, TakeTheMinimumTowardFlatAndWhatIsAskedTowardHierarchical) {
  const auto now = values_of({{"a", "10"}, {"b", "50"}}, "share map");
  const Amounts asked{{"a", hundredths(30)}, {"b", hundredths(20)}, {"c", hundredths(5)}};
  EXPECT_EQ(targets(now, asked, Toward::hierarchical), asked);
  const Amounts lower{{"a", hundredths(10)}, {"b", hundredths(20)}, {"c", Share::none()}};
  EXPECT_EQ(targets(now, asked, Toward::flat), lower);
}

TEST(MapCompare, FindsWhatDiffersAndTowardFlatAllowsLess) {
  const auto after = values_of({{"a", "10"}}, "share map");
  EXPECT_TRUE(compare("m", after, {{"a", hundredths(10)}}, Toward::hierarchical));
  EXPECT_FALSE(compare("m", after, {{"a", hundredths(11)}}, Toward::hierarchical));
  EXPECT_TRUE(compare("m", after, {{"a", hundredths(11)}}, Toward::flat));
  EXPECT_FALSE(compare("m", after, {{"a", hundredths(9)}}, Toward::flat));
}

TEST(MapCommands, KeepForeignKeysOnceAndFitIntoHaproxysBuffer) {
  std::vector<MapEntry> now{{"foreign", "3"}, {"foreign", "4"}, {"a", "1"}, {"bad", "1\n"}};
  Amounts wanted{{"a", hundredths(9)}};
  for (int route = 0; route < 1000; ++route) {
    wanted.emplace("region.component-" + std::to_string(route), Share::all());
  }
  const auto commands = add_entries("/m/share.map", 4, now, wanted);
  EXPECT_GT(commands.size(), 1U);
  std::size_t lines = 0;
  for (const auto& command : commands) {
    EXPECT_LT(command.size(), 11200U);
    EXPECT_TRUE(command.starts_with("add map @4 /m/share.map <<\n"));
    lines += static_cast<std::size_t>(std::count(command.begin(), command.end(), '\n')) - 1;
  }
  EXPECT_EQ(lines, 1002U);  // 1,000 routes, a, and foreign once
  EXPECT_NE(commands.front().find("\nforeign 3\n"), std::string::npos);
}

TEST(MapCommands, ChangeOnlyKeysThatAreThere) {
  std::vector<std::string> commands;
  const auto now = values_of({{"a", "10"}, {"b", "50"}}, "share map");
  append_changes(commands, "/m", now, {{"b", hundredths(20)}, {"new", Share::none()}});
  EXPECT_EQ(commands, std::vector<std::string>{"set map /m b 20"});
}

TEST(MapCommands, RefuseSettingsThatCouldHoldAnotherCommand) {
  migration::HaproxySettings settings;
  settings.files = "/etc/hal9/maps";
  EXPECT_TRUE(check_settings(settings));
  settings.mirror_backend = "shadow; set map x";
  EXPECT_FALSE(check_settings(settings));
  settings.mirror_backend = "shadow";
  for (const auto* path : {"", "relative", "/a b", "/a;b", "/a\nb", "/a,0)"}) {
    settings.files = path;
    EXPECT_FALSE(check_settings(settings)) << path;
  }
}

TEST(MapFile, LowersOnlyAndKeepsWhatIsNotAsked) {
  const Amounts asked{{"a", hundredths(50)}, {"b", hundredths(50)}, {"new", hundredths(50)}};
  EXPECT_EQ(
      merge_map("# says why\na 10\nb\t900\n\nother 7 x\n", asked, Merge::lower),
      "# says why\na 10\nb 50\n\nother 7 x\nnew 0\n"
  );
}

TEST(MapFile, ReplacesWhatIsAsked) {
  const Amounts asked{{"a", hundredths(50)}, {"new", hundredths(60)}};
  EXPECT_EQ(merge_map("a 10\nb 900", asked, Merge::replace), "a 50\nb 900\nnew 60\n");
}

TEST(MapFile, GoesToZeroInEveryKeyAndKeepsComments) {
  EXPECT_EQ(zero_map("# 5\na 10\nb\n"), "# 5\na 0\nb 0\n");
}

// A route that was taken out of the configuration, a mirror's key, and one that is no route at all.
TEST(Reading, CarriesWhatTheMapsHoldBeyondTheConfiguredRoutes) {
  migration::Configuration configuration;
  configuration.regions = {Name::parse("eu").value()};
  configuration.components = {Name::parse("cart").value()};
  Picture picture;
  picture.share = values_of({{"eu.cart", "5"}, {"old.cart", "7"}, {"legacy", "3"}}, "share map");
  picture.mirror = values_of({{"eu.cart", "0"}, {"old.pay", "0"}}, "mirror map");
  const auto reading = reading_of(configuration, picture);
  ASSERT_EQ(reading.routes.size(), 1U);
  ASSERT_EQ(reading.others.size(), 3U);
  EXPECT_EQ(reading.others[0].key, "legacy");
  EXPECT_FALSE(reading.others[0].route);
  EXPECT_EQ(reading.others[1].key, "old.cart");
  ASSERT_TRUE(reading.others[1].route);
  EXPECT_EQ(migration::to_text(*reading.others[1].route), "old.cart");
  EXPECT_EQ(reading.others[1].share, hundredths(7));
  EXPECT_TRUE(reading.others[1].is_up());
  EXPECT_FALSE(reading.others[2].is_up());
}

TEST(Combine, TakesTheHigherOfOtherKeysAndKeepsThoseOfOneBalancer) {
  engine::Reading one;
  one.others = {{"a", {}, hundredths(5), Share::none()}};
  engine::Reading other;
  other.others = {{"a", {}, hundredths(2), hundredths(3)}, {"b", {}, hundredths(1), Share::none()}};
  const auto both = combine({{"lb1", one}, {"lb2", other}});
  ASSERT_EQ(both.others.size(), 2U);
  EXPECT_EQ(both.others[0].share, hundredths(5));
  EXPECT_EQ(both.others[0].mirror, hundredths(3));
  EXPECT_EQ(both.others[1].key, "b");
  EXPECT_TRUE(both.disagree.empty());
}

TEST(Combine, TakesTheHigherValueAndSaysWhatDiffers) {
  const migration::Route route{Name::parse("eu").value(), Name::parse("cart").value()};
  engine::Reading one;
  one.routes = {{route, hundredths(5), Share::none(), true, 1, 2}};
  one.halted = true;
  one.flat.servers_up = 2;
  auto other = one;
  other.routes[0].share = hundredths(9);
  other.halted = false;
  other.flat.servers_up = 1;
  const auto both = combine({{"lb1", one}, {"lb2", other}});
  EXPECT_EQ(both.routes[0].share, hundredths(9));
  EXPECT_EQ(both.routes[0].hierarchical_requests, 2U);
  EXPECT_FALSE(both.halted);
  EXPECT_EQ(both.flat.servers_up, 1U);
  EXPECT_EQ(both.disagree.size(), 2U);
  EXPECT_TRUE(combine({{"lb1", one}}).disagree.empty());
}

}  // namespace
}  // namespace hal9::haproxy
