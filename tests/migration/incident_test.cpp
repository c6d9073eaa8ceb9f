// Incidents: by hand, by rollbacks, and what belongs to them.

#include "migration/incident.h"

#include "base/result.h"
#include "base/share.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/generators.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/rolling_back.h"
#include "migration/state.h"
#include "migration/support.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

using std::chrono::minutes;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Bench in_canary_with(IncidentsBy by) {
  Bench bench = in_canary(percent(10));
  auto configuration = small_configuration();
  configuration.incidents_by = by;
  bench.run(AcceptConfiguration{configuration});
  return bench;
}

OpenIncident open_one(std::string title = "p99 rises") {
  return {Severity::major, std::move(title), {}, {}};
}

IncidentId newest(const Bench& bench) {
  return bench.state.incidents.back().id;
}

TEST(AnIncident, IsOpenedChangedAndClosedByHand) {
  Bench bench;
  EXPECT_THAT(
      bench.run(OpenIncident{Severity::major, "p99 rises", {}, {{name("pagerduty"), "P1"}}}),
      ElementsAre("incident.opened")
  );
  const auto id = newest(bench);
  EXPECT_EQ(id.opened, bench.state.sequence) << "its number is that of its first event";
  const auto facts = bench
                         .ask(ChangeIncident{
                             id,
                             Severity::critical,
                             "p99 rises",
                             name("alice"),
                             {{name("pagerduty"), "P2"}, {name("jira"), "H-7"}}
                         })
                         .value();
  EXPECT_EQ(facts.front().subject, "incident-" + to_text(id));
  EXPECT_FALSE(fact<IncidentChanged>(facts).title) << "what is as it was is not said again";
  const Incident& now = bench.state.incidents.front();
  EXPECT_EQ(now.severity, Severity::critical);
  EXPECT_EQ(now.commander, name("alice"));
  EXPECT_THAT(
      now.external,
      ElementsAre(ExternalId{name("pagerduty"), "P2"}, ExternalId{name("jira"), "H-7"})
  );
  EXPECT_THAT(bench.run(CloseIncident{id}), ElementsAre("incident.closed"));
  EXPECT_TRUE(bench.state.incidents.empty());
  EXPECT_EQ(bench.state.anomaly_count, 0U);
}

TEST(AnIncident, ThatIsAsAskedForIsNoEvent) {
  Bench bench;
  bench.run(open_one());
  EXPECT_TRUE(
      bench.ask(ChangeIncident{newest(bench), Severity::major, "p99 rises", {}, {}}).value().empty()
  );
}

TEST(AnIncident, ThatIsNotOpenIsNeitherChangedNorClosed) {
  Bench bench;
  bench.run(open_one());
  const auto id = newest(bench);
  bench.run(CloseIncident{id});
  EXPECT_EQ(bench.ask(CloseIncident{id}).error().code, Code::conflict);
  const auto refused = bench.ask(ChangeIncident{{{1}}, Severity::minor, {}, {}, {}});
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(refused.error().what, "incident 1 is not open");
}

TEST(AnIncident, RefusesTextsThatNoOtherSystemTakes) {
  Bench bench;
  const auto code = [&](const OpenIncident& open) { return bench.ask(open).error().code; };
  EXPECT_EQ(code(open_one("")), Code::usage);
  EXPECT_EQ(code(open_one("two\nlines")), Code::usage);
  EXPECT_EQ(code(open_one(std::string(kTitleBytes + 1, 'x'))), Code::usage);
  EXPECT_EQ(code({Severity::minor, "x", {}, {{name("jira"), ""}}}), Code::usage);
  EXPECT_EQ(
      code({Severity::minor, "x", {}, {{name("jira"), "1"}, {name("jira"), "2"}}}), Code::usage
  );
  std::vector<ExternalId> many;
  for (std::size_t i = 0; i <= kExternalIds; ++i) {
    many.push_back({name("s" + std::to_string(i)), "1"});
  }
  EXPECT_EQ(code({Severity::minor, "x", {}, many}), Code::usage);
  for (std::size_t i = 0; i < kIncidentsOpen; ++i) bench.run(open_one());
  EXPECT_EQ(code(open_one()), Code::conflict) << "no more at once";
}

