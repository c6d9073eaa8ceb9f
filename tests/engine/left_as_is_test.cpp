// What a command says of routes that it left where they were, and of what it ended.
#include "engine/left_as_is.h"

#include "base/result.h"
#include "base/share.h"
#include "engine/map_router.h"
#include "engine/selected.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "migration/state.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using std::chrono::minutes;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
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
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("1 route is held and left where it was.")));
  EXPECT_THAT(
      outcome.notes, Contains(HasSubstr("migrate --phase canary --percentage 50 --regions eu"))
  );
  auto named = canary(50);
  named.routes = std::vector{kEu};
  EXPECT_THAT(test.move(named).notes, Not(Contains(HasSubstr("are held"))));
}

// Routes of two regions and two components, of which no regions and components select just two.
struct Square {
  migration::Route eu_cart{name("eu"), name("cart")};
  migration::Route eu_pay{name("eu"), name("pay")};
  migration::Route us_cart{name("us"), name("cart")};
  migration::Route us_pay{name("us"), name("pay")};
  Outcome outcome;
  Square() {
    outcome.state.phase = migration::Phase::ramp_up;
    for (const auto& route : {eu_cart, eu_pay, us_cart, us_pay}) {
      migration::RouteState now;
      now.configured = true;
      now.share = {percent(50), percent(50), percent(50)};
      outcome.state.routes[route] = now;
    }
  }
  void low(const migration::Route& route, bool held) {
    outcome.state.routes[route].share = {};
    outcome.state.routes[route].held = held;
  }
  // Of a command that has just raised the others.
  std::vector<std::string> said() {
    ledger::Event event;
    event.draft.type = migration::type_of(migration::TrafficRequested{});
    event.draft.data =
        migration::encode_fact(migration::TrafficRequested{{{us_pay, percent(50), {}}}});
    say_held(outcome, {event});
    return outcome.notes;
  }
};

TEST(LeftAsIs, HeldRoutesThatNoLineSelectsAreNamedARegionALine) {
  Square test;
  test.low(test.eu_cart, true);
  test.low(test.us_pay, true);
  EXPECT_THAT(
      test.said(),
      ElementsAre(
          "2 routes are held and left where they were. To raise just those, a line a region: "
          "hal9-migrate migrate --phase ramp-up --percentage 50 --regions eu --components cart ; "
          "hal9-migrate migrate --phase ramp-up --percentage 50 --regions us --components pay"
      )
  );
}

// What an emergency cut is no held route that rises with the others: it begins small again.
TEST(LeftAsIs, HaltedRoutesAreSaidApartAndBeginSmall) {
  Square test;
  test.low(test.eu_cart, true);
  test.low(test.us_cart, false);
  test.outcome.state.halted_routes[test.us_cart] = ledger::Sequence{7};
  EXPECT_THAT(
      test.said(),
      ElementsAre(
          "1 route is held and left where it was. To raise just that: hal9-migrate migrate --phase "
          "ramp-up --percentage 50 --regions eu --components cart",
          "1 route is halted by an emergency of its own. To raise just that: hal9-migrate migrate "
          "--phase ramp-up --percentage 5 --regions us --components cart"
      )
  );
}

TEST(LeftAsIs, AHeldRouteThatIsThereAlreadyIsNotNamed) {
  Square test;
  test.outcome.state.routes[test.eu_cart].held = true;
  EXPECT_THAT(test.said(), IsEmpty());
}

TEST(LeftAsIs, InShadowTheMirrorOfAHeldRouteIsWhatRises) {
  Left test;
  migration::RollBack all;
  test.back(all);
  MoveRequest shadow;
  shadow.phase = migration::Phase::shadow;
  test.move(shadow);
  migration::RollBack one;
  one.routes = std::vector{kEu};
  test.back(one);
  shadow.percentage = percent(40);
  test.move(shadow);
  shadow.percentage = percent(60);
  EXPECT_THAT(
      test.move(shadow).notes,
      Contains(HasSubstr("migrate --phase shadow --percentage 60 --regions eu"))
  );
}

// Canary switched the mirrors off; no way back switches them on again.
TEST(LeftAsIs, AnAbortToShadowSaysThatItsMirrorsStayOff) {
  Left test;
  test.back({});
  MoveRequest shadow;
  shadow.phase = migration::Phase::shadow;
  test.move(shadow);
  auto first = canary(10);
  first.gradual = minutes(10);
  test.stop_at_once();
  test.move(first);
  test.go_on();
  Watcher watcher;
  auto outcome = test.service->abort_raise(test.world.asker, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->state.phase, migration::Phase::shadow);
  EXPECT_THAT(
      outcome->notes,
      Contains(AllOf(
          HasSubstr("2 routes are mirrored below 100% and stay there"),
          HasSubstr("hal9-migrate migrate --phase shadow --percentage 100 --regions")
      ))
  );
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
      Contains(HasSubstr("1 route stands below 20% and stays there: a rollback raises nothing"))
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
