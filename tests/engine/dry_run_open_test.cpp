// Dry runs of moves forward, and of what is about something that is open.
#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/dry_run.h"
#include "engine/map_router.h"
#include "engine/service.h"
#include "engine/world.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;

MoveRequest up(std::uint32_t to, std::optional<Share> pause = {}) {
  MoveRequest request;
  request.phase = migration::Phase::canary;
  request.percentage = percent(to);
  request.gradual = minutes(10);
  request.pause_after = pause;
  return request;
}

// In canary at 10%.
struct Open {
  Open() { world.at_canary(10); }
  World world;
  std::unique_ptr<Service> service = world.process();
  Watcher watcher;

  // Its process is stopped once the share is there.
  void stop_at(std::uint32_t whole) {
    world.clocks->on_wait = [this, whole] {
      const Share now = share();
      const bool up_to = world.state().raise ? now >= percent(whole) : now <= percent(whole);
      if (up_to) world.clocks->interrupted = true;
    };
  }
  void go_on() {
    world.clocks->on_wait = {};
    world.clocks->interrupted = false;
  }
  [[nodiscard]] Share share() const { return world.maps->routes.at(kEu).first; }
};

TEST(DryRunOfAMove, SaysItsStepsAndItsGatesAndWritesNothing) {
  Open test;
  const auto before = test.world.state().sequence;
  auto view = test.service->dry_run_move(test.world.asker, up(50));
  ASSERT_TRUE(view);
  ASSERT_TRUE(view->forward);
  EXPECT_EQ(view->steps.size(), 20U);
  auto pausing = test.service->dry_run_move(test.world.asker, up(50, percent(20)));
  ASSERT_TRUE(pausing);
  EXPECT_EQ(pausing->steps.size(), 5U) << "what is behind the pause waits for a person";
  EXPECT_EQ(pausing->steps.back().routes.front().share, percent(20));
  EXPECT_EQ(pausing->estimate, minutes(2) + seconds(30));
  EXPECT_FALSE(view->gates.empty());
  EXPECT_FALSE(view->refused);
  test.world.maps->flat_up = 0;
  view = test.service->dry_run_move(test.world.asker, up(50));
  ASSERT_TRUE(view);
  ASSERT_TRUE(view->refused);
  EXPECT_EQ(view->refused->code, Code::gate);
  EXPECT_EQ(test.world.state().sequence, before);
  EXPECT_EQ(test.share(), percent(10));
}

TEST(DryRunOfAResumedMove, GoesOnFromWhereItIsBehindItsGates) {
  Open test;
  test.stop_at(20);
  ASSERT_TRUE(test.service->move(test.world.asker, up(50, percent(40)), test.watcher));
  test.go_on();
  const auto before = test.world.state().sequence;
  auto view = test.service->dry_run_resume_raise(test.world.asker, {});
  ASSERT_TRUE(view) << view.error().what;
  ASSERT_TRUE(view->forward);
  EXPECT_EQ(view->forward->now.front().share, percent(20));
  EXPECT_EQ(view->steps.back().routes.front().share, percent(40)) << "up to the pause";
  EXPECT_FALSE(view->gates.empty());
  test.world.maps->flat_up = 0;
  view = test.service->dry_run_resume_raise(test.world.asker, {});
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->refused);
  EXPECT_EQ(test.world.state().sequence, before);
  EXPECT_EQ(test.share(), percent(20));
}

TEST(DryRunOfAResumedMove, IsRefusedWhereNoneIsOpen) {
  Open test;
  const auto view = test.service->dry_run_resume_raise(test.world.asker, {});
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code, Code::conflict);
}

TEST(DryRunOfAnAbort, GoesBackToWhereItBegan) {
  Open test;
  test.stop_at(20);
  ASSERT_TRUE(test.service->move(test.world.asker, up(50), test.watcher));
  test.go_on();
  auto view = test.service->dry_run_abort(test.world.asker);
  ASSERT_TRUE(view) << view.error().what;
  EXPECT_TRUE(view->ends_raise);
  ASSERT_TRUE(view->plan);
  EXPECT_EQ(view->plan->routes.front().share_from, percent(20));
  EXPECT_EQ(view->plan->routes.front().share_to, percent(10));
  EXPECT_EQ(test.share(), percent(20));
  ASSERT_TRUE(test.world.state().raise);
}

TEST(DryRunOfACancel, SaysWhereEachRouteWouldBeHeld) {
  Open test;
  test.stop_at(6);
  ASSERT_TRUE(test.service->roll_back(test.world.asker, gradual(minutes(10)), test.watcher));
  test.go_on();
  const auto before = test.world.state();
  const auto id = before.running.front().plan.id;
  auto view = test.service->dry_run_cancel(test.world.asker, id);
  ASSERT_TRUE(view) << view.error().what;
  ASSERT_TRUE(view->cancels);
  EXPECT_EQ(view->cancels->rollback, id);
  EXPECT_EQ(view->cancels->held_at.size(), 2U);
  EXPECT_TRUE(view->beside.empty()) << "it does not go on";
  EXPECT_EQ(view->cancels->held_at.front().share, test.share());
  EXPECT_EQ(test.world.state(), before);
  auto refused = test.service->dry_run_cancel(test.world.asker, RollbackId{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
}

TEST(DryRunOfAResume, SaysWhatIsLeftFromNowOn) {
  Open test;
  auto nothing = test.service->dry_run_resume(test.world.asker);
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->resumes.empty());
  test.stop_at(6);
  ASSERT_TRUE(test.service->roll_back(test.world.asker, gradual(minutes(10)), test.watcher));
  test.go_on();
  const auto before = test.world.state();
  const auto& plan = before.running.front().plan;
  auto view = test.service->dry_run_resume(test.world.asker);
  ASSERT_TRUE(view) << view.error().what;
  EXPECT_THAT(view->resumes, ElementsAre(plan));
  EXPECT_LE(view->steps.front().routes.front().share, percent(6));
  EXPECT_EQ(view->steps.back().routes.front().share, Share::none());
  EXPECT_EQ(view->steps.back().after, plan.ends - test.world.clocks->wall);
  EXPECT_EQ(view->estimate, plan.ends - test.world.clocks->wall);
  EXPECT_EQ(test.world.state(), before);
}

}  // namespace
}  // namespace hal9::engine
