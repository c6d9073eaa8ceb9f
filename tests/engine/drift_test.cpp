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

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
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
  EXPECT_TRUE(says(watcher.notes, "stood above the ledger on 1 routes and was put down"));
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
