// What the questions answer: who, when, which events, and what differs.

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/phase.h"
#include "migration/rollback.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::Phase;
using std::chrono::minutes;
using std::chrono::seconds;

std::vector<std::string> about(World& world, const std::string& subject, bool backward = false) {
  ledger::Filter filter;
  filter.subjects = {subject};
  if (backward) filter.direction = ledger::Direction::backward;
  std::vector<std::string> found;
  auto read = world.process()->timeline(filter, [&](const TimelineEntry& entry) {
    found.push_back(entry.type);
    return true;
  });
  EXPECT_TRUE(read);
  return found;
}

std::size_t count(const std::vector<std::string>& types, const std::string& type) {
  return static_cast<std::size_t>(std::ranges::count(types, type));
}

// Steps over several routes stand under "all"; each of their routes has them in its timeline.
TEST(Timeline, OfARouteHoldsTheEventsOverSeveralRoutes) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  const auto found = about(world, "eu.cart");
  EXPECT_EQ(count(found, "hal9.traffic.observed.v1"), world.count("hal9.traffic.observed.v1"));
  EXPECT_EQ(count(found, "hal9.rollback.started.v1"), 1U);
  EXPECT_EQ(count(found, "hal9.phase.entered.v1"), world.count("hal9.phase.entered.v1"));
  auto backward = about(world, "eu.cart", true);
  std::ranges::reverse(backward);
  EXPECT_EQ(backward, found);
}

TEST(Timeline, OfARouteLeavesOutWhatNamesOthers) {
  World world;
  world.at_canary(40);
  world.configuration.components.push_back(name("pay"));  // eu.pay, us.pay: stand at 0
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  const auto before = about(world, "eu.pay");
  EXPECT_LT(
      count(before, "hal9.traffic.requested.v1"),
      count(about(world, "eu.cart"), "hal9.traffic.requested.v1")
  );
  EXPECT_TRUE(about(world, "eu.nothing").empty());
  EXPECT_EQ(count(about(world, "deep"), "hal9.phase.entered.v1"), 0U) << "a feature is no route";
}

TEST(Timeline, OfARouteEndsWhenItsReaderHasEnough) {
  World world;
  world.at_canary(40);
  ledger::Filter filter;
  filter.subjects = {"eu.cart"};
  filter.direction = ledger::Direction::backward;
  std::vector<ledger::Sequence> seen;
  ASSERT_TRUE(world.process()->timeline(filter, [&](const TimelineEntry& entry) {
    seen.push_back(entry.sequence);
    return seen.size() < 2;
  }));
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_GT(seen.front(), seen.back());
}

TEST(Status, GivesTheLastRollbackItsEvents) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  const auto listed = world.process()->rollbacks(1);
  const auto status = world.process()->status({});
  ASSERT_TRUE(listed && status && status->last_rollback);
  EXPECT_NE(status->last_rollback->begun.value, 0U);
  EXPECT_EQ(status->last_rollback->begun, listed->front().begun);
  EXPECT_EQ(status->last_rollback->ended_at, listed->front().ended_at);
  const auto json = to_json(*status)["last_rollback"];
  EXPECT_EQ(json["first_sequence"], listed->front().begun.value);
  EXPECT_EQ(json["share_from"], 40.0);
  EXPECT_EQ(json["share_to"], 0.0);
}

TEST(Status, NamesThePersonWhoAskedAndNotTheExecutor) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  world.asker.actor.id = "os:bob";
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  const auto status = world.process()->status({});
  EXPECT_EQ(status->state.phase_by, "system:executor") << "it enters the phase";
  EXPECT_EQ(status->phase_by, "os:bob");
  EXPECT_EQ(to_json(*status)["phase_by"], "os:bob");
  AsOf then;
  then.sequence = ledger::Sequence{status->last_rollback->begun.value - 1};
  EXPECT_EQ(world.process()->status(then)->phase_by, "os:alice") << "who entered canary";
}