TEST(AnIncident, IsOpenedByARollbackWhereTheConfigurationSaysSo) {
  Bench bench = in_canary_with(IncidentsBy::rollback);
  const auto facts = bench.ask(gradual(minutes(10))).value();
  const auto opened = fact<IncidentOpened>(facts);
  EXPECT_EQ(opened.severity, Severity::minor);
  EXPECT_EQ(opened.title, "gradual rollback from canary (10%)");
  EXPECT_EQ(opened.rollback, fact<RollbackStarted>(facts).plan.id);
  EXPECT_EQ(bench.state.running.front().incident, newest(bench));
  EXPECT_EQ(newest(bench).opened, bench.state.sequence);
}

TEST(AnIncident, OfAnEmergencyIsCritical) {
  Bench bench = in_canary_with(IncidentsBy::emergency);
  EXPECT_THAT(types(bench.ask(gradual(minutes(10))).value()), Not(Contains("incident.opened")));
  const auto facts = bench.ask(emergency(bench, 77)).value();
  EXPECT_EQ(fact<IncidentOpened>(facts).severity, Severity::critical);
  EXPECT_EQ(bench.state.last_rollback->incident, newest(bench)) << "it had ended already";
}

TEST(AnIncident, IsNotOpenedWhereNobodyAskedForIt) {
  Bench bench = in_canary_with(IncidentsBy::hand);
  EXPECT_THAT(types(bench.ask(rollback()).value()), Not(Contains("incident.opened")));
  EXPECT_TRUE(bench.state.incidents.empty());
}

TEST(AnIncident, OwnsTheRollbacksThatBeginWhileItIsOpen) {
  Bench bench = in_canary_with(IncidentsBy::hand);
  bench.run(open_one("the first"));
  bench.run(open_one("the second"));
  const auto facts = bench.ask(gradual(minutes(10))).value();
  EXPECT_EQ(fact<IncidentJoined>(facts).incident, newest(bench));
  RollBack named = rollback();
  named.incident = IncidentChoice{bench.state.incidents.front().id};
  bench.ask(named).value();
  EXPECT_EQ(bench.state.running.back().incident, bench.state.incidents.front().id);
  EXPECT_EQ(bench.state.incidents.front().rollbacks, 1U);
}

TEST(AnIncident, HindersNoRollbackThatNamesOneWhichIsNotOpen) {
  Bench bench = in_canary_with(IncidentsBy::hand);
  RollBack named = rollback();
  named.incident = IncidentChoice{IncidentId{{1}}};
  EXPECT_THAT(types(bench.ask(named).value()), Contains("rollback.started"));
}

TEST(AnIncident, IsNoneOfARollbackThatWantsNone) {
  Bench bench = in_canary_with(IncidentsBy::rollback);
  bench.run(open_one());
  RollBack alone = gradual(minutes(10));
  alone.incident = IncidentChoice{};
  EXPECT_THAT(types(bench.ask(alone).value()), Not(Contains("incident.joined")));
  EXPECT_FALSE(bench.state.running.front().incident);
}

TEST(AnIncident, IsNoneOfStepsOfTheMigration) {
  Bench bench = in_canary_with(IncidentsBy::rollback);
  EXPECT_THAT(bench.run(move(Phase::canary, percent(5))), Not(Contains("incident.opened")));
  bench.run(move(Phase::shadow));
  RollBack feature;
  feature.mirror_only = true;
  const auto facts = bench.run(feature);
  EXPECT_THAT(facts, Contains("rollback.started"));
  EXPECT_THAT(facts, Not(Contains("incident.opened")));
}

TEST(AnIncident, StaysOpenWhileARollbackOfItRuns) {
  Bench bench = in_canary_with(IncidentsBy::rollback);
  bench.ask(gradual(minutes(10))).value();
  const auto id = newest(bench);
  const auto refused = bench.ask(CloseIncident{id});
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_THAT(refused.error().what, HasSubstr("has not ended"));
  bench.settle();
  EXPECT_TRUE(bench.ask(CloseIncident{id}));
}

// Whatever is recorded: open ones stay few, in order, and told apart.
RC_GTEST_PROP(AnIncident, IsBoundedInTheState, ()) {
  Bench bench;
  for (const auto& body : *rc::gen::container<std::vector<CommandBody>>(60, any_body())) {
    static_cast<void>(bench.ask(body));
  }
  const auto& open = bench.state.incidents;
  RC_ASSERT(open.size() <= kIncidentsOpen);
  RC_ASSERT(std::ranges::is_sorted(open, {}, &Incident::id));
  RC_ASSERT(std::ranges::adjacent_find(open, {}, &Incident::id) == open.end());
}

}  // namespace
}  // namespace hal9::migration::test
