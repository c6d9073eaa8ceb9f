#include "engine/service.h"

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/world.h"
#include "migration/commands.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::Phase;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Move, ForwardIsGatedRecordedAndObserved) {
  World world;
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::shadow;
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(outcome->code);
  EXPECT_EQ(world.maps->routes[kEu].second, Share::all());
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(watcher.gates.size(), 9U);
  EXPECT_EQ(world.state().phase, Phase::shadow);
  EXPECT_EQ(world.state().routes[kEu].mirror.observed, Share::all());
  EXPECT_EQ(world.count("hal9.gates.checked.v1"), 1U);
}

TEST(Move, IsRefusedWhenFlatIsDown) {
  World world;
  world.maps->flat_up = 0;
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::shadow;
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::gate);
  EXPECT_EQ(world.maps->routes[kEu].second, Share::none());
  EXPECT_EQ(world.state().phase, Phase::none);
}

TEST(Move, OverriddenGateIsRecordedAsOverridden) {
  World world;
  world.maps->flat_up = 0;
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::shadow;
  request.overrides = {migration::GateName::flat};
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  bool overridden = false;
  for (const auto& gate : outcome->gates) {
    if (gate.name == migration::GateName::flat) overridden = gate.overridden;
  }
  EXPECT_TRUE(overridden);
}

TEST(Move, NotConfirmedChangesNothing) {
  World world;
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::shadow;
  request.confirm = [](const std::string&) { return false; };
  const auto before = world.types().size();
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(world.types().size(), before);
  EXPECT_EQ(world.maps->routes[kEu].second, Share::none());
}

TEST(Move, BackHoldsInThePhaseItNamesWithoutGatesOrQuestions) {
  World world;
  world.at_canary(20);
  world.maps->flat_up = 0;
  Watcher watcher;
  MoveRequest request;
  request.phase = Phase::canary;
  request.percentage = percent(5);
  request.confirm = [](const std::string&) -> bool { throw std::logic_error("asked"); };
  auto outcome = world.process()->move(world.asker, request, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_TRUE(watcher.gates.empty());
  EXPECT_EQ(world.maps->routes[kEu].first, percent(5));
  EXPECT_EQ(world.state().phase, Phase::canary);
  EXPECT_FALSE(world.state().routes[kEu].held);
}

TEST(Rollback, BringsEverythingToFlatAndEndsInPhaseNone) {
  World world;
  world.at_canary(5);
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(outcome->code);
  EXPECT_EQ(outcome->headline, "Flat: 100%, Hierarchical: 0%");
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_EQ(world.state().phase, Phase::none);
  EXPECT_TRUE(world.state().running.empty());
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 1U);
}

TEST(Rollback, GuardThatDoesNotFitChangesNothing) {
  World world;
  world.at_canary(5);
  Watcher watcher;
  migration::RollBack request;
  request.from_phase = Phase::shadow;
  const auto before = world.types().size();
  auto outcome = world.process()->roll_back(world.asker, request, watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::conflict);
  EXPECT_NE(outcome.error().next.find("canary"), std::string::npos) << outcome.error().next;
  EXPECT_EQ(world.types().size(), before);
  EXPECT_EQ(world.maps->routes[kEu].first, percent(5));
}

TEST(Rollback, GradualFallsStepByStepAndNeverRises) {
  World world;
  world.at_canary(40);
  world.maps->highest.clear();
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_GE(watcher.steps.size(), 15U);
  EXPECT_TRUE(std::ranges::is_sorted(world.maps->highest, std::greater<>{}));
  EXPECT_EQ(world.maps->highest.back(), Share::none());
  EXPECT_EQ(world.state().phase, Phase::none);
}

TEST(Rollback, GradualIsNotSlowedByAWallClockThatIsPutBack) {
  World world;
  world.at_canary(40);
  const Micros began = world.clocks->steady;
  bool put_back = false;
  world.clocks->on_wait = [&] {
    if (!put_back) world.clocks->wall -= std::chrono::hours{24 * 365};
    put_back = true;
  };
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(world.state().phase, Phase::none);
  EXPECT_LE(world.clocks->steady - began, minutes{11});
}