TEST(Status, SaysWhatTheRouterShowsOtherwise) {
  World world;
  world.at_canary(5);
  EXPECT_TRUE(world.process()->status({})->differences.empty());
  world.maps->routes[kEu].first = percent(9);
  auto above = world.process()->status({});
  ASSERT_EQ(above->differences.size(), 1U);
  EXPECT_EQ(above->differences.front().place, "eu.cart share");
  EXPECT_TRUE(above->above);
  world.maps->routes[kEu].first = percent(1);
  EXPECT_FALSE(world.process()->status({})->above);
  EXPECT_EQ(world.process()->status({})->differences.size(), 1U);
  EXPECT_FALSE(world.process()->status({})->flat_down);
  world.maps->flat_up = 0;
  EXPECT_TRUE(world.process()->status({})->flat_down);
}

// A key that no configuration names gets its traffic all the same.
TEST(Traffic, CountsWhatTheMapHoldsBeyondTheConfiguredRoutes) {
  World world;
  world.at_canary(5);
  const auto old = route("old", "cart");
  world.maps->routes[old].first = percent(100);
  auto view = world.process()->traffic();
  ASSERT_TRUE(view);
  EXPECT_EQ(view->hierarchical_low, percent(5));
  EXPECT_EQ(view->hierarchical_high, percent(100));
  const auto configured = view->routes.size();
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, {}, watcher));
  EXPECT_EQ(world.maps->routes[old].first, Share::none());
  view = world.process()->traffic();
  ASSERT_TRUE(view);
  EXPECT_EQ(view->routes.size(), configured) << "what is down and not configured is nobody's";
  EXPECT_EQ(view->hierarchical_high, Share::none());
}

// The line that `status` gives for a map that was edited by hand: down to the record, and no lower.
TEST(Rollback, ToTheRecordedShareOnlyPutsDownWhatStandsAboveIt) {
  World world;
  world.at_canary(5);
  world.maps->routes[kEu].first = percent(50);
  migration::RollBack request;
  request.percentage = percent(5);
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, request, watcher));
  EXPECT_EQ(world.maps->routes[kEu].first, percent(5));
  EXPECT_EQ(world.state().phase, migration::Phase::canary);
  EXPECT_TRUE(world.process()->status({})->differences.empty());
}

// A gradual one is overtaken by an emergency of another process: it tells its own story, says whose
// the end is, and has come where it was to come.
TEST(Rollback, ThatIsSupersededTellsItsOwnEventsAndByWhom) {
  World world;
  world.at_canary(40);
  bool cut = false;
  world.clocks->on_wait = [&] {
    if (std::exchange(cut, true)) return;
    Asker bob = world.asker;
    bob.actor.id = "os:bob";
    Watcher other;
    const auto outcome = world.process()->emergency([&] { return bob; }, {true, false}, other);
    EXPECT_FALSE(outcome.code);
  };
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, gradual(minutes{10}), watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  ASSERT_TRUE(outcome->rollback && outcome->rollback->rollback.superseded_by);
  EXPECT_FALSE(outcome->code) << "what was asked for is observed";
  EXPECT_EQ(outcome->last, outcome->rollback->ended_at);
  EXPECT_LT(*outcome->last, world.process()->status({})->sequence);
  const bool named = std::ranges::any_of(outcome->notes, [](const std::string& note) {
    return note.find("superseded by the emergency rollback") != std::string::npos &&
           note.find("os:bob") != std::string::npos;
  });
  EXPECT_TRUE(named);
}

TEST(Emergency, OfWhatIsCutAlreadySaysSinceWhen) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  const auto first = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_TRUE(first.moved);
  world.clocks->wall += minutes{5};
  const auto again = world.process()->emergency(world.who(), {true, false}, watcher);
  EXPECT_FALSE(again.code);
  EXPECT_FALSE(again.moved) << "nobody is asked for the reason a second time";
  ASSERT_FALSE(again.notes.empty());
  EXPECT_EQ(
      again.notes.back(), "was cut already since 2023-11-14 22:13:20Z by os:alice; read back again"
  );
}

