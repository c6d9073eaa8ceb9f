#include "migration/evolve.h"

#include "base/share.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/generators.h"
#include "migration/phase.h"
#include "migration/server.h"
#include "migration/state.h"
#include "migration/support.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

using ::testing::HasSubstr;

ledger::Event event(const State& state, std::string type, std::string data) {
  ledger::Event event;
  event.sequence.value = state.sequence.value + 1;
  event.recorded = state.time + std::chrono::seconds(1);
  event.draft.type = std::move(type);
  event.draft.data = std::move(data);
  event.draft.time = event.recorded;
  event.draft.author.auth_id = "os:alice";
  return event;
}

void fold(State& state, const Fact& fact) {
  evolve(state, event(state, type_of(fact), encode_fact(fact)));
}

RC_GTEST_PROP(Evolve, TakesAnyTypeWithAnyBytes, ()) {
  State state = Bench().state;
  const auto type = *rc::gen::oneOf(
      rc::gen::elementOf(all_types()), rc::gen::element<std::string>("", "hal9.phase.entered.v2")
  );
  const auto before = state.anomaly_count;
  evolve(state, event(state, type, *rc::gen::arbitrary<std::string>()));
  RC_ASSERT(state.anomaly_count == before + 1);
}

RC_GTEST_PROP(Evolve, TakesAnyFactsInAnyOrder, ()) {
  State state;
  const auto facts = *rc::gen::container<std::vector<Fact>>(any_fact());
  for (const auto& fact : facts) fold(state, fact);
  RC_ASSERT(state.sequence.value == facts.size());
  RC_ASSERT(state.anomalies.size() <= kAnomaliesKept);
  for (const auto& [route, now] : state.routes) RC_ASSERT(now.steps.size() <= kStepsKept);
  RC_ASSERT(decode_state(encode_state(state)).value() == state);
  State again;
  for (const auto& fact : facts) fold(again, fact);
  RC_ASSERT(state_digest(again) == state_digest(state));
}

TEST(Evolve, KeepsAnUnknownTypeAsAnAnomaly) {
  State state;
  evolve(state, event(state, "hal9.future.thing.v1", "{}"));
  ASSERT_EQ(state.anomalies.size(), 1U);
  EXPECT_THAT(state.anomalies.front().what, HasSubstr("hal9.future.thing.v1"));
  EXPECT_EQ(state.sequence.value, 1U);
}

TEST(Evolve, NotesAPhaseThatWasLeftWithoutBeingThere) {
  State state;
  fold(state, PhaseEntered{Phase::canary, Phase::shadow});
  EXPECT_EQ(state.phase, Phase::shadow);
  EXPECT_EQ(state.phase_by, "os:alice");
  EXPECT_EQ(state.anomaly_count, 1U);
}

TEST(Evolve, NotesTheEndOfARollbackThatDoesNotRun) {
  State state;
  fold(state, RollbackCompleted{});
  EXPECT_EQ(state.anomaly_count, 1U);
  EXPECT_FALSE(state.last_rollback);
}

TEST(Evolve, TakesWhatIsRecordedWithoutALookForAppliedAndObserved) {
  State state;
  const auto place = route("us-west-2.substrate");
  const auto feature = name("meta_cognition");
  fold(state, TrafficRecorded{0, {{place, percent(5), {}}}});
  fold(state, FeatureRecorded{0, {{feature, percent(12.5)}}});
  EXPECT_EQ(state.routes.at(place).share, (Amount{Share::none(), percent(5), percent(5)}));
  EXPECT_EQ(state.features.at(feature), (Amount{Share::none(), percent(12.5), percent(12.5)}));
  ASSERT_EQ(state.routes.at(place).steps.size(), 1U);
  EXPECT_EQ(state.routes.at(place).steps.front().share, percent(5));
}

TEST(Evolve, CollectsTheServersOfSeveralHaltsUntilTheyAreCleared) {
  State state;
  const Server one{name("lb1"), "hierarchical/h1"};
  const Server two{name("lb1"), "hierarchical/h2"};
  fold(state, HaltSet{true, 0, {two}});
  fold(state, HaltSet{true, 0, {one, two}});
  EXPECT_EQ(state.halt_servers, (std::vector<Server>{one, two}));
  fold(state, HaltReleased{*state.halt});
  fold(state, HaltCleared{});
  EXPECT_TRUE(state.halt_servers.empty());
}

TEST(Evolve, NotesAHaltThatWasClearedUnreleased) {
  State state;
  fold(state, HaltSet{});
  fold(state, HaltReleased{{0}});
  fold(state, HaltCleared{});
  EXPECT_TRUE(state.halt);
  EXPECT_EQ(state.anomaly_count, 1U);
}

TEST(Evolve, KeepsEightObservedStepsOfARouteThatDiffer) {
  State state;
  const auto place = route("us-west-2.substrate");
  for (std::uint32_t i = 0; i < 12; ++i) {
    const auto share = Share::of_hundredths(100 + i);
    fold(state, TrafficObserved{0, {{place, share, {}}}});
    fold(state, TrafficObserved{0, {{place, share, {}}}});
  }
  const auto& steps = state.routes.at(place).steps;
  ASSERT_EQ(steps.size(), kStepsKept);
  EXPECT_EQ(steps.back().share, Share::of_hundredths(111));
  EXPECT_EQ(steps.front().share, Share::of_hundredths(104));
}

TEST(Evolve, KnowsWhichRoutesAndFeaturesAreConfiguredNow) {
  Bench bench;
  bench.run(SetFeature{name("meta_cognition"), percent(10), {}});
  auto other = small_configuration();
  other.regions.pop_back();
  other.features = {name("new_one")};
  bench.run(AcceptConfiguration{other});
  EXPECT_TRUE(bench.state.routes.at(route("us-west-2.substrate")).configured);
  EXPECT_FALSE(bench.state.routes.at(route("eu-west-1.substrate")).configured);
  EXPECT_TRUE(bench.state.features.contains(name("new_one")));
  EXPECT_TRUE(bench.state.features.contains(name("meta_cognition")));
  EXPECT_FALSE(bench.state.features.contains(name("hierarchical_learning")));
}

TEST(PhaseText, IsARangeWhereRoutesDifferAndNeverAMean) {
  State state;
  state.phase = Phase::canary;
  EXPECT_EQ(phase_text(state), "canary (0%)");
  state.routes[route("us-west-2.substrate")].configured = true;
  state.routes[route("eu-west-1.substrate")].configured = true;
  state.routes[route("us-west-2.substrate")].share.observed = percent(5);
  EXPECT_EQ(phase_text(state), "canary (0-5%)");
  state.routes[route("eu-west-1.substrate")].share.observed = percent(0.25);
  EXPECT_EQ(phase_text(state), "canary (0.25-5%)");
  state.phase = Phase::none;
  EXPECT_EQ(phase_text(state), "none");
}

TEST(StateDigest, NamesItsFoldAndChangesWithTheState) {
  State state;
  const auto before = state_digest(state);
  EXPECT_EQ(before.substr(0, 6), "fold1:");
  EXPECT_EQ(before.size(), 6U + 64U);
  state.fence = 1;
  EXPECT_NE(state_digest(state), before);
}

}  // namespace
}  // namespace hal9::migration::test