TEST(Rollback, InterruptedStaysOpenAndResumeEndsIt) {
  World world;
  world.at_canary(40);
  int waits = 0;
  world.clocks->on_wait = [&] { world.clocks->interrupted = ++waits == 3; };
  Watcher watcher;
  auto stopped = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(stopped) << stopped.error().what;
  EXPECT_EQ(stopped->code, Code::interrupted);
  EXPECT_EQ(world.state().running.size(), 1U);

  world.clocks->on_wait = {};
  world.clocks->interrupted = false;
  world.maps->highest.clear();
  auto resumed = world.process()->resume(world.asker, watcher);
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_FALSE(resumed->code);
  EXPECT_TRUE(std::ranges::is_sorted(world.maps->highest, std::greater<>{}));
  EXPECT_EQ(world.state().phase, Phase::none);
  EXPECT_TRUE(world.state().running.empty());
}

TEST(Rollback, RouterThatDoesNotAnswerIsNamedNeverReportedDone) {
  World world;
  world.at_canary(5);
  world.maps->reachable = false;
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::partly_done);
  EXPECT_FALSE(outcome->break_glass.empty());
  EXPECT_EQ(world.state().running.size(), 1U);
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 0U);

  world.maps->reachable = true;
  auto resumed = world.process()->resume(world.asker, watcher);
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_EQ(world.maps->routes[kUs].first, Share::none());
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 1U);
}

TEST(Rollback, RouterFilesThatCannotFollowAreSaidAndStopNothing) {
  World world;
  world.at_canary(5);
  world.maps->files_writable = false;
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::partly_done);
  EXPECT_EQ(world.state().phase, Phase::none);
  EXPECT_EQ(world.state().routes[kEu].share.observed, Share::none());
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 1U);
}

TEST(Rollback, WithNothingToRollBackSucceedsAndPutsADriftedRouterDown) {
  World world;
  world.maps->routes[kEu].first = percent(7);
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
  EXPECT_FALSE(outcome->code);
  EXPECT_EQ(world.count("hal9.rollback.asked.v1"), 1U);
}

TEST(Rollback, ImmediateOvertakesAGradualOneOfAnotherProcess) {
  World world;
  world.at_canary(40);
  bool done = false;
  world.clocks->on_wait = [&] {
    if (std::exchange(done, true)) return;
    Watcher other;
    auto outcome = world.process()->roll_back(world.asker, {}, other);
    ASSERT_TRUE(outcome) << outcome.error().what;
    EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
    EXPECT_FALSE(outcome->code);
  };
  world.maps->highest.clear();
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_TRUE(std::ranges::is_sorted(world.maps->highest, std::greater<>{}));
  EXPECT_EQ(world.count("hal9.rollback.superseded.v1"), 1U);
  EXPECT_EQ(world.count("hal9.rollback.completed.v1"), 1U);
  EXPECT_LT(world.clocks->steady, minutes{5});
}

TEST(Rollback, SameGradualAgainTakesUpTheOneWhoseProcessIsGone) {
  World world;
  world.at_canary(40);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  Watcher watcher;
  auto first = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(first);
  world.clocks->on_wait = {};
  world.clocks->interrupted = false;
  auto second = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_EQ(world.count("hal9.rollback.started.v1"), 1U);
  EXPECT_EQ(world.count("hal9.rollback.asked.v1"), 1U);
  EXPECT_EQ(world.state().phase, Phase::none);
}

TEST(Rollback, PreserveDataPrintsTheFourFacts) {
  World world;
  world.at_canary(5);
  Watcher watcher;
  migration::RollBack request;
  request.preserve_data = true;
  auto outcome = world.process()->roll_back(world.asker, request, watcher);
  ASSERT_TRUE(outcome);
  std::string all;
  for (const auto& note : outcome->notes) all += note + "\n";
  EXPECT_NE(all.find("traffic 100% flat: passed"), std::string::npos) << all;
  EXPECT_NE(all.find("feature flags kept: passed"), std::string::npos) << all;
  EXPECT_NE(all.find("not checked"), std::string::npos) << all;
}

