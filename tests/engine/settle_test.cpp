// What a command says is what the router shows, also where a hand or a restart has changed that.
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/in_canary.h"
#include "engine/map_router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/phase.h"

#include <chrono>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

MoveRequest canary(std::uint32_t whole) {
  MoveRequest request;
  request.phase = migration::Phase::canary;
  request.percentage = percent(whole);
  return request;
}

// With the feature `deep` at 50%.
struct WithFeature : InCanary {
  WithFeature() { set(50); }
  Outcome set(std::uint32_t whole) {
    auto outcome = service->set_feature(world.asker, deep, percent(whole), watcher);
    if (outcome) return *outcome;
    ADD_FAILURE() << outcome.error().what;
    return {};
  }
  Name deep = name("deep");
};

TEST(AFeature, ThatAHandHasSwitchedOnIsSwitchedOff) {
  WithFeature test;
  test.set(0);
  test.world.maps->features[test.deep] = percent(99);
  const auto outcome = test.set(0);
  EXPECT_EQ(test.world.maps->features[test.deep], Share::none());
  EXPECT_EQ(outcome.headline, "deep: 0% observed");
  EXPECT_TRUE(outcome.moved);
}

TEST(AFeature, ThatStoodElsewhereIsSetToWhatIsAskedForBehindItsGates) {
  for (const std::uint32_t shown : {1U, 90U}) {
    WithFeature test;
    test.world.maps->features[test.deep] = percent(shown);
    EXPECT_EQ(test.set(50).headline, "deep: 50% observed");
    EXPECT_EQ(test.world.maps->features[test.deep], percent(50));
    EXPECT_EQ(test.world.state().features.at(test.deep).observed, percent(50));
  }
}

TEST(AFeature, ThatTheRouterDoesNotTellIsNotCalledObserved) {
  WithFeature test;
  test.set(0);
  test.world.maps->reachable = false;
  const auto outcome = test.set(0);
  EXPECT_EQ(outcome.code, Code::partly_done);
  EXPECT_THAT(outcome.headline, HasSubstr("NOT observed"));
}

TEST(AShare, ThatAHandHasLoweredIsRaisedAgainBehindItsGates) {
  InCanary test;
  test.world.maps->routes.at(kEu).first = percent(2);
  const auto outcome = test.go(canary(10));
  EXPECT_EQ(test.share(), percent(10));
  EXPECT_FALSE(outcome.gates.empty());
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("the router stood below the ledger on 1 route")));
  EXPECT_EQ(test.world.state().routes.at(kEu).share.observed, percent(10));
}

TEST(AShare, ThatAHandHasRaisedGoesDownWithAnyWayBackAndIsAnEvent) {
  InCanary test;
  test.world.maps->routes.at(kUs).first = percent(90);
  migration::RollBack one;
  one.routes = std::vector{kEu};
  auto outcome = test.service->roll_back(test.world.asker, one, test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(test.world.maps->routes.at(kUs).first, percent(10)) << "to what is on record";
  EXPECT_EQ(test.world.count("hal9.drift.found.v1"), 1U);
  EXPECT_THAT(outcome->notes, Contains(HasSubstr("stood above the ledger on 1 route")));
  EXPECT_EQ(outcome->headline, "Flat: 90-100%, Hierarchical: 0-10%");
}

TEST(AShare, ThatAHandHasLoweredIsWhatAWayBackSays) {
  InCanary test;
  test.world.maps->routes.at(kUs).first = percent(3);
  migration::RollBack one;
  one.routes = std::vector{kEu};
  auto outcome = test.service->roll_back(test.world.asker, one, test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->headline, "Flat: 97-100%, Hierarchical: 0-3%");
  EXPECT_EQ(test.world.state().routes.at(kUs).share.observed, percent(3));
  EXPECT_EQ(test.world.state().routes.at(kUs).share.requested, percent(10));
}

TEST(AShare, ThatAHandHasLoweredWhereNothingIsToFallIsSaidAndNothingIsPutDown) {
  InCanary test;
  test.world.maps->routes.at(kEu).first = percent(3);
  MoveRequest request = canary(10);
  request.routes = std::vector{kUs};
  const auto outcome = test.go(request);
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("the router stood below the ledger on 1 route")));
  EXPECT_EQ(test.share(), percent(3)) << "nobody named it";
  EXPECT_EQ(outcome.headline, "Flat: 90-97%, Hierarchical: 3-10%");
}

