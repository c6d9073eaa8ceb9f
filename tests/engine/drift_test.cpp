// A router that is not as it was left: above the ledger after a hand, fallen to flat after a restart.
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/map_router.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "ledger/store.h"
#include "migration/phase.h"
#include "migration/route.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

MoveRequest canary(std::uint32_t whole) {
  MoveRequest request;
  request.phase = migration::Phase::canary;
  request.percentage = percent(whole);
  return request;
}

bool says(const std::vector<std::string>& notes, const std::string& part) {
  return std::ranges::any_of(notes, [&](const std::string& note) {
    return note.find(part) != std::string::npos;
  });
}

std::ptrdiff_t calls_of(const World& world, const std::string& call) {
  return std::ranges::count(world.maps->calls, call);
}

TEST(Drift, ARampPutsDownWhatAHandHasRaisedBeforeItsNextStep) {
  World world;
  world.at_canary(40);
  int waits = 0;
  std::optional<Share> after_one_look;
  world.clocks->on_wait = [&] {
    ++waits;
    if (waits == 4) world.maps->routes[kEu].first = Share::all();
    if (waits == 5) after_one_look = world.maps->routes[kEu].first;
  };
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(after_one_look, percent(40));
  EXPECT_TRUE(says(watcher.notes, "stood above the ledger on 1 route and was put down"));
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(world.state().phase, migration::Phase::none);
}

// What was found, by its words in the timeline.
std::vector<std::string> found(World& world) {
  std::vector<std::string> texts;
  ledger::Filter filter;
  filter.types = {"hal9.drift.found.v1"};
  auto read = world.process()->timeline(filter, [&](const TimelineEntry& entry) {
    texts.push_back(entry.text);
    return true;
  });
  EXPECT_TRUE(read);
  return texts;
}

TEST(Drift, IsAnEventThatSaysWhatWasReadAndWhetherTheRouterWasRestarted) {
  World world;
  world.at_canary(40);
  int waits = 0;
  world.clocks->on_wait = [&] {
    ++waits;
    if (waits == 4) world.maps->routes[kEu].first = percent(90);
    if (waits == 8) {
      world.maps->identity = "pid 2";
      world.maps->routes[kUs].first = Share::all();
    }
  };
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, gradual(minutes{10}), watcher));
  EXPECT_EQ(
      found(world),
      (std::vector<std::string>{
          "the router stood above the ledger: share 90%, mirror 0% for eu.cart",
          "the router stood above the ledger, after a restart: share 100%, mirror 0% for us.cart"
      })
  );
  EXPECT_TRUE(says(watcher.notes, "it was restarted: the router stood above"));
}

TEST(Drift, FoundWhereNothingIsToRollBackIsAnEventToo) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  EXPECT_TRUE(found(world).empty());
  world.maps->routes[kEu].first = percent(25);
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  EXPECT_EQ(
      found(world),
      (std::vector<std::string>{
          "the router stood above the ledger: share 25%, mirror 0% for eu.cart"
      })
  );
}

TEST(Drift, ARampPutsDownARouteThatIsNoneOfItsOwn) {
  World world;
  world.at_canary(40);
  auto request = gradual(minutes{10});
  request.routes = {kEu};
  world.maps->calls.clear();
  bool raised = false;
  world.clocks->on_wait = [&] {
    if (!std::exchange(raised, true)) world.maps->routes[kUs].first = percent(90);
  };
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, request, watcher));
  EXPECT_EQ(world.maps->routes[kUs].first, percent(40));
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
}

TEST(Drift, ARampThatFindsNothingAboveWritesNothingForIt) {
  World world;
  world.at_canary(40);
  world.maps->calls.clear();
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, gradual(minutes{10}), watcher));
  EXPECT_EQ(static_cast<std::size_t>(calls_of(world, "lower")), watcher.steps.size());
}

TEST(Fallen, IsADifferenceWhereTrafficIsOnRecordAndOnlyThere) {
  World world;
  world.maps->fallen = {"lb2"};
  EXPECT_TRUE(world.process()->traffic()->differences.empty());
  world.at_canary(40);
  world.maps->fallen = {"lb2"};
  const auto view = world.process()->traffic();
  ASSERT_EQ(view->differences.size(), 1U);
  EXPECT_EQ(view->differences[0].place, "balancer lb2");
  EXPECT_EQ(view->fallen, std::vector<std::string>{"lb2"});
}