TEST(Rollback, WithoutALedgerMovesTrafficAndSpools) {
  for (const Code code :
       {Code::locked, Code::full, Code::read_only, Code::damaged, Code::missing}) {
    World world;
    world.at_canary(30);
    world.ledger_error = Error{code, "the ledger cannot be used", "", "", ""};
    Watcher watcher;
    auto outcome = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
    ASSERT_TRUE(outcome) << outcome.error().what;
    EXPECT_EQ(outcome->code, Code::spooled);
    EXPECT_EQ(outcome->headline, "Flat: 100%, Hierarchical: 0%");
    const bool gone = code == Code::damaged || code == Code::missing;
    EXPECT_EQ(
        outcome->next, gone ? "hal9-migrate traffic --verify" : "hal9-migrate rollback resume"
    );
    EXPECT_EQ(world.maps->routes[kEu].first, Share::none());
    ASSERT_EQ(world.spooled->commands.size(), 1U);

    world.ledger_error.reset();
    const auto resumed = world.process()->resume(world.asker, watcher);
    ASSERT_TRUE(resumed) << resumed.error().what;
    ASSERT_EQ(resumed->notes.size(), 1U);
    EXPECT_EQ(resumed->notes.front(), "what waited in the spool is in the ledger now");
    EXPECT_TRUE(world.process()->resume(world.asker, watcher)->notes.empty()) << "once";
    auto noted = world.process()->annotate(world.asker, {"later", "", {}, {}});
    ASSERT_TRUE(noted) << noted.error().what;
    EXPECT_TRUE(world.spooled->commands.empty());
    EXPECT_EQ(world.state().phase, Phase::none);
    EXPECT_EQ(world.state().routes[kEu].share.observed, Share::none());
    EXPECT_EQ(world.count("hal9.spool.taken.v1"), 1U);
  }
}

// A route that was taken out of the configuration: its key is still in the router's maps.
const migration::Route kOld = route("old", "cart");

TEST(Rollback, WithoutALedgerLowersRoutesThatAreConfiguredNoMore) {
  for (const auto target : {Share::none(), percent(10)}) {
    World world;
    world.at_canary(30);
    world.maps->routes[kOld] = {percent(20), percent(5)};
    world.ledger_error = Error{Code::locked, "the ledger is locked", "", "", ""};
    migration::RollBack request;
    request.percentage = target;
    Watcher watcher;
    auto outcome = world.process()->roll_back(world.asker, request, watcher);
    ASSERT_TRUE(outcome) << outcome.error().what;
    EXPECT_EQ(outcome->code, Code::spooled);
    EXPECT_EQ(world.maps->routes[kOld], std::pair(Share::none(), Share::none()));
    EXPECT_EQ(world.maps->routes[kEu].first, target);
    EXPECT_NE(outcome->notes.front().find("old.cart is no configured route"), std::string::npos);

    world.ledger_error.reset();
    ASSERT_TRUE(world.process()->annotate(world.asker, {"later", "", {}, {}}));
    const auto state = world.state();
    EXPECT_TRUE(state.running.empty()) << "the record says that it is through";
    EXPECT_EQ(state.routes.at(kOld).share.observed, Share::none());
  }
}

TEST(Rollback, LowersRoutesThatAreConfiguredNoMore) {
  for (const bool rolled_back : {false, true}) {
    World world;
    world.at_canary(30);
    Watcher watcher;
    // The second time there is nothing else to roll back.
    if (rolled_back) {
      ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
    }
    world.maps->routes[kOld] = {percent(20), Share::none()};
    auto outcome = world.process()->roll_back(world.asker, {}, watcher);
    ASSERT_TRUE(outcome) << outcome.error().what;
    EXPECT_FALSE(outcome->code) << outcome->headline;
    EXPECT_EQ(world.maps->routes[kOld].first, Share::none());
    EXPECT_EQ(world.state().routes.at(kOld).share.observed, Share::none());
    EXPECT_TRUE(world.process()->traffic()->others.empty());
  }
}

