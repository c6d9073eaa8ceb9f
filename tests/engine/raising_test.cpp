// A gradual move forward, steered: what the router sees, and every way in which it ends.

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/in_canary.h"
#include "engine/map_router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "ledger/store.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

Asker bob(const World& world) {
  Asker asker = world.asker;
  asker.actor.id = "os:bob";
  return asker;
}

TEST(Raising, GoesUpInTwentySteps) {
  InCanary test;
  const auto outcome = test.go(up(50));
  EXPECT_FALSE(outcome.code);
  EXPECT_EQ(test.share(), percent(50));
  EXPECT_EQ(test.watcher.raises.size(), 1U);
  EXPECT_EQ(test.watcher.raised.size(), 20U);
  EXPECT_TRUE(std::ranges::is_sorted(test.world.maps->highest));
  EXPECT_EQ(test.world.maps->highest.front(), percent(12));
  EXPECT_FALSE(outcome.state.raise);
}

TEST(Raising, PausesWhereItWasToldAndIsResumedByAPerson) {
  InCanary test;
  auto outcome = test.go(up(50, percent(20)));
  EXPECT_FALSE(outcome.code);
  EXPECT_THAT(outcome.headline, HasSubstr("paused at Flat: 80%, Hierarchical: 20%"));
  EXPECT_EQ(outcome.next, "hal9-migrate migrate resume");
  EXPECT_EQ(test.share(), percent(20));
  EXPECT_EQ(test.world.state().raise->status, migration::RaiseStatus::paused);

  auto resumed = test.service->resume_raise(test.world.asker, {}, test.watcher);
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_EQ(test.share(), percent(50));
  EXPECT_EQ(test.world.maps->highest.back(), percent(50));
}

TEST(Raising, GoesBackToWhereItBeganWhenAServerOfHierarchicalFails) {
  InCanary test;
  test.world.clocks->on_wait = [&] {
    if (test.share() >= percent(30)) test.world.maps->hierarchical_down = 1;
  };
  const auto outcome = test.go(up(50));
  EXPECT_EQ(outcome.code, Code::gate);
  EXPECT_EQ(test.share(), percent(10));
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("it went back: the gate health has failed")));
  ASSERT_TRUE(outcome.rollback);
  EXPECT_EQ(outcome.rollback->rollback.by, "system:executor");
  EXPECT_THAT(outcome.rollback->rollback.reason, HasSubstr("the gate health has failed"));
  EXPECT_EQ(outcome.state.phase, migration::Phase::canary);
}

TEST(Raising, HoldsWhenFlatIsDown) {
  InCanary test;
  test.world.clocks->on_wait = [&] {
    if (test.share() >= percent(30)) test.world.maps->flat_up = 0;
  };
  const auto outcome = test.go(up(50));
  EXPECT_EQ(outcome.code, Code::gate);
  EXPECT_EQ(test.share(), percent(30));
  EXPECT_THAT(outcome.headline, HasSubstr("held at"));
  EXPECT_EQ(test.world.state().raise->status, migration::RaiseStatus::paused);
}

TEST(Raising, LooksAtItsGatesBetweenStepsThatAreFarApart) {
  InCanary test;
  auto request = up(50);
  request.gradual = std::chrono::hours(10);  // half an hour a step
  const Micros begun = test.world.clocks->steady;
  test.world.clocks->on_wait = [&] {
    if (test.world.clocks->steady - begun > minutes(40)) test.world.maps->hierarchical_down = 1;
  };
  EXPECT_EQ(test.go(request).code, Code::gate);
  EXPECT_LT(test.world.clocks->steady - begun, minutes(42));
  EXPECT_EQ(test.share(), percent(10));
}

TEST(Raising, IsEndedByARollbackOfAnotherProcessAndRaisesNothingMore) {
  InCanary test;
  auto other = test.world.process();
  bool done = false;
  test.world.clocks->on_wait = [&] {
    if (done || test.share() < percent(30)) return;
    done = true;
    Watcher quiet;
    EXPECT_TRUE(other->roll_back(bob(test.world), {}, quiet));
  };
  const auto outcome = test.go(up(50));
  EXPECT_EQ(outcome.code, Code::conflict);
  EXPECT_THAT(outcome.headline, HasSubstr("ended by the immediate rollback of os:bob"));
  EXPECT_EQ(test.share(), Share::none());
  EXPECT_EQ(test.world.state().phase, migration::Phase::none);
}

TEST(Raising, IsEndedByAnEmergencyBetweenItsLookAndItsWrite) {
  InCanary test;
  auto other = test.world.process();
  bool done = false;
  test.world.maps->before = [&](const std::string& call) {
    if (done || call != "prove" || test.share() < percent(30)) return;
    done = true;
    Watcher quiet;
    other->emergency([&] { return bob(test.world); }, {}, quiet);
  };
  const auto outcome = test.go(up(50));
  EXPECT_EQ(outcome.code, Code::conflict);
  EXPECT_EQ(test.share(), Share::none());
  EXPECT_TRUE(test.world.maps->kill);
}