// A second process that goes on with what was seen before others wrote would undo their work, and put it on
// record as a hand's.
TEST(AShare, ThatAnotherProcessRaisedMeanwhileIsNoDrift) {
  InCanary test;
  bool done = false;
  auto other = test.world.process();
  test.world.maps->before = [&](const std::string& call) {
    if (done || call != "read") return;
    done = true;
    Watcher quiet;
    ASSERT_TRUE(other->move(test.world.asker, canary(60), quiet));
  };
  migration::RollBack less;
  less.percentage = percent(70);
  ASSERT_TRUE(test.service->roll_back(test.world.asker, less, test.watcher));
  EXPECT_EQ(test.share(), percent(60));
  EXPECT_EQ(test.world.count("hal9.drift.found.v1"), 0U);
}

// What an emergency halted is no reason to refuse what a hand has lowered beside it.
TEST(AShare, ThatAHandHasLoweredIsRaisedBesideAHaltedOne) {
  InCanary test;
  test.cut(kUs);
  test.world.maps->routes.at(kEu).first = percent(2);
  const auto outcome = test.go(canary(10));
  EXPECT_EQ(test.share(), percent(10));
  EXPECT_TRUE(test.world.maps->kill_keys.contains(kUs));
}

// Steps of somebody else are no drift.
TEST(AShare, OfARollbackThatRunsIsLeftToIt) {
  InCanary test;
  test.world.clocks->on_wait = [&] { test.world.clocks->interrupted = true; };
  migration::RollBack slow;
  slow.gradual = std::chrono::minutes(10);
  slow.routes = std::vector{kEu};
  ASSERT_TRUE(test.service->roll_back(test.world.asker, slow, test.watcher));
  test.world.clocks->on_wait = {};
  test.world.clocks->interrupted = false;
  test.world.maps->routes.at(kEu).first = percent(4);
  const auto before = test.world.count("hal9.traffic.observed.v1");
  auto refused = test.service->move(test.world.asker, canary(20), test.watcher);
  EXPECT_FALSE(refused);
  EXPECT_EQ(test.world.count("hal9.traffic.observed.v1"), before);
}

// A key of the router that was no route, put down and gone since.
TEST(AKeyThatWasNoRoute, IsNoPartOfTheSplitOnceItIsGone) {
  InCanary test;
  const auto other = route("old", "cart");
  test.world.maps->routes[other] = {percent(80), Share::none()};
  ASSERT_TRUE(test.service->roll_back(test.world.asker, {}, test.watcher));
  test.world.maps->routes.erase(other);
  MoveRequest shadow;
  shadow.phase = migration::Phase::shadow;
  test.go(shadow);
  EXPECT_EQ(test.go(canary(10)).headline, "Flat: 90%, Hierarchical: 10%");
}

TEST(Traffic, NamesTheRollbackThatIsOpen) {
  InCanary test;
  test.world.clocks->on_wait = [&] { test.world.clocks->interrupted = true; };
  migration::RollBack slow;
  slow.gradual = std::chrono::minutes(10);
  ASSERT_TRUE(test.service->roll_back(test.world.asker, slow, test.watcher));
  const auto view = test.service->traffic();
  ASSERT_TRUE(view);
  ASSERT_EQ(view->open.size(), 1U);
  EXPECT_EQ(view->open.front(), test.world.state().running.front().plan.id);
}

TEST(Traffic, KnowsAFeatureThatIsAboveTheRecord) {
  WithFeature test;
  test.world.maps->features[test.deep] = percent(70);
  const auto view = test.service->traffic();
  ASSERT_TRUE(view);
  ASSERT_EQ(view->features_above.size(), 1U);
  EXPECT_EQ(view->features_above.front().percentage, percent(50)) << "as recorded";
}

}  // namespace
}  // namespace hal9::engine