TEST(Rollback, GradualSaysItsPlanBeforeItsFirstStep) {
  World world;
  world.at_canary(40);
  Watcher watcher;
  world.clocks->on_wait = [&] {
    EXPECT_EQ(watcher.plans.size(), 1U);
    world.clocks->interrupted = true;
  };
  ASSERT_TRUE(world.process()->roll_back(world.asker, gradual(minutes{10}), watcher));
  EXPECT_TRUE(watcher.steps.empty());
  ASSERT_EQ(watcher.plans.size(), 1U);
  EXPECT_EQ(watcher.plans.front().ends - watcher.plans.front().started, Micros(minutes{10}));
}

TEST(Accepted, NamesWhatTheFileHasOtherwise) {
  World world;
  auto same = world.process()->accepted();
  ASSERT_TRUE(same) << same.error().what;
  EXPECT_TRUE(same->accepted);
  EXPECT_TRUE(same->differences.empty());
  world.configuration.regions = {name("eu"), name("ap")};
  world.configuration.router = migration::RouterKind::haproxy;
  EXPECT_EQ(
      world.process()->accepted()->differences,
      (std::vector<std::string>{
          "router: accepted ledger-only, now haproxy",
          "routes added: ap.cart",
          "routes gone: us.cart"
      })
  );
  Watcher watcher;
  ASSERT_TRUE(world.process()->annotate(world.asker, {"new routes", "", {}, {}}));
  EXPECT_TRUE(world.process()->accepted()->differences.empty());
}

// The router needs no ledger to say where users are sent; what is on record is then unknown.
TEST(Traffic, IsReadWithoutALedger) {
  World world;
  world.at_canary(5);
  world.ledger_error = Error{Code::damaged, "the ledger is damaged", "", "", ""};
  auto view = world.process()->traffic();
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->observed);
  EXPECT_EQ(view->hierarchical_high, percent(5));
  EXPECT_EQ(view->routes.size(), 2U);
  EXPECT_TRUE(view->differences.empty()) << "nothing is known to differ";
  ASSERT_TRUE(view->ledger_error);
  EXPECT_EQ(to_json(*view)["ledger_error"], "the ledger is damaged");
  world.maps->flat_up = 0;
  EXPECT_TRUE(world.process()->traffic()->flat_down);
  const auto status = world.process()->status({});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().next, "hal9-migrate traffic --verify");
}

TEST(Rollback, SaysThatItPutDownWhatStoodAboveTheRecord) {
  World world;
  world.maps->routes[kEu].first = percent(50);
  Watcher watcher;
  auto outcome = world.process()->roll_back(world.asker, {}, watcher);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->headline, "put down to what is recorded: Flat: 100%, Hierarchical: 0%");
  outcome = world.process()->roll_back(world.asker, {}, watcher);
  EXPECT_EQ(outcome->headline, "nothing to roll back: Flat: 100%, Hierarchical: 0%");
}

std::string notes_of_a_way_back(World& world, Phase phase, std::optional<Share> percentage) {
  Watcher watcher;
  MoveRequest request;
  request.phase = phase;
  request.percentage = percentage;
  const auto outcome = world.process()->move(world.asker, request, watcher);
  EXPECT_TRUE(outcome);
  std::string notes;
  for (const auto& note : outcome->notes) notes += note + "\n";
  return notes;
}

TEST(Move, BackNamesWhatItDidNotRaiseAndTheLineThatDoes) {
  World world;
  world.at_canary(5);
  const auto notes = notes_of_a_way_back(world, Phase::shadow, {});
  EXPECT_NE(notes.find("2 routes are mirrored below 100% and stay there"), std::string::npos);
  EXPECT_NE(notes.find("hal9-migrate migrate --phase shadow --percentage 100"), std::string::npos);
  World down;
  down.at_canary(40);
  EXPECT_EQ(notes_of_a_way_back(down, Phase::canary, percent(5)), "") << "all of it came down";
}

}  // namespace
}  // namespace hal9::engine
