// What a command says of routes that it left where they were, and of what it ended.
#include "base/result.h"
#include "base/share.h"
#include "engine/map_router.h"
#include "engine/selected.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/route.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using std::chrono::minutes;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

MoveRequest canary(std::uint32_t whole) {
  MoveRequest request;
  request.phase = migration::Phase::canary;
  request.percentage = percent(whole);
  return request;
}

// In canary at 40%.
struct Left {
  Left() { world.at_canary(40); }
  World world;
  std::unique_ptr<Service> service = world.process();
  Watcher watcher;

  Outcome back(const migration::RollBack& request) {
    auto outcome = service->roll_back(world.asker, request, watcher);
    if (outcome) return *outcome;
    ADD_FAILURE() << outcome.error().what;
    return {};
  }
  Outcome move(const MoveRequest& request) {
    auto outcome = service->move(world.asker, request, watcher);
    if (outcome) return *outcome;
    ADD_FAILURE() << outcome.error().what << ": " << outcome.error().why;
    return {};
  }
  void stop_at_once() {
    world.clocks->on_wait = [this] { world.clocks->interrupted = true; };
  }
  void go_on() {
    world.clocks->on_wait = {};
    world.clocks->interrupted = false;
  }
};

// A line for routes that no regions and components select names some of them, and never others.
TEST(LeftAsIs, NoLineRaisesARouteOfWhichNobodySpoke) {
  const std::vector<migration::Route> all{
      {name("eu"), name("cart")},
      {name("eu"), name("pay")},
      {name("us"), name("cart")},
      {name("us"), name("pay")}
  };
  EXPECT_EQ(naming({all[0], all[3]}, all), " --regions eu --components cart");
  EXPECT_EQ(naming({all[0], all[1]}, all), " --regions eu");
  EXPECT_EQ(naming(all, all), " --include-held");
}

// Behind an open one no other line goes.
TEST(LeftAsIs, APausedMoveForwardNamesNoLineForHeldRoutes) {
  Left test;
  migration::RollBack one;
  one.routes = std::vector{kEu};
  test.back(one);
  auto up = canary(60);
  up.gradual = std::chrono::minutes{10};
  up.pause_after = percent(50);
  EXPECT_THAT(test.move(up).notes, Not(Contains(HasSubstr("are held"))));
  ASSERT_TRUE(test.world.state().raise);
}

TEST(LeftAsIs, AMoveForwardNamesHeldRoutesAndTheLineThatRaisesThem) {
  Left test;
  migration::RollBack one;
  one.routes = std::vector{kEu};
  test.back(one);
  const auto outcome = test.move(canary(50));
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("1 routes are held and were left where they are")));
  EXPECT_THAT(
      outcome.notes, Contains(HasSubstr("migrate --phase canary --percentage 50 --regions eu"))
  );
  auto named = canary(50);
  named.routes = std::vector{kEu};
  EXPECT_THAT(test.move(named).notes, Not(Contains(HasSubstr("are held"))));
}

TEST(LeftAsIs, ARollbackAbove0SaysWhoLeadsItLower) {
  Left test;
  test.stop_at_once();
  test.back(gradual(minutes(10)));
  test.go_on();
  migration::RollBack less;
  less.percentage = percent(20);
  const auto outcome = test.back(less);
  EXPECT_EQ(test.world.maps->routes[kEu].first, Share::none());
  EXPECT_THAT(
      outcome.notes, Contains(HasSubstr("the rollback that this one took over goes there"))
  );
  EXPECT_THAT(outcome.notes, Not(Contains(HasSubstr("a rollback raises nothing"))));
}

TEST(LeftAsIs, ARollbackAbove0SaysWhatStoodBelowIt) {
  Left test;
  migration::RollBack one;
  one.routes = std::vector{kEu};
  test.back(one);
  migration::RollBack less;
  less.percentage = percent(20);
  EXPECT_THAT(
      test.back(less).notes,
      Contains(HasSubstr("1 routes stand below 20% and stay there: a rollback raises nothing"))
  );
}

TEST(LeftAsIs, AWayBackByMigrateThatFindsNothingIsNoRollback) {
  Left test;
  migration::RollBack one;
  one.routes = std::vector{kEu};
  test.back(one);
  auto request = canary(30);
  request.routes = std::vector{kUs};
  test.move(request);
  request.percentage = percent(30);
  const auto outcome = test.move(request);
  EXPECT_THAT(outcome.headline, Not(HasSubstr("nothing to roll back")));
}

TEST(AnEmergency, SaysThatItEndedTheMoveForward) {
  Left test;
  test.stop_at_once();
  auto request = canary(80);
  request.gradual = minutes(10);
  test.move(request);
  test.go_on();
  const auto outcome = test.service->emergency(test.world.who(), {}, test.watcher);
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("move forward that was open has ended with this")));
  const auto again = test.service->emergency(test.world.who(), {}, test.watcher);
  EXPECT_THAT(again.notes, Not(Contains(HasSubstr("has ended with this"))));
}

}  // namespace
}  // namespace hal9::engine
