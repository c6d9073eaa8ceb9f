#include "engine/explain.h"

#include "base/result.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/phase.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

ledger::Sequence last_of(World& world, const std::string& type) {
  ledger::Sequence found;
  auto read = world.process()->timeline({}, [&](const TimelineEntry& entry) {
    if (entry.type == type) found = entry.sequence;
    return true;
  });
  EXPECT_TRUE(read.has_value());
  return found;
}

ExplainView explained(World& world, const std::string& type) {
  auto view = world.process()->explain(last_of(world, type));
  if (!view) throw std::runtime_error(view.error().what);
  return *view;
}

const Change* find_change(
    const ExplainView& view, const std::string& place, const std::string& what
) {
  const auto found = std::ranges::find_if(view.changes, [&](const Change& change) {
    return change.place == place && change.what == what;
  });
  return found == view.changes.end() ? nullptr : &*found;
}

std::vector<std::string> types_of(const std::vector<TimelineEntry>& entries) {
  std::vector<std::string> types;
  for (const TimelineEntry& entry : entries) types.push_back(entry.type);
  return types;
}

bool has(const std::vector<TimelineEntry>& entries, const std::string& type) {
  return std::ranges::count(entries, type, &TimelineEntry::type) > 0;
}

void roll_back(World& world, const std::string& reason) {
  Watcher watcher;
  Asker asker = world.asker;
  asker.reason = reason;
  auto outcome = world.process()->roll_back(asker, {}, watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
}

TEST(Explain, LeadsFromWhatTheExecutorSawToThePersonAndTheReason) {
  World world;
  world.at_canary(40);
  roll_back(world, "p99 rises");
  const ExplainView view = explained(world, "hal9.traffic.observed.v1");
  EXPECT_EQ(view.entry.actor, "system:executor");
  EXPECT_FALSE(view.began);
  ASSERT_EQ(view.causes.size(), 1U);
  EXPECT_EQ(view.causes.front().entry.type, "hal9.rollback.started.v1");
  EXPECT_EQ(view.causes.front().entry.reason, "p99 rises");
  EXPECT_EQ(view.causes.front().entry.actor, world.asker.actor.id);
  EXPECT_TRUE(has(view.with_it, "hal9.rollback.completed.v1"));
  const Change* share = find_change(view, "eu.cart", "share observed");
  ASSERT_NE(share, nullptr);
  EXPECT_EQ(share->before, "40%");
  EXPECT_EQ(share->after, "0%");
}

TEST(Explain, SaysWhatABeginningLedToWithoutWhatIsOfAnother) {
  World world;
  world.at_canary(40);
  roll_back(world, "first");
  const auto id = world.process()->rollbacks(1)->front().rollback.plan.id;
  ASSERT_TRUE(world.process()->annotate(world.asker, {"seen", "", {}, id}));
  ASSERT_TRUE(world.process()->annotate(world.asker, {"of nothing", "", {}, {}}));
  const ExplainView view = explained(world, "hal9.rollback.started.v1");
  EXPECT_TRUE(view.began);
  EXPECT_TRUE(view.causes.empty());
  EXPECT_FALSE(view.more);
  EXPECT_TRUE(has(view.after, "hal9.traffic.observed.v1"));
  EXPECT_TRUE(has(view.after, "hal9.rollback.completed.v1"));
  EXPECT_EQ(std::ranges::count(types_of(view.after), "hal9.annotation.added.v1"), 1);
  const Change* open = find_change(view, "rollbacks", "open");
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->before, "none");
}

TEST(Explain, FindsThePhaseBeforeAndAfter) {
  World world;
  world.at_canary(40);
  roll_back(world, "");
  const ExplainView view = explained(world, "hal9.phase.entered.v1");
  const Change* phase = find_change(view, "phase", "");
  ASSERT_NE(phase, nullptr);
  EXPECT_EQ(phase->before, "canary");
  EXPECT_EQ(phase->after, "none");
}

TEST(Explain, NamesTheRollbackThatWasOvertakenAndWhatOvertookIt) {
  World world;
  world.at_canary(40);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  Watcher watcher;
  ASSERT_TRUE(world.process()->roll_back(world.asker, gradual(std::chrono::minutes{10}), watcher));
  world.clocks->interrupted = false;
  world.clocks->on_wait = {};
  roll_back(world, "now");
  const ExplainView over = explained(world, "hal9.rollback.superseded.v1");
  ASSERT_FALSE(over.causes.empty());
  EXPECT_EQ(over.causes.front().how, "the rollback that it overtakes");
  const auto first = over.causes.front().entry.sequence;
  auto overtaken = world.process()->explain(first);
  ASSERT_TRUE(overtaken) << overtaken.error().what;
  EXPECT_TRUE(has(overtaken->after, "hal9.rollback.superseded.v1"));
}