TEST(Raising, CtrlCPausesItAndAnybodyMayAbort) {
  InCanary test;
  test.world.clocks->on_wait = [&] {
    test.world.clocks->interrupted = test.share() >= percent(30);
  };
  const auto outcome = test.go(up(50));
  EXPECT_EQ(outcome.code, Code::interrupted);
  EXPECT_EQ(test.share(), percent(30));
  EXPECT_EQ(test.world.state().raise->why, "stopped by os:alice");
  test.world.clocks->interrupted = false;
  test.world.clocks->on_wait = {};
  auto aborted = test.service->abort_raise(test.world.asker, test.watcher);
  ASSERT_TRUE(aborted) << aborted.error().what;
  EXPECT_FALSE(aborted->code);
  EXPECT_EQ(test.share(), percent(10));
  EXPECT_FALSE(test.world.state().raise);
}

// The router goes where it began, and so does the record, once there is a ledger again.
TEST(Raising, IsAbortedWhileTheLedgerIsLocked) {
  InCanary test;
  test.world.clocks->on_wait = [&] {
    test.world.clocks->interrupted = test.share() >= percent(30);
  };
  test.go(up(50));
  test.world.clocks->interrupted = false;
  test.world.clocks->on_wait = {};
  {
    const auto held = test.world.ledger->begin(std::chrono::seconds(1)).value();
    auto aborted = test.service->abort_raise(test.world.asker, test.watcher);
    ASSERT_TRUE(aborted) << aborted.error().what;
    EXPECT_EQ(aborted->code, Code::spooled);
    EXPECT_EQ(test.share(), percent(10));
    EXPECT_EQ(aborted->next, "hal9-migrate rollback resume");
  }
  auto resumed = test.world.process()->resume(test.world.asker, test.watcher);
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_EQ(test.share(), percent(10)) << "the line that was suggested lowers nothing more";
  const auto state = test.world.state();
  EXPECT_EQ(state.phase, migration::Phase::canary);
  EXPECT_EQ(state.routes.at(kEu).share.requested, percent(10));
  EXPECT_FALSE(state.routes.at(kEu).held);
  EXPECT_FALSE(state.raise);
  EXPECT_TRUE(state.incidents.empty());
  EXPECT_EQ(test.world.count("hal9.rollback.stalled.v1"), 0U);
}

TEST(Raising, OfADeadProcessStaysWhereItIsUntilSomebodyResumes) {
  InCanary test;
  struct Killed {};
  test.world.clocks->on_wait = [&] {
    if (test.share() >= percent(30)) throw Killed{};
  };
  EXPECT_THROW(test.go(up(50)), Killed);
  test.world.clocks->on_wait = {};
  auto other = test.world.process();
  Watcher quiet;
  ASSERT_TRUE(other->resume(test.world.asker, quiet));
  EXPECT_EQ(test.share(), percent(30)) << "rollback resume raises nothing";
  EXPECT_EQ(other->resume(test.world.asker, quiet)->next, "hal9-migrate status");
  auto resumed = other->resume_raise(test.world.asker, {}, quiet);
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_EQ(test.share(), percent(50));
}

// It died behind a step that it could not record any more.
TEST(Raising, IsResumedFromWhatIsOnRecordAfterADeathBeforeTheRecord) {
  InCanary test;
  test.world.clocks->on_wait = [&] {
    if (test.share() >= percent(20)) test.world.clocks->interrupted = true;
  };
  test.go(up(50));
  test.world.clocks->on_wait = {};
  test.world.clocks->interrupted = false;
  for (auto& [route, values] : test.world.maps->routes) values.first = percent(22);
  test.world.maps->highest.clear();
  auto resumed = test.world.process()->resume_raise(test.world.asker, {}, test.watcher);
  ASSERT_TRUE(resumed) << resumed.error().what << ": " << resumed.error().why;
  EXPECT_EQ(test.world.maps->highest.front(), percent(20)) << "down to the record first";
  EXPECT_EQ(test.share(), percent(50));
  EXPECT_EQ(test.world.count("hal9.drift.found.v1"), 1U);
}

TEST(Raising, AJumpOfTheWallClockRaisesNothing) {
  InCanary test;
  bool jumped = false;
  test.world.clocks->on_wait = [&] {
    if (!std::exchange(jumped, true)) test.world.clocks->wall += std::chrono::hours(24);
    test.world.clocks->interrupted = test.world.maps->highest.size() == 2;
  };
  test.go(up(50));
  EXPECT_LE(test.share(), percent(14));
}

TEST(Raising, StopsWhereItIsWhenTheLedgerIsLost) {
  InCanary test;
  Result<std::unique_ptr<ledger::Batch>> other = fail(Code::failed, "not yet");
  test.world.clocks->on_wait = [&] {
    if (test.share() >= percent(30) && !other) {
      other = test.world.ledger->begin(std::chrono::milliseconds{0});
    }
  };
  auto outcome = test.service->move(test.world.asker, up(50), test.watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().next, "hal9-migrate migrate resume");
  EXPECT_LE(test.share(), percent(30));
  other = fail(Code::failed, "let go");
}

