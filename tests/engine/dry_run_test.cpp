// A dry run says what the way back then does, and does nothing itself.
#include "engine/dry_run.h"

#include "base/result.h"
#include "base/share.h"
#include "engine/service.h"
#include "engine/world.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using std::chrono::minutes;

bool warns_of(const DryRunView& view, std::string_view words) {
  return std::ranges::any_of(view.risks, [&](const std::string& risk) {
    return risk.find(words) != std::string::npos;
  });
}

TEST(DryRun, SaysWhatThenHappensAndChangesNothing) {
  World world;
  world.at_canary(40);
  migration::RollBack request;
  request.gradual = minutes{10};
  request.routes = std::vector<migration::Route>{kEu};
  const auto before = world.types();
  const auto maps = world.maps->routes;
  const auto view = world.process()->dry_run(world.asker, request);
  ASSERT_TRUE(view) << view.error().what;
  EXPECT_EQ(world.types(), before);
  EXPECT_EQ(world.maps->routes, maps);
  ASSERT_TRUE(view->plan);
  EXPECT_EQ(view->plan->kind, migration::RollbackKind::gradual);
  EXPECT_EQ(view->plan->routes.size(), 1U);
  EXPECT_TRUE(view->plan->partial);
  EXPECT_EQ(view->steps.front().routes.front().share, percent(40));
  EXPECT_EQ(view->steps.back().routes.front().share, Share::none());
  EXPECT_EQ(view->steps.back().after, Micros{minutes{10}});
  EXPECT_EQ(view->estimate, Micros{minutes{10}});

  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, request, watcher));
  const auto done = world.process()->rollbacks(1);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->front().rollback.plan.routes, view->plan->routes);
  EXPECT_EQ(done->front().rollback.plan.to_phase, view->plan->to_phase);
}

TEST(DryRun, EstimatesByWhatThePastTook) {
  World world;
  world.at_canary(40);
  EXPECT_FALSE(world.process()->dry_run(world.asker, {})->estimate);
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  world.at_canary(40);
  const auto view = world.process()->dry_run(world.asker, {});
  ASSERT_TRUE(view && view->estimate);
  EXPECT_EQ(view->estimated_from, "1 immediate rollback of this ledger");
}

TEST(DryRun, OfAnEmergencyIsThatAndEstimatedByThose) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  world.at_canary(40);
  const auto before = world.types();
  const auto all = world.process()->dry_run_emergency(world.asker, {});
  ASSERT_TRUE(all && all->plan);
  EXPECT_EQ(world.types(), before);
  EXPECT_FALSE(world.maps->kill);
  EXPECT_EQ(all->plan->kind, migration::RollbackKind::emergency);
  EXPECT_EQ(all->plan->to_phase, migration::Phase::none);
  EXPECT_EQ(all->halts, Halts::everything);
  EXPECT_FALSE(all->estimate) << "an immediate one tells nothing of it";
  EmergencyRequest some;
  some.routes = std::vector{kEu};
  const auto one = world.process()->dry_run_emergency(world.asker, some);
  ASSERT_TRUE(one && one->plan);
  EXPECT_EQ(one->plan->routes.size(), 1U);
  EXPECT_EQ(one->plan->to_phase, migration::Phase::canary);
  EXPECT_EQ(one->halts, Halts::routes);
  world.process()->emergency([&] { return world.asker; }, {}, watcher);
  EXPECT_EQ(world.state().last_rollback->plan.routes, all->plan->routes);
}

TEST(DryRun, NamesWhatRunsAndWhatItWouldEnd) {
  World world;
  world.at_canary(40);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, gradual(minutes{10}), watcher));
  world.clocks->interrupted = false;
  const auto running = world.state().running.front().plan.id;
  const auto all = world.process()->dry_run(world.asker, {});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->supersedes, std::vector{running});
  migration::RollBack some;
  some.routes = std::vector<migration::Route>{kEu};
  const auto beside = world.process()->dry_run(world.asker, some);
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->beside, std::vector{running});
  const auto same = world.process()->dry_run(world.asker, gradual(minutes{20}));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->joins, running);
  EXPECT_FALSE(same->plan);
}

TEST(DryRun, NamesWhatIsAtRisk) {
  World world;
  world.at_canary(40);
  world.maps->flat_up = 0;
  EXPECT_TRUE(warns_of(*world.process()->dry_run(world.asker, {}), "flat is down"));
  world.maps->reachable = false;
  const auto view = world.process()->dry_run(world.asker, {});
  ASSERT_TRUE(view);
  EXPECT_TRUE(warns_of(*view, "does not answer"));
  EXPECT_FALSE(view->checks.front().holds);
}

TEST(DryRun, IsRefusedAsTheRollbackWouldBe) {
  World world;
  world.at_canary(40);
  migration::RollBack request;
  request.from_phase = migration::Phase::shadow;
  const auto refused = world.process()->dry_run(world.asker, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
}

}  // namespace
}  // namespace hal9::engine