TEST(Feature, IsSetReadBackAndLoweredWithoutALedger) {
  World world;
  Watcher watcher;
  auto service = world.process();
  auto up = service->set_feature(world.asker, name("deep"), percent(30), watcher);
  ASSERT_TRUE(up) << up.error().what;
  EXPECT_EQ(world.maps->features[name("deep")], percent(30));
  EXPECT_EQ(world.state().features[name("deep")].observed, percent(30));

  world.ledger_error = Error{Code::locked, "the ledger is locked", "", "", ""};
  auto down = service->set_feature(world.asker, name("deep"), Share::none(), watcher);
  ASSERT_TRUE(down) << down.error().what;
  EXPECT_EQ(down->code, Code::spooled);
  EXPECT_EQ(world.maps->features[name("deep")], Share::none());
  world.ledger_error.reset();
  ASSERT_TRUE(world.process()->annotate(world.asker, {"later", "", {}, {}}));
  EXPECT_EQ(world.state().features[name("deep")].observed, Share::none());
  EXPECT_EQ(world.count("hal9.rollback.started.v1"), 0U);
}

TEST(Feature, DisablingShadowModeIsRollingShadowBack) {
  World world;
  Watcher watcher;
  MoveRequest shadow;
  shadow.phase = Phase::shadow;
  auto service = world.process();
  ASSERT_TRUE(service->move(world.asker, shadow, watcher));
  auto outcome = service->set_feature(world.asker, name("shadow_mode"), Share::none(), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(world.maps->routes[kEu].second, Share::none());
  EXPECT_EQ(world.state().phase, Phase::none);
}

TEST(Traffic, NamesWhatDiffersFromTheRecord) {
  World world;
  world.at_canary(5);
  EXPECT_TRUE(world.process()->traffic()->differences.empty());
  world.maps->routes[kEu].first = percent(9);
  auto view = world.process()->traffic();
  ASSERT_TRUE(view);
  ASSERT_EQ(view->differences.size(), 1U);
  EXPECT_EQ(view->differences.front().place, "eu.cart share");
  world.maps->flat_up = 0;
  EXPECT_EQ(world.process()->traffic()->differences.size(), 2U);
}

TEST(Traffic, NamesKeysThatAreUpAndNoConfiguredRoute) {
  World world;
  world.at_canary(30);
  world.maps->routes[kOld] = {Share::none(), Share::none()};
  EXPECT_TRUE(world.process()->traffic()->others.empty());
  world.maps->routes[kOld] = {percent(20), Share::none()};
  auto view = world.process()->traffic();
  ASSERT_TRUE(view);
  ASSERT_EQ(view->others.size(), 1U);
  EXPECT_EQ(view->others.front().key, "old.cart");
  EXPECT_TRUE(view->differences.empty());
}

TEST(Verify, HoldsAfterAllOfThat) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, gradual(seconds{20}), watcher));
  auto view = world.process()->verify();
  ASSERT_TRUE(view) << view.error().what;
  EXPECT_FALSE(view->finding);
  EXPECT_EQ(view->lines.events, world.types().size());
  EXPECT_EQ(view->state_digest, migration::state_digest(world.state()));
}

TEST(Rollbacks, AreListedNewestFirstWithTheirEnds) {
  World world;
  Watcher watcher;
  world.at_canary(40);
  ASSERT_TRUE(world.process()->roll_back(world.asker, gradual(seconds{20}), watcher));
  world.at_canary(10);
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  auto views = world.process()->rollbacks(10);
  ASSERT_TRUE(views);
  ASSERT_EQ(views->size(), 2U);
  EXPECT_EQ(views->front().rollback.plan.kind, migration::RollbackKind::immediate);
  EXPECT_EQ(views->back().rollback.status, migration::RollbackStatus::completed);
  EXPECT_TRUE(views->back().ended_at);
  auto one = world.process()->rollback(views->back().rollback.plan.id);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->rollback.plan.kind, migration::RollbackKind::gradual);
}

}  // namespace
}  // namespace hal9::engine
