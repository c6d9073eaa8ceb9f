#include "engine/grouped.h"

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/map_router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/commands.h"
#include "migration/incident.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

struct Group {
  std::optional<RollbackView> rollback;
  std::optional<IncidentView> incident;
  std::vector<std::uint64_t> events;
  std::vector<std::string> types;
  std::vector<std::optional<Micros>> since;
  bool ended = false;
};

struct Kept : GroupSink {
  bool begin(const GroupOf& of) override {
    groups.emplace_back();
    if (of.rollback != nullptr) groups.back().rollback = *of.rollback;
    if (of.incident != nullptr) groups.back().incident = *of.incident;
    return true;
  }
  bool entry(const TimelineEntry& entry, std::optional<Micros> since) override {
    groups.back().events.push_back(entry.sequence.value);
    groups.back().types.push_back(entry.type);
    groups.back().since.push_back(since);
    return true;
  }
  bool end() override {
    groups.back().ended = true;
    return true;
  }
  std::vector<Group> groups;
};

std::vector<Group> read(
    World& world, const ledger::Filter& range = {}, std::optional<std::uint64_t> newest = {}
) {
  const auto service = world.process();
  Kept kept;
  auto done = read_groups(*service, range, newest, kept);
  EXPECT_TRUE(done.has_value());
  return kept.groups;
}

migration::RollBack of(const migration::Route& where) {
  migration::RollBack request;
  request.routes = std::vector{where};
  return request;
}

void roll_back(World& world, const migration::RollBack& request) {
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, request, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
}

// Every event once, whatever it is of.
void expect_each_once(World& world, const std::vector<Group>& groups) {
  std::multiset<std::uint64_t> seen;
  for (const Group& group : groups) {
    EXPECT_TRUE(group.ended);
    EXPECT_FALSE(group.events.empty());
    seen.insert(group.events.begin(), group.events.end());
  }
  const auto all = world.types().size();
  EXPECT_EQ(seen.size(), all);
  for (std::uint64_t sequence = 1; sequence <= all; ++sequence) {
    EXPECT_EQ(seen.count(sequence), 1U) << sequence;
  }
}

TEST(Groups, AreTheRollbacksAndWhatIsBetweenThem) {
  World world;
  world.at_canary(40);
  roll_back(world, of(kEu));
  ASSERT_TRUE(world.process()->annotate(world.asker, {"between", "", {}, {}}));
  roll_back(world, {});
  const auto groups = read(world);
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_FALSE(groups[0].rollback);
  ASSERT_TRUE(groups[1].rollback);
  EXPECT_EQ(groups[1].rollback->of_routes, 2U);
  EXPECT_FALSE(groups[2].rollback);
  EXPECT_EQ(groups[2].types, std::vector<std::string>{"hal9.annotation.added.v1"});
  ASSERT_TRUE(groups[3].rollback);
  EXPECT_FALSE(groups[3].rollback->of_routes);
  EXPECT_EQ(groups[3].types.back(), "hal9.phase.entered.v1");
  expect_each_once(world, groups);
}

// What was noted of an incident stands together, before its rollbacks, also what a rollback opened.
TEST(Groups, AreIncidentsToo) {
  World world;
  world.configuration.incidents_by = migration::IncidentsBy::rollback;
  world.at_canary(40);
  roll_back(world, of(kEu));
  ASSERT_TRUE(world.process()->annotate(world.asker, {"between", "", {}, {}}));
  roll_back(world, {});
  const migration::IncidentId id = world.state().incidents.back().id;
  ASSERT_TRUE(world.process()->on_incident(world.asker, migration::CloseIncident{id}));
  const auto groups = read(world);
  ASSERT_EQ(groups.size(), 5U);
  ASSERT_TRUE(groups[1].incident);
  EXPECT_EQ(groups[1].incident->incident.id, id);
  EXPECT_EQ(
      groups[1].types,
      (std::vector<std::string>{
          "hal9.incident.opened.v1", "hal9.incident.joined.v1", "hal9.incident.closed.v1"
      })
  );
  EXPECT_EQ(groups[1].since.front(), Micros{0});
  EXPECT_TRUE(groups[2].rollback);
  EXPECT_EQ(groups[3].types, std::vector<std::string>{"hal9.annotation.added.v1"});
  EXPECT_TRUE(groups[4].rollback);
  expect_each_once(world, groups);

  ledger::Filter late;
  late.from = ledger::Sequence{groups[4].events.back() + 1};
  const auto rest = read(world, late);
  ASSERT_EQ(rest.size(), 1U) << "an incident that was open before is there whole";
  EXPECT_EQ(rest[0].types.size(), 3U);
}

