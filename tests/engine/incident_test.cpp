// Incidents by the doors: opened, joined, shown, and in nobody's way.

#include "migration/incident.h"

#include "base/result.h"
#include "base/share.h"
#include "engine/map_router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/commands.h"
#include "migration/phase.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using migration::IncidentChoice;
using migration::IncidentId;
using migration::IncidentsBy;
using std::chrono::minutes;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// In canary at 10%, where a rollback opens an incident.
struct Opening {
  explicit Opening(IncidentsBy by = IncidentsBy::rollback) {
    world.configuration.incidents_by = by;
    world.at_canary(10);
  }
  World world;
  Watcher watcher;

  Outcome back(const migration::RollBack& request) {
    auto outcome = world.process()->roll_back(world.asker, request, watcher);
    if (outcome) return *outcome;
    ADD_FAILURE() << outcome.error().what;
    return {};
  }
  IncidentView newest() {
    const auto views = world.process()->incidents(1);
    if (views && !views->empty()) return views->front();
    ADD_FAILURE() << "there is no incident";
    return {};
  }
  IncidentId open(const std::string& title) {
    migration::OpenIncident body;
    body.title = title;
    auto outcome = world.process()->on_incident(world.asker, body);
    EXPECT_TRUE(outcome) << outcome.error().what;
    return world.state().incidents.back().id;
  }
};

TEST(Incidents, ARollbackOpensOneAndSaysWhich) {
  Opening test;
  const auto outcome = test.back({});
  const auto view = test.newest();
  ASSERT_TRUE(outcome.rollback);
  EXPECT_EQ(outcome.rollback->rollback.incident, view.incident.id);
  EXPECT_THAT(view.rollbacks, ElementsAre(outcome.rollback->rollback.plan.id));
  EXPECT_EQ(view.incident.title, "immediate rollback from canary (10%)");
  EXPECT_FALSE(view.closed);
  const auto listed = test.world.process()->rollbacks(5);
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->front().rollback.incident, view.incident.id) << "found by index, too";
}

TEST(Incidents, AnEmergencyOpensACriticalOne) {
  Opening test(IncidentsBy::emergency);
  const auto outcome = test.world.process()->emergency(test.world.who(), {}, test.watcher);
  const auto view = test.newest();
  EXPECT_EQ(view.incident.severity, migration::Severity::critical);
  ASSERT_TRUE(outcome.rollback);
  EXPECT_EQ(outcome.rollback->rollback.incident, view.incident.id);
}

TEST(Incidents, OfASpooledEmergencyIsOpenedOnceItIsTakenIn) {
  Opening test(IncidentsBy::emergency);
  test.world.ledger_error = Error{Code::damaged, "the ledger is damaged", "", "", ""};
  test.world.process()->emergency(test.world.who(), {}, test.watcher);
  test.world.ledger_error.reset();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(test.world.process()->annotate(test.world.asker, {"afterwards", "", {}, {}}));
  }
  EXPECT_EQ(test.world.count("hal9.incident.opened.v1"), 1U);
  EXPECT_EQ(test.newest().rollbacks.size(), 1U);
}

TEST(Incidents, HasWhatHappenedInItInOrder) {
  Opening test(IncidentsBy::hand);
  const auto id = test.open("p99 rises");
  test.back(gradual(minutes(1)));
  migration::ChangeIncident change;
  change.incident = id;
  change.commander = name("bob");
  ASSERT_TRUE(test.world.process()->on_incident(test.world.asker, change));
  ASSERT_TRUE(test.world.process()->on_incident(test.world.asker, migration::CloseIncident{id}));
  const auto view = test.newest();
  EXPECT_EQ(view.closed_by, "os:alice");
  EXPECT_EQ(view.incident.commander, name("bob"));
  const auto entries = test.world.process()->incident_events(view);
  ASSERT_TRUE(entries);
  EXPECT_TRUE(std::ranges::is_sorted(*entries, {}, &TimelineEntry::sequence));
  EXPECT_EQ(entries->front().type, "hal9.incident.opened.v1");
  EXPECT_EQ(entries->back().type, "hal9.incident.closed.v1");
  std::vector<std::string> types;
  for (const auto& entry : *entries) types.push_back(entry.type);
  EXPECT_THAT(types, Contains("hal9.rollback.completed.v1"));
  EXPECT_EQ(std::ranges::count(types, "hal9.incident.joined.v1"), 1) << "each event once";
}

TEST(Incidents, ANumberThatIsNotOpenHindersNoRollback) {
  Opening test(IncidentsBy::hand);
  migration::RollBack request;
  request.incident = IncidentChoice{IncidentId{{1}}};
  const auto outcome = test.back(request);
  EXPECT_EQ(test.world.maps->routes[kEu].first, Share::none());
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("incident 1 is not open")));
}

// Whoever names one wants the rollback to be found there.
TEST(Incidents, OwnsNothingWhereThereIsNothingToRollBackAndThatIsSaid) {
  Opening test(IncidentsBy::hand);
  migration::RollBack request;
  test.back(request);
  request.incident = IncidentChoice{test.open("500s in eu")};
  EXPECT_THAT(
      test.back(request).notes, Contains(HasSubstr("owns nothing by this: no rollback began"))
  );
}

TEST(Incidents, AnEmergencySaysTheSameOfANumberThatIsNotOpen) {
  Opening test(IncidentsBy::hand);
  EmergencyRequest request;
  request.incident = IncidentChoice{IncidentId{{1}}};
  const auto outcome = test.world.process()->emergency(test.world.who(), request, test.watcher);
  EXPECT_TRUE(test.world.maps->kill);
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("incident 1 is not open")));
}

TEST(Incidents, ARaiseWhoseGateFailedOpensOne) {
  Opening test;
  test.world.clocks->on_wait = [&] {
    if (test.world.maps->routes[kEu].first >= percent(30)) test.world.maps->hierarchical_down = 1;
  };
  MoveRequest up;
  up.phase = migration::Phase::canary;
  up.percentage = percent(50);
  up.gradual = minutes(10);
  auto outcome = test.world.process()->move(test.world.asker, up, test.watcher);
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->code, Code::gate);
  EXPECT_EQ(test.newest().incident.by, "system:executor");
}

TEST(Incidents, NoOneOfThatNumberIsSaid) {
  Opening test;
  const auto missing = test.world.process()->incident(IncidentId{{3}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().what, "there is no incident 3");
}

}  // namespace
}  // namespace hal9::engine
