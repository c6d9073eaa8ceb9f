// Kill keys of single routes: set, kept, and cleared by their names.

#include "base/result.h"
#include "base/share.h"
#include "engine/in_canary.h"
#include "engine/map_router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/phase.h"
#include "migration/state.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

TEST(EmergencyOfSomeRoutes, StaysThroughAWholeRollbackAndAMoveThatNamesNoRoute) {
  InCanary test;
  Watcher quiet;
  test.cut(kEu);
  ASSERT_TRUE(test.service->roll_back(test.world.asker, {}, quiet));
  MoveRequest shadow;
  shadow.phase = migration::Phase::shadow;
  test.go(shadow);
  MoveRequest canary;
  canary.phase = migration::Phase::canary;
  canary.include_held = true;
  test.go(canary);
  EXPECT_TRUE(test.world.maps->kill_keys.contains(kEu));
  EXPECT_EQ(test.share(), Share::none());
  EXPECT_EQ(test.world.maps->routes.at(kUs).first, percent(5));
}

TEST(EmergencyOfSomeRoutes, AnAbortedRaiseOfThemHoldsThemAgain) {
  InCanary test;
  Watcher quiet;
  test.cut(kEu);
  auto again = up(50, percent(20));
  again.routes = std::vector{kEu};
  test.go(again);
  ASSERT_TRUE(test.service->abort_raise(test.world.asker, quiet));
  EXPECT_TRUE(test.world.state().routes.at(kEu).held);
  EXPECT_EQ(test.share(), Share::none());
}

TEST(EmergencyOfSomeRoutes, SetsTheirKillKeysAndLeavesTheOthers) {
  InCanary test;
  const auto outcome = test.cut(kEu);
  EXPECT_FALSE(outcome.code) << outcome.headline;
  EXPECT_TRUE(test.world.maps->kill_keys.contains(kEu));
  EXPECT_FALSE(test.world.maps->kill);
  EXPECT_EQ(test.world.maps->routes.at(kUs).first, percent(10));
  const auto state = test.world.state();
  EXPECT_TRUE(state.halted_routes.contains(kEu));
  EXPECT_EQ(state.phase, migration::Phase::canary);
  EXPECT_TRUE(state.routes.at(kEu).held);
}

TEST(EmergencyOfSomeRoutes, IsClearedByTheRaiseThatNamesThemAndByNoOther) {
  InCanary test;
  test.cut(kEu);
  MoveRequest others;
  others.phase = migration::Phase::canary;
  others.percentage = percent(12);
  others.routes = std::vector{kUs};
  test.go(others);
  EXPECT_TRUE(test.world.maps->kill_keys.contains(kEu));
  others.routes = std::vector{kEu};
  test.go(others);
  EXPECT_FALSE(test.world.maps->kill_keys.contains(kEu));
  EXPECT_TRUE(test.world.state().halted_routes.empty());
  EXPECT_EQ(test.share(), percent(12));
}

// Where the router has no switch for everything: emergencies of all routes, one after the other, are no
// halt of everything, and each is cleared by its name.
TEST(EmergencyOfSomeRoutes, ThatTogetherAreAllRoutesAreClearedOneByOne) {
  InCanary test;
  test.world.maps->each = true;
  Watcher quiet;
  for (const auto& route : {kEu, kUs}) {
    EmergencyRequest request;
    request.routes = std::vector{route};
    test.service->emergency([&] { return test.world.asker; }, request, quiet);
  }
  const auto traffic = test.service->traffic();
  ASSERT_TRUE(traffic);
  EXPECT_TRUE(traffic->differences.empty()) << traffic->differences.front().place;
  EXPECT_FALSE(traffic->halted);
  EXPECT_FALSE(traffic->halt_unrecorded);
  MoveRequest one;
  one.phase = migration::Phase::canary;
  one.percentage = percent(12);
  one.routes = std::vector{kUs};
  test.go(one);
  EXPECT_EQ(test.world.maps->kill_keys, std::set{kEu});
  EXPECT_EQ(test.world.maps->routes.at(kUs).first, percent(12));
  EXPECT_EQ(test.share(), Share::none());
}

TEST(EmergencyOfSomeRoutes, StaysWhereTheEndOfTheHaltOfEverythingWouldTakeItAlong) {
  InCanary test;
  test.world.maps->each = true;
  test.cut(kEu);
  test.service->emergency([&] { return test.world.asker; }, {}, test.watcher);
  MoveRequest up;
  up.phase = migration::Phase::shadow;
  test.go(up);
  up.phase = migration::Phase::canary;
  test.go(up);
  EXPECT_EQ(test.world.maps->kill_keys, std::set{kEu});
  EXPECT_EQ(test.world.maps->routes.at(kUs).first, percent(5));
  EXPECT_EQ(test.share(), Share::none());
}

TEST(EmergencyOfSomeRoutes, AKillKeyThatNobodyRecordedStopsARaise) {
  InCanary test;
  test.world.maps->kill_keys.insert(kEu);
  auto request = up(50);
  request.gradual.reset();
  auto outcome = test.service->move(test.world.asker, request, test.watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::gate);
}

}  // namespace
}  // namespace hal9::engine