TEST(Explain, LeadsFromAnIncidentToWhatBecameOfItAndBack) {
  World world;
  world.configuration.incidents_by = migration::IncidentsBy::rollback;
  world.at_canary(40);
  roll_back(world, "p99 rises");
  const migration::IncidentId id = world.state().incidents.back().id;
  ASSERT_TRUE(world.process()->on_incident(world.asker, migration::CloseIncident{id}));
  const ExplainView opened = explained(world, "hal9.incident.opened.v1");
  ASSERT_FALSE(opened.causes.empty());
  EXPECT_EQ(opened.causes.front().entry.type, "hal9.rollback.started.v1");
  EXPECT_TRUE(has(opened.after, "hal9.incident.closed.v1"));
  const Change* open = find_change(opened, "incidents", "open");
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->before, "none");
  const ExplainView closed = explained(world, "hal9.incident.closed.v1");
  ASSERT_FALSE(closed.causes.empty());
  EXPECT_EQ(closed.causes.front().entry.sequence, id.opened);
}

TEST(Explain, SaysHowSevereAnIncidentBecameAndNothingBehindItsJoining) {
  World world;
  world.configuration.incidents_by = migration::IncidentsBy::rollback;
  world.at_canary(40);
  roll_back(world, "p99 rises");
  migration::ChangeIncident change;
  change.incident = world.state().incidents.back().id;
  change.severity = migration::Severity::critical;
  ASSERT_TRUE(world.process()->on_incident(world.asker, change));
  const ExplainView changed = explained(world, "hal9.incident.changed.v1");
  const Change* severer = find_change(changed, "incidents", "open");
  ASSERT_NE(severer, nullptr);
  EXPECT_NE(severer->before.find(" major"), std::string::npos) << severer->before;
  EXPECT_NE(severer->after.find(" critical"), std::string::npos) << severer->after;
  world.at_canary(40);
  roll_back(world, "again");
  EXPECT_TRUE(explained(world, "hal9.incident.joined.v1").after.empty());
}

TEST(Explain, LeadsFromAHookToWhatMadeItDueAndBack) {
  World world;
  world.configuration.hooks = std::vector<migration::Hook>{
      {name("scale"), migration::HookOn::phase_end, {}, {"/bin/scale"}, migration::kHookTimeout}
  };
  world.at_canary(40);
  ASSERT_FALSE(world.state().hooks_due.empty());
  const ledger::Sequence since = world.state().hooks_due.front().since;
  ASSERT_TRUE(world.process()->dismiss_hook(world.asker, name("scale")));
  const ExplainView dismissed = explained(world, "hal9.hook.dismissed.v1");
  ASSERT_FALSE(dismissed.causes.empty());
  EXPECT_EQ(dismissed.causes.front().entry.sequence, since);
  const auto ended = world.process()->explain(since);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(has(ended->after, "hal9.hook.dismissed.v1"));
}

TEST(Explain, LeadsFromAMoveForwardToWhatEndedIt) {
  World world;
  world.at_canary(10);
  world.clocks->on_wait = [&] { world.clocks->interrupted = true; };
  Watcher watcher;
  MoveRequest up;
  up.phase = migration::Phase::canary;
  up.percentage = percent(40);
  up.gradual = std::chrono::minutes{10};
  ASSERT_TRUE(world.process()->move(world.asker, up, watcher));
  world.clocks->interrupted = false;
  world.clocks->on_wait = {};
  roll_back(world, "now");
  EXPECT_TRUE(has(explained(world, "hal9.raise.started.v1").after, "hal9.raise.ended.v1"));
  const ExplainView ended = explained(world, "hal9.raise.ended.v1");
  ASSERT_FALSE(ended.causes.empty());
  EXPECT_EQ(ended.causes.front().entry.type, "hal9.raise.started.v1");
}

TEST(Explain, RefusesAnEventThatIsNotThereAndNamesTheLast) {
  World world;
  auto view = world.process()->explain({1'000'000});
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code, Code::usage);
  auto last = world.process()->status({});
  ASSERT_TRUE(last);
  EXPECT_EQ(view.error().next, "hal9-migrate explain " + std::to_string(last->sequence.value));
}

TEST(Explain, HasTheDataOfTheLineAsJson) {
  World world;
  world.at_canary(40);
  const ExplainView view = explained(world, "hal9.traffic.observed.v1");
  const Json json = to_json(view);
  EXPECT_EQ(json["data"]["routes"][0]["route"], "eu.cart");
  EXPECT_EQ(json["event"]["sequence"], view.entry.sequence.value);
  EXPECT_EQ(
      json["prove"], "hal9-migrate ledger prove " + std::to_string(view.entry.sequence.value)
  );
  EXPECT_EQ(json["leaf"].get<std::string>().size(), 64U);
}

// A command without end must not make an answer without end.
TEST(Explain, ListsAHundredAndSaysThatThereIsMore) {
  World world;
  world.at_canary(40);
  roll_back(world, "");
  const auto id = world.process()->rollbacks(1)->front().rollback.plan.id;
  for (std::uint64_t n = 0; n <= kExplained; ++n) {
    ASSERT_TRUE(world.process()->annotate(world.asker, {"note", "", {}, id}));
  }
  const ExplainView view = explained(world, "hal9.rollback.started.v1");
  EXPECT_EQ(view.after.size(), kExplained);
  EXPECT_TRUE(view.more);
}

}  // namespace
}  // namespace hal9::engine