TEST(CancelledInTheEngine, StopsWhereTheRouterIsAndTheOtherProcessSaysSo) {
  InCanary test;
  auto other = test.world.process();
  bool done = false;
  test.world.clocks->on_wait = [&] {
    if (done || test.share() > percent(6)) return;
    done = true;
    const auto id = test.world.state().running.front().plan.id;
    auto cancelled = other->cancel(bob(test.world), id, {});
    ASSERT_TRUE(cancelled) << cancelled.error().what;
    EXPECT_THAT(cancelled->headline, HasSubstr("cancelled at"));
    EXPECT_THAT(cancelled->notes, Contains(HasSubstr("raises them with --include-held")));
  };
  auto outcome = test.service->roll_back(test.world.asker, gradual(minutes(10)), test.watcher);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->code, Code::conflict);
  EXPECT_THAT(outcome->headline, HasSubstr("cancelled"));
  EXPECT_EQ(test.share(), percent(6));
  EXPECT_EQ(test.world.state().phase, migration::Phase::canary);
}

// The cancel falls between any look at the ledger and the step behind it.
TEST(CancelledInTheEngine, NoStepOfItIsWrittenBehindTheCancel) {
  for (int at = 1; at <= 60; ++at) {
    InCanary test;
    auto other = test.world.process();
    int looks = 0;
    Share held = Share::all();
    test.world.clocks->on_look = [&] {
      if (++looks != at || test.world.state().running.empty()) return;
      auto cancelled =
          other->cancel(bob(test.world), test.world.state().running.front().plan.id, {});
      ASSERT_TRUE(cancelled) << cancelled.error().what;
      held = test.share();
    };
    auto outcome = test.service->roll_back(test.world.asker, gradual(minutes(10)), test.watcher);
    ASSERT_TRUE(outcome);
    ASSERT_GE(looks, at) << "it ended before its look " << at;
    EXPECT_EQ(test.share(), held) << "cancelled at look " << at;
    EXPECT_EQ(test.world.state().routes.at(kEu).share.observed, held) << "look " << at;
  }
}

TEST(CancelledInTheEngine, OfSomeRoutesSaysALineThatRaisesNoOthers) {
  InCanary test;
  auto some = gradual(minutes(10));
  some.routes = std::vector{kEu};
  test.world.clocks->on_wait = [&] { test.world.clocks->interrupted = true; };
  ASSERT_TRUE(test.service->roll_back(test.world.asker, some, test.watcher));
  test.world.clocks->on_wait = {};
  test.world.clocks->interrupted = false;
  const auto id = test.world.state().running.front().plan.id;
  auto cancelled = test.world.process()->cancel(test.world.asker, id, {});
  ASSERT_TRUE(cancelled) << cancelled.error().what;
  EXPECT_THAT(cancelled->notes, Contains(HasSubstr("raises it with --regions eu")));
}

TEST(WhatRan, StandsBesideWhatWasPlanned) {
  InCanary test;
  auto outcome = test.service->roll_back(test.world.asker, gradual(minutes(10)), test.watcher);
  ASSERT_TRUE(outcome);
  const auto id = outcome->rollback->rollback.plan.id;
  auto ran = test.service->ran(id);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->planned, minutes(10));
  ASSERT_TRUE(ran->ran);
  EXPECT_GE(*ran->ran, minutes(10));
  EXPECT_LT(*ran->ran, minutes(11));
  EXPECT_EQ(ran->steps, test.watcher.steps.size());
  EXPECT_EQ(ran->above, Share::none());
  EXPECT_EQ(ran->stalls, 0U);
  EXPECT_EQ(ran->executors, 1U);
}

TEST(WhatRan, OfOneThatAnotherProcessFinishedHasTwoExecutors) {
  InCanary test;
  test.world.clocks->on_wait = [&] { test.world.clocks->interrupted = true; };
  ASSERT_TRUE(test.service->roll_back(test.world.asker, gradual(minutes(10)), test.watcher));
  test.world.clocks->on_wait = {};
  test.world.clocks->interrupted = false;
  const auto id = test.world.state().running.front().plan.id;
  ASSERT_TRUE(test.world.process()->resume(test.world.asker, test.watcher));
  auto ran = test.service->ran(id);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->executors, 2U);
}

TEST(Raising, RefusesAPauseThatIsNotOnItsWay) {
  for (const std::uint32_t pause : {5U, 10U, 50U, 60U}) {
    InCanary test;
    auto outcome = test.service->move(test.world.asker, up(50, percent(pause)), test.watcher);
    ASSERT_FALSE(outcome) << pause;
    EXPECT_EQ(outcome.error().code, Code::usage);
  }
}

}  // namespace
}  // namespace hal9::engine