// Its gates and the end of its raise come before the rollback begins, in the same command.
// Two that one report ends: what ended the one stands in the other's command.
TEST(Groups, OfTwoRollbacksThatEndTogetherHaveEachEventOnce) {
  World world;
  world.at_canary(40);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  Watcher watcher;
  auto slow = of(kEu);
  slow.gradual = std::chrono::minutes{10};
  ASSERT_TRUE(world.process()->roll_back(world.asker, slow, watcher));
  world.clocks->on_wait = {};
  world.clocks->interrupted = false;
  roll_back(world, {});
  const auto groups = read(world);
  expect_each_once(world, groups);
  const auto ended = std::ranges::count_if(groups, [](const Group& group) {
    return std::ranges::count(group.types, "hal9.rollback.superseded.v1") > 0;
  });
  EXPECT_EQ(ended, 1);
}

TEST(Groups, OfARaiseThatAGateSentBackHaveEachEventOnce) {
  World world;
  world.at_canary(10);
  world.clocks->on_wait = [&] {
    if (world.maps->routes.at(kEu).first >= percent(30)) world.maps->hierarchical_down = 1;
  };
  Watcher watcher;
  MoveRequest up;
  up.phase = migration::Phase::canary;
  up.percentage = percent(50);
  up.gradual = std::chrono::minutes{10};
  ASSERT_TRUE(world.process()->move(world.asker, up, watcher));
  const auto groups = read(world);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_NE(std::ranges::find(groups[1].types, "hal9.raise.ended.v1"), groups[1].types.end());
  expect_each_once(world, groups);
}

TEST(Groups, HaveTheTimeSinceTheirBeginning) {
  World world;
  world.at_canary(40);
  roll_back(world, gradual(std::chrono::minutes{10}));
  const auto groups = read(world);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_FALSE(groups[0].since.front());
  ASSERT_TRUE(groups[1].since.front());
  EXPECT_EQ(*groups[1].since.front(), Micros{0});
  EXPECT_GE(*groups[1].since.back(), std::chrono::minutes{10});
}

// Two at once: their events lie among each other, and one report may end both.
TEST(Groups, KeepApartWhatRanAtTheSameTime) {
  World world;
  world.at_canary(40);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  auto slow = of(kEu);
  slow.gradual = std::chrono::minutes{10};
  roll_back(world, slow);
  world.clocks->interrupted = false;
  world.clocks->on_wait = {};
  auto other = of(kUs);
  other.gradual = std::chrono::minutes{10};
  roll_back(world, other);
  Watcher watcher;
  ASSERT_TRUE(world.process()->resume(world.asker, watcher));
  const auto groups = read(world);
  std::size_t rollbacks = 0;
  for (const Group& group : groups) {
    if (!group.rollback) continue;
    ++rollbacks;
    EXPECT_EQ(group.rollback->rollback.status, migration::RollbackStatus::completed);
    EXPECT_NE(std::ranges::find(group.types, "hal9.rollback.completed.v1"), group.types.end());
  }
  EXPECT_EQ(rollbacks, 2U);
}

TEST(Groups, BeginWithWhatWasOpenBeforeTheRange) {
  World world;
  world.at_canary(40);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  roll_back(world, gradual(std::chrono::minutes{10}));
  world.clocks->interrupted = false;
  world.clocks->on_wait = {};
  const auto open = world.process()->rollbacks(1)->front();
  Watcher watcher;
  ASSERT_TRUE(world.process()->resume(world.asker, watcher));
  ledger::Filter range;
  range.from = ledger::Sequence{open.begun.value + 2};
  const auto groups = read(world, range);
  ASSERT_FALSE(groups.empty());
  ASSERT_TRUE(groups.front().rollback);
  EXPECT_EQ(groups.front().rollback->rollback.plan.id, open.rollback.plan.id);
  EXPECT_LE(groups.front().events.front(), open.begun.value);
}

TEST(Groups, OfTheNewestBeginWithTheNewest) {
  World world;
  for (int n = 0; n < 3; ++n) {
    world.at_canary(40);
    roll_back(world, {});
  }
  const auto groups = read(world, {}, 1);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(
      groups.front().rollback->rollback.plan.id,
      world.process()->rollbacks(1)->front().rollback.plan.id
  );
  EXPECT_EQ(read(world, {}, 2).size(), 3U);
}

TEST(Groups, OfTheNewestAreNoneWhereThereIsNoRollback) {
  World world;
  world.at_canary(40);
  EXPECT_TRUE(read(world, {}, 3).empty());
  EXPECT_EQ(read(world).size(), 1U);
}

TEST(Groups, OfAnUnknownRollbackAreAnError) {
  World world;
  const auto service = world.process();
  Kept kept;
  auto done = read_group(*service, RollbackId{}, kept);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::usage);
}

}  // namespace
}  // namespace hal9::engine
