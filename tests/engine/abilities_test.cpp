// What a router cannot do is refused by name before anything begins, and never claimed.
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/world.h"
#include "migration/gate.h"
#include "migration/phase.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::GateName;
using migration::GateOutcome;
using migration::Phase;

MoveRequest to(Phase phase, std::optional<Share> percentage = {}) {
  MoveRequest request;
  request.phase = phase;
  request.percentage = percentage;
  return request;
}

TEST(Abilities, ShadowIsRefusedWhereNothingIsMirrored) {
  World world;
  world.maps->can.mirrors = false;
  Watcher watcher;
  auto service = world.process();
  auto outcome = service->move(world.asker, to(Phase::shadow), watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::conflict);
  EXPECT_EQ(outcome.error().what, "this router cannot mirror requests: maps in memory");
  EXPECT_EQ(outcome.error().next, "hal9-migrate migrate --phase shadow --percentage 0");
  EXPECT_TRUE(watcher.gates.empty());
  EXPECT_EQ(world.state().phase, Phase::none);
  // The line that it names leads on, to a canary.
  ASSERT_TRUE(service->move(world.asker, to(Phase::shadow, Share::none()), watcher));
  outcome = service->move(world.asker, to(Phase::canary), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(outcome->code);
  EXPECT_EQ(world.maps->routes[kEu].first, percent(5));
}

TEST(Abilities, AFeatureIsRefusedWhereNoneIsHandedOn) {
  World world;
  world.maps->can.features = false;
  Watcher watcher;
  auto service = world.process();
  auto raised = service->set_feature(world.asker, name("deep"), percent(10), watcher);
  ASSERT_FALSE(raised);
  EXPECT_EQ(raised.error().what, "the feature deep cannot be set by this router");
  EXPECT_EQ(world.count("hal9.feature.requested.v1"), 0U);
  EXPECT_TRUE(service->set_feature(world.asker, name("deep"), Share::none(), watcher));
}

TEST(Abilities, FlatThatNobodyTellsOfBlocksUntilSomebodyHasLooked) {
  World world;
  world.maps->servers_known = false;
  world.maps->flat_up = 0;
  Watcher watcher;
  auto service = world.process();
  const auto outcome = service->move(world.asker, to(Phase::shadow), watcher);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::gate);
  const auto flat = std::ranges::find(watcher.gates, GateName::flat, &migration::Gate::name);
  ASSERT_NE(flat, watcher.gates.end());
  EXPECT_EQ(flat->outcome, GateOutcome::unknown);
  auto request = to(Phase::shadow);
  request.overrides = {GateName::flat};
  const auto passed = service->move(world.asker, request, watcher);
  ASSERT_TRUE(passed) << passed.error().what;
  EXPECT_FALSE(passed->code);
  EXPECT_EQ(world.maps->routes[kEu].second, Share::all());
  // No alarm on the way back: that flat is down is nowhere said.
  ASSERT_TRUE(service->roll_back(world.asker, {}, watcher));
  EXPECT_TRUE(watcher.notes.empty());
  EXPECT_FALSE(service->traffic()->flat_down);
}

TEST(Abilities, NobodyIsIdleWhereNothingIsCounted) {
  World world;
  world.maps->can.counts_requests = false;
  const auto activity = world.process()->activity("hierarchical", std::chrono::seconds(10));
  ASSERT_TRUE(activity);
  EXPECT_FALSE(activity->known);
  EXPECT_FALSE(activity->quiet());
  EXPECT_EQ(activity->why, "this router does not count requests: maps in memory");
}

}  // namespace
}  // namespace hal9::engine
