// A rollback of some routes: it moves them alone, beside whatever else goes on, with and without a
// ledger.
#include "base/result.h"
#include "base/share.h"
#include "engine/service.h"
#include "engine/world.h"
#include "ledger/store.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/route.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::Phase;
using std::chrono::minutes;

migration::RollBack of(const migration::Route& route) {
  migration::RollBack request;
  request.routes = std::vector<migration::Route>{route};
  return request;
}

TEST(SelectedRollback, MovesThemAloneAndStaysInThePhase) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, of(kEu), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(outcome->code);
  EXPECT_NE(outcome->detail.find("1 of 2 routes were selected"), std::string::npos);
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(world.maps->routes[kUs].first, percent(40));
  EXPECT_EQ(world.state().phase, Phase::canary);
  EXPECT_TRUE(world.state().routes[kEu].held);
}

// Beside a gradual one of another process: neither waits for the other, and each ends its own.
TEST(SelectedRollback, EndsBesideOneThatGoesOn) {
  World world;
  world.at_canary(40);
  bool done = false;
  world.clocks->on_wait = [&] {
    if (std::exchange(done, true)) return;
    const auto began = world.clocks->steady;
    Watcher other;
    auto outcome = world.process()->roll_back(world.asker, of(kEu), other);
    ASSERT_TRUE(outcome) << outcome.error().what;
    EXPECT_FALSE(outcome->code);
    EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
    EXPECT_GT(world.maps->routes[kUs].first, Share::none());
    EXPECT_LT(world.clocks->steady - began, minutes{1});
    ASSERT_FALSE(outcome->notes.empty());
    EXPECT_NE(outcome->notes.back().find("another rollback goes on"), std::string::npos);
  };
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(outcome->code);
  EXPECT_EQ(world.count("hal9.rollback.superseded.v1"), 0U);
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 2U);
  EXPECT_GE(world.clocks->steady, minutes{10});
  EXPECT_EQ(world.state().phase, Phase::none);
  EXPECT_EQ(world.maps->routes[kUs].first, Share::none());
}

TEST(SelectedRollback, WithoutALedgerMovesThemAloneAndSpools) {
  World world;
  world.at_canary(40);
  world.maps->routes[route("old", "cart")] = {percent(20), percent(5)};
  world.ledger_error = Error{Code::locked, "the ledger is locked", "", "", ""};
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, of(kEu), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::spooled);
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(world.maps->routes[kUs].first, percent(40));
  EXPECT_EQ(world.maps->routes[route("old", "cart")].first, percent(20));

  world.ledger_error.reset();
  ASSERT_TRUE(world.process()->annotate(world.asker, {"later", "", {}, {}}));
  const auto state = world.state();
  EXPECT_EQ(state.phase, Phase::canary);
  EXPECT_TRUE(state.running.empty());
  EXPECT_EQ(state.routes.at(kEu).share.observed, Share::none());
  EXPECT_EQ(state.routes.at(kUs).share.observed, percent(40));
}

// The ledger is lost on the way: what goes on without it is what was under way, and no more.
TEST(SelectedRollback, WhoseLedgerIsLostOnTheWayGoesOnWithItsRoutesAlone) {
  for (const bool resumed : {false, true}) {
    World world;
    world.at_canary(40);
    std::unique_ptr<ledger::Batch> held;
    const auto lose = [&] {
      if (!held) held = world.ledger->begin(std::chrono::seconds(1)).value();
    };
    auto request = of(kEu);
    request.gradual = minutes{10};
    Watcher watcher;
    if (resumed) {
      world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
      ASSERT_TRUE(world.process()->roll_back(world.asker, request, watcher));
      world.clocks->interrupted = false;
    }
    world.clocks->on_wait = lose;
    auto outcome = resumed ? world.process()->resume(world.asker, watcher)
                           : world.process()->roll_back(world.asker, request, watcher);
    ASSERT_TRUE(outcome) << outcome.error().what;
    EXPECT_EQ(outcome->code, Code::spooled);
    EXPECT_EQ(outcome->headline, "Flat: 60-100%, Hierarchical: 0-40%");
    EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
    EXPECT_EQ(world.maps->routes[kUs].first, percent(40));
  }
}

// Each route goes to the lowest target of those that lower it, and nobody else's routes move.
TEST(SelectedRollback, WhoseLedgerIsLostBesideAnotherGoesToItsOwnTarget) {
  World world;
  world.at_canary(40);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  Watcher watcher;
  auto other = of(kUs);
  other.percentage = percent(20);
  other.gradual = minutes{10};
  ASSERT_TRUE(world.process()->roll_back(world.asker, other, watcher));
  world.clocks->interrupted = false;
  std::unique_ptr<ledger::Batch> held;
  world.clocks->on_wait = [&] {
    if (!held) held = world.ledger->begin(std::chrono::seconds(1)).value();
  };
  auto own = of(kEu);
  own.gradual = minutes{5};
  ASSERT_TRUE(world.process()->roll_back(world.asker, own, watcher));
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_GT(world.maps->routes[kUs].first, percent(20));
}

TEST(SelectedRollback, ChecksOfPreservedDataAreAboutItsRoutes) {
  World world;
  world.at_canary(40);
  auto request = of(kEu);
  request.preserve_data = true;
  Watcher watcher;
  const auto outcome = world.process()->roll_back(world.asker, request, watcher);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->code);
  EXPECT_NE(outcome->notes.front().find("selected routes 100% flat: passed"), std::string::npos);
}

}  // namespace
}  // namespace hal9::engine
