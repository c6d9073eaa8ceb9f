// What is asked and what is refused before traffic or a feature goes up.
#include "base/result.h"
#include "base/share.h"
#include "engine/service.h"
#include "engine/world.h"
#include "migration/phase.h"

#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::Phase;

bool never_asked(const std::string& /*what*/) {
  throw std::logic_error("asked");
}

TEST(Forward, IsRefusedBeforeAnyGateIsLookedAt) {
  World world;
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::shadow;
  request.may_go_forward = []() -> Result<void> {
    return fail(Code::not_authorised, "the configuration is not trusted");
  };
  request.confirm = never_asked;
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::not_authorised);
  EXPECT_TRUE(watcher.gates.empty());
  EXPECT_EQ(world.state().phase, Phase::none);
}

// What is impossible is no matter of gates: they are not shown, and nobody is asked.
TEST(Forward, IsRefusedWithoutGatesWhereTheyWouldChangeNothing) {
  World world;
  world.at_canary(5);
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::canary;
  request.percentage = percent(20);
  request.gradual = std::chrono::minutes(10);
  request.pause_after = percent(3);
  request.confirm = never_asked;
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::usage);
  EXPECT_NE(outcome.error().what.find("is not on the way"), std::string::npos);
  EXPECT_TRUE(watcher.gates.empty());
}

TEST(Forward, IsNoMatterOfAMoveThatGoesDown) {
  World world;
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::shadow;
  auto service = world.process();
  ASSERT_TRUE(service->move(world.asker, request, watcher));
  request.phase = Phase::none;
  request.may_go_forward = []() -> Result<void> { throw std::logic_error("asked"); };
  auto outcome = service->move(world.asker, request, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(world.state().phase, Phase::none);
}

TEST(Forward, AsksBeforeAFeatureIsRaised) {
  World world;
  Watcher watcher;
  auto service = world.process();
  std::string asked;
  const auto no = [&](const std::string& what) {
    asked = what;
    return false;
  };
  auto refused = service->set_feature(world.asker, name("deep"), percent(30), watcher, no);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::interrupted);
  EXPECT_EQ(refused.error().next, "hal9-migrate status");
  EXPECT_EQ(asked, "feature deep 0% -> 30%");
  EXPECT_EQ(world.maps->features[name("deep")], Share::none());
  EXPECT_EQ(world.state().features[name("deep")].requested, Share::none());

  const auto yes = [](const std::string&) { return true; };
  ASSERT_TRUE(service->set_feature(world.asker, name("deep"), percent(30), watcher, yes));
  EXPECT_EQ(world.maps->features[name("deep")], percent(30));
}

TEST(Forward, DoesNotAskBeforeAFeatureIsLowered) {
  World world;
  Watcher watcher;
  auto service = world.process();
  ASSERT_TRUE(service->set_feature(world.asker, name("deep"), percent(30), watcher));
  for (const Share share : {percent(10), Share::none()}) {
    auto lowered = service->set_feature(world.asker, name("deep"), share, watcher, never_asked);
    ASSERT_TRUE(lowered) << lowered.error().what;
    EXPECT_EQ(world.maps->features[name("deep")], share);
  }
}

// A refusal by a gate is not worth a question.
TEST(Forward, DoesNotAskForAFeatureThatAGateBlocks) {
  World world;
  world.maps->flat_up = 0;
  Watcher watcher;
  auto refused =
      world.process()->set_feature(world.asker, name("deep"), percent(30), watcher, never_asked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::gate);
}

// A raise beside traffic that nobody asked for would be reported as all there is.
TEST(Forward, IsRefusedOverARouterThatStandsAboveTheRecord) {
  World world;
  world.at_canary(5);
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::state_migration;
  const auto blocked_by = [&](const std::string& evidence) {
    auto refused = world.process()->move(world.asker, request, watcher);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::gate);
    EXPECT_NE(refused.error().what.find(evidence), std::string::npos) << refused.error().what;
    EXPECT_EQ(refused.error().next, "hal9-migrate traffic --verify");
  };
  world.maps->routes[kUs].first = percent(9);
  blocked_by("recorded 5%, observed 9%");
  world.maps->routes[kUs].first = percent(5);
  world.maps->routes[route("old", "cart")].first = percent(100);
  blocked_by("more than the configured routes");
  world.maps->routes.erase(route("old", "cart"));
  EXPECT_TRUE(world.process()->move(world.asker, request, watcher));
}

TEST(Forward, BehindAKillSwitchThatIsNotOnRecordNamesTheRollbackThatPutsItThere) {
  World world;
  world.at_canary(5);
  Watcher watcher;
  world.maps->kill = true;
  MoveRequest request;
  request.phase = Phase::state_migration;
  auto refused = world.process()->move(world.asker, request, watcher);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().next, "hal9-migrate rollback");
  EXPECT_TRUE(world.process()->traffic()->halt_unrecorded);
}

// "hal9-migrate rollback (it works without the ledger)" is no line that a shell takes.
TEST(Forward, WithoutALedgerEndsInALineThatCanBeTyped) {
  World world;
  Watcher watcher;
  auto service = world.process();
  world.ledger_error = Error{Code::locked, "the ledger is locked", "", "", ""};
  MoveRequest request;
  request.phase = Phase::shadow;
  auto moved = service->move(world.asker, request, watcher);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().next, "hal9-migrate rollback");
  auto resumed = service->resume(world.asker, watcher);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().next, "hal9-migrate rollback");
}

// A raise that the router did not take is not resumed: the line that asks for it again is whole.
TEST(Forward, AnOpenRaiseIsAnsweredByResumeWithTheLineThatAsksForItAgain) {
  World world;
  world.at_canary(5);
  Watcher watcher;
  world.maps->before = [&](const std::string& call) {
    if (call == "raise") world.maps->reachable = false;
  };
  MoveRequest request;
  request.phase = Phase::canary;
  request.percentage = percent(12);
  const auto moved = world.process()->move(world.asker, request, watcher);
  ASSERT_TRUE(moved) << moved.error().what;
  EXPECT_EQ(moved->code, Code::partly_done);
  EXPECT_TRUE(moved->break_glass.empty());
  EXPECT_EQ(moved->next, "hal9-migrate traffic --verify");
  world.maps->before = {};
  world.maps->reachable = true;
  const std::string again = "hal9-migrate migrate --phase canary --percentage 12";
  EXPECT_EQ(world.process()->status({})->open_raise, again);
  auto resumed = world.process()->resume(world.asker, watcher);
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_EQ(resumed->next, again);
}

}  // namespace
}  // namespace hal9::engine