TEST(Fallen, TheSameMigrateAgainBringsItUpAndAsksForNothingElse) {
  World world;
  world.at_canary(40);
  world.maps->fallen = {"lb2"};
  world.maps->calls.clear();
  Watcher watcher;
  auto outcome = world.process()->move(world.asker, canary(40), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what << outcome.error().why;
  EXPECT_FALSE(outcome->code);
  EXPECT_TRUE(says(outcome->notes, "lb2 follows again"));
  EXPECT_FALSE(watcher.gates.empty());
  EXPECT_EQ(calls_of(world, "clear halt"), 1);
  EXPECT_EQ(calls_of(world, "raise"), 1);
  EXPECT_TRUE(world.maps->made_ready.empty());
  EXPECT_TRUE(world.maps->fallen.empty());
  EXPECT_EQ(world.maps->routes[kUs].first, percent(40));
  // Nothing is left to do: the same line changes nothing any more.
  world.maps->calls.clear();
  ASSERT_TRUE(world.process()->move(world.asker, canary(40), watcher));
  EXPECT_EQ(calls_of(world, "raise") + calls_of(world, "clear halt"), 0);
}

TEST(Fallen, ARaiseOfOthersBringsItUpToo) {
  World world;
  world.at_canary(40);
  world.maps->fallen = {"lb2"};
  Watcher watcher;
  auto outcome = world.process()->move(world.asker, canary(50), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(outcome->code);
  EXPECT_TRUE(world.maps->fallen.empty());
  EXPECT_EQ(world.maps->routes[kEu].first, percent(50));
}

TEST(Fallen, IsNotBroughtUpThroughAGateThatFails) {
  World world;
  world.at_canary(40);
  world.maps->fallen = {"lb2"};
  world.maps->flat_up = 0;
  Watcher watcher;
  auto outcome = world.process()->move(world.asker, canary(40), watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::gate);
  EXPECT_EQ(world.maps->fallen, std::vector<std::string>{"lb2"});
}

TEST(Fallen, IsNotBroughtUpWhereThePersonSaysNo) {
  World world;
  world.at_canary(40);
  world.maps->fallen = {"lb2"};
  auto request = canary(40);
  std::string asked;
  request.confirm = [&](const std::string& what) {
    asked = what;
    return false;
  };
  Watcher watcher;
  EXPECT_FALSE(world.process()->move(world.asker, request, watcher));
  EXPECT_EQ(asked, "lb2 comes up again, to what is recorded");
  EXPECT_EQ(world.maps->fallen, std::vector<std::string>{"lb2"});
}

TEST(Fallen, ARollbackNeedsNothingOfItAndRecordsNoHalt) {
  World world;
  world.at_canary(40);
  world.maps->fallen = {"lb2"};
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(world.state().halt);
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
}

// An emergency of kEu alone, and then a restart of lb2, which forgets what it was told.
struct FallenBesideAHaltedRoute {
  FallenBesideAHaltedRoute() {
    world.at_canary(40);
    halt(kEu);
    fall();
  }
  void halt(const migration::Route& route) {
    EmergencyRequest request;
    request.routes = std::vector{route};
    world.process()->emergency([&] { return world.asker; }, request, watcher);
  }
  void fall() {
    world.maps->fallen = {"lb2"};
    world.maps->keys_lost = world.maps->kill_keys;
    world.maps->calls.clear();
  }
  [[nodiscard]] std::ptrdiff_t first(const std::string& call) const {
    const auto& calls = world.maps->calls;
    return std::ranges::find(calls, call) - calls.begin();
  }
  void expect_halted_everywhere() {
    EXPECT_EQ(world.maps->kill_keys, std::set{kEu});
    EXPECT_TRUE(world.maps->keys_lost.empty());
    EXPECT_TRUE(world.state().halted_routes.contains(kEu));
    EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
    const auto view = world.process()->traffic();
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->differences.empty()) << view->differences.front().place;
  }
  World world;
  Watcher watcher;
};

// The line that `traffic --verify` says: it names no route, and a halted one is no reason to refuse it.
TEST(Fallen, GetsTheKillKeysOfRoutesThatStayHaltedBeforeItsSwitchGoesOff) {
  FallenBesideAHaltedRoute test;
  auto outcome = test.world.process()->move(test.world.asker, canary(40), test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what << outcome.error().why;
  EXPECT_FALSE(outcome->code) << outcome->headline;
  EXPECT_LT(test.first("cut routes"), test.first("clear halt"));
  EXPECT_LT(test.first("clear halt"), test.first("raise"));
  EXPECT_EQ(test.world.maps->routes[kUs].first, percent(40));
  test.expect_halted_everywhere();
}

TEST(Fallen, GetsThemByARaiseOfOtherRoutesToo) {
  FallenBesideAHaltedRoute test;
  auto others = canary(50);
  others.routes = std::vector{kUs};
  auto outcome = test.world.process()->move(test.world.asker, others, test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what << outcome.error().why;
  EXPECT_EQ(test.world.maps->routes[kUs].first, percent(50));
  test.expect_halted_everywhere();
}

TEST(Fallen, GetsNoKillKeyOfARouteThatTheRaiseNames) {
  FallenBesideAHaltedRoute test;
  auto named = canary(30);
  named.routes = std::vector{kEu};
  auto outcome = test.world.process()->move(test.world.asker, named, test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what << outcome.error().why;
  EXPECT_EQ(calls_of(test.world, "cut routes"), 0);
  EXPECT_TRUE(test.world.maps->kill_keys.empty());
  EXPECT_TRUE(test.world.state().halted_routes.empty());
  EXPECT_EQ(test.world.maps->routes[kEu].first, percent(30));
}

TEST(Fallen, RefusesALineThatAsksForAHaltedRouteAloneOrForMore) {
  FallenBesideAHaltedRoute test;
  auto more = canary(50);
  ASSERT_TRUE(test.world.process()->move(test.world.asker, more, test.watcher));
  EXPECT_EQ(test.world.maps->routes[kUs].first, percent(50)) << "a raise of the others is one";
  test.expect_halted_everywhere();
  test.halt(kUs);
  test.fall();
  auto refused = test.world.process()->move(test.world.asker, more, test.watcher);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "an emergency has halted some routes by themselves");
  EXPECT_EQ(test.world.maps->fallen, std::vector<std::string>{"lb2"});
}

TEST(Fallen, IsNotAllThatALineAsksForThatNamesAHaltedRoute) {
  FallenBesideAHaltedRoute test;
  auto named = canary(40);
  named.routes = std::vector{kEu, kUs};
  auto outcome = test.world.process()->move(test.world.asker, named, test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what << outcome.error().why;
  EXPECT_TRUE(test.world.maps->kill_keys.empty());
  EXPECT_EQ(test.world.maps->routes[kEu].first, percent(40));
}

// What another raise released is newer than this halt, and was another route's.
TEST(Fallen, ClearsNoHaltThatNobodyNamedWhenItComesUp) {
  FallenBesideAHaltedRoute test;
  test.world.maps->fallen.clear();
  test.world.maps->keys_lost.clear();
  test.halt(kUs);
  auto named = canary(30);
  named.routes = std::vector{kUs};
  ASSERT_TRUE(test.world.process()->move(test.world.asker, named, test.watcher));
  ASSERT_EQ(test.world.maps->kill_keys, std::set{kEu});
  test.fall();
  auto outcome = test.world.process()->move(test.world.asker, named, test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what << outcome.error().why;
  EXPECT_TRUE(test.world.maps->fallen.empty());
  EXPECT_EQ(test.world.maps->routes[kUs].first, percent(30));
  test.expect_halted_everywhere();
}

TEST(Fallen, StaysDownWhereTheKillKeysCannotBeSetAndComesUpTheNextTime) {
  FallenBesideAHaltedRoute test;
  test.world.maps->keys_refused = true;
  auto outcome = test.world.process()->move(test.world.asker, canary(40), test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::partly_done);
  EXPECT_TRUE(says({outcome->headline}, "could not be halted again")) << outcome->headline;
  EXPECT_EQ(calls_of(test.world, "clear halt") + calls_of(test.world, "raise"), 0);
  test.world.maps->keys_refused = false;
  outcome = test.world.process()->move(test.world.asker, canary(40), test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(outcome->code) << outcome->headline;
  test.expect_halted_everywhere();
}

TEST(OldWorkers, AreCountedByTheLookAtActivity) {
  World world;
  OldWorkerReading old;
  old.balancer = name("lb1");
  old.pid = 7;
  old.hierarchical.requests = 10;
  world.maps->old_workers = {old};
  world.clocks->on_wait = [&] { world.maps->old_workers[0].hierarchical.requests += 3; };
  const auto busy = world.process()->activity("hierarchical", seconds{10});
  ASSERT_TRUE(busy && busy->known);
  EXPECT_EQ(busy->arrived, 3U);
  EXPECT_FALSE(busy->quiet());
  // One that ended between the looks serves nobody.
  world.clocks->on_wait = [&] { world.maps->old_workers.clear(); };
  EXPECT_TRUE(world.process()->activity("hierarchical", seconds{10})->quiet());
}

}  // namespace
}  // namespace hal9::engine
