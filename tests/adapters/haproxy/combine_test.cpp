// What several balancers show, as one reading.
#include "adapters/haproxy/combine.h"

#include "base/name.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/route.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Name name(const char* text) {
  return Name::parse(text).value();
}

engine::Reading showing(std::uint32_t share, bool halted = false) {
  engine::Reading reading;
  engine::RouteReading route;
  route.route = {name("us"), name("cart")};
  route.share = Share::of_hundredths(share * 100);
  reading.routes.push_back(route);
  reading.halted = halted;
  return reading;
}

// At flat as its files were installed, which is what a restart leaves.
engine::Reading fallen(const char* balancer) {
  auto reading = showing(0, true);
  reading.fallen = {balancer};
  return reading;
}

std::vector<std::pair<std::string, engine::Reading>> of(std::vector<engine::Reading> readings) {
  std::vector<std::pair<std::string, engine::Reading>> named;
  for (auto& one : readings) {
    named.emplace_back("lb" + std::to_string(named.size() + 1), std::move(one));
  }
  return named;
}

TEST(Combine, NamesWhoShowsWhatOnce) {
  const auto all = combine(of({showing(0), showing(30), showing(0)}));
  EXPECT_THAT(all.disagree, ElementsAre("share of us.cart: 30% at lb2, 0% at lb1, lb3"));
  EXPECT_EQ(all.routes.front().share, Share::of_hundredths(3000)) << "the worst counts";
}

TEST(Combine, NamesWhoIsHaltedAndWhoIsNot) {
  const auto all = combine(of({showing(0, true), showing(0), showing(0, true)}));
  EXPECT_THAT(all.disagree, ElementsAre("kill switch: on at lb1, lb3, off at lb2"));
  EXPECT_FALSE(all.halted);
}

TEST(Combine, KeepsWhatEachSaysOfItself) {
  auto second = showing(10);
  second.disagree = {"pool web is in two minds"};
  const auto all = combine(of({showing(10), second}));
  EXPECT_THAT(all.disagree, ElementsAre("lb2: pool web is in two minds"));
}

TEST(Combine, GoesByThoseThatNoRestartHasSentToFlat) {
  const auto all = combine(of({fallen("lb1"), showing(30), showing(30)}));
  EXPECT_THAT(all.disagree, IsEmpty());
  EXPECT_THAT(all.fallen, ElementsAre("lb1"));
  EXPECT_FALSE(all.halted);
  EXPECT_EQ(all.routes.front().share, Share::of_hundredths(3000));
}

// An emergency that one of them heard late, and not to its end, looks like a restart there. Where the
// others are halted nobody has fallen: it is a halt, and goes on record as one.
TEST(Combine, CallsNobodyFallenWhereTheOthersAreHalted) {
  const auto all = combine(of({showing(0, true), fallen("lb2"), showing(0, true)}));
  EXPECT_THAT(all.fallen, IsEmpty());
  EXPECT_TRUE(all.halted);
}

TEST(Combine, CallsAllFallenWhereAllAre) {
  const auto all = combine(of({fallen("lb1"), fallen("lb2")}));
  EXPECT_THAT(all.fallen, ElementsAre("lb1", "lb2"));
  EXPECT_TRUE(all.halted);
}

}  // namespace
}  // namespace hal9::haproxy
