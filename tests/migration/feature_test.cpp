// Features, annotations, configurations, the executor and the spool.

#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/support.h"

#include <chrono>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Name kLearning = name("hierarchical_learning");

TEST(SetFeature, IsRequestedAppliedAndObservedAndLeavesTheShares) {
  Bench bench;
  bench.run(move(Phase::shadow));
  const auto routes = bench.state.routes;
  EXPECT_THAT(
      bench.run(SetFeature{kLearning, percent(100), {}}),
      ElementsAre("executor.taken", "feature.requested", "feature.applied", "feature.observed")
  );
  bench.run(SetFeature{kLearning, Share::none(), {}});
  EXPECT_EQ(bench.state.features.at(kLearning), Amount{});
  EXPECT_EQ(bench.state.routes, routes);
}

TEST(SetFeature, LooksAtGatesOnlyWhenItRises) {
  Bench bench;
  const std::vector<Gate> failed = {{GateName::router, GateOutcome::failed, "refused", false}};
  EXPECT_EQ(bench.ask(SetFeature{kLearning, percent(50), failed}).error().code, Code::gate);
  bench.run(SetFeature{kLearning, percent(50), {}});
  EXPECT_TRUE(bench.ask(SetFeature{kLearning, percent(10), failed}));
}

TEST(SetFeature, OfAnUnknownNameListsTheKnownOnes) {
  Bench bench;
  const auto refused = bench.ask(SetFeature{name("meta_cognitoin"), Share::none(), {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
  EXPECT_EQ(refused.error().why, "the features are hierarchical_learning, meta_cognition");
  EXPECT_EQ(refused.error().next, "hal9-migrate feature disable meta_cognition");
}

TEST(SetFeature, ThatIsOffAlreadyRecordsThatItWasAsked) {
  Bench bench;
  EXPECT_THAT(
      types(bench.ask(SetFeature{kLearning, Share::none(), {}}).value()),
      ElementsAre("feature.requested")
  );
}

TEST(SetFeature, IsLoweredAndNotRaisedWhileARollbackRuns) {
  Bench bench;
  bench.run(SetFeature{kLearning, percent(50), {}});
  bench.run(move(Phase::shadow));
  ASSERT_TRUE(bench.ask(rollback()));
  EXPECT_EQ(bench.ask(SetFeature{kLearning, percent(60), {}}).error().code, Code::conflict);
  EXPECT_TRUE(bench.ask(SetFeature{kLearning, percent(0), {}}));
}

TEST(ReportFeatures, RecordsWhatFailed) {
  Bench bench;
  ASSERT_TRUE(bench.ask(SetFeature{kLearning, percent(50), {}}));
  ReportFeatures report;
  report.fence = bench.state.fence;
  report.failed = {kLearning};
  report.error = "refused";
  const auto facts = bench.ask(report).value();
  EXPECT_THAT(types(facts), ElementsAre("feature.failed"));
  EXPECT_EQ(facts.front().subject, "hierarchical_learning");
  EXPECT_TRUE(facts.front().free_text);
}

TEST(Annotate, HappenedWhenItIsSaidToHaveHappened) {
  Bench bench;
  const Time then = bench.now - std::chrono::hours(2);
  const auto facts = bench.ask(Annotate{"users complain", "support", then, {}}).value();
  ASSERT_EQ(facts.size(), 1U);
  EXPECT_EQ(facts.front().time, then);
  EXPECT_TRUE(facts.front().free_text);
}

TEST(Annotate, NeedsATextOfAtMostFourKibibytes) {
  Bench bench;
  EXPECT_EQ(bench.ask(Annotate{"", "", {}, {}}).error().code, Code::usage);
  EXPECT_EQ(bench.ask(Annotate{std::string(4097, 'x'), "", {}, {}}).error().code, Code::usage);
  EXPECT_TRUE(bench.ask(Annotate{std::string(4096, 'x'), "", {}, {}}));
}

TEST(AcceptConfiguration, AgainRecordsNothing) {
  Bench bench;
  EXPECT_THAT(bench.ask(AcceptConfiguration{small_configuration()}).value(), IsEmpty());
  auto other = small_configuration();
  other.strict_gates = true;
  EXPECT_THAT(bench.run(AcceptConfiguration{other}), ElementsAre("configuration.accepted"));
  EXPECT_TRUE(bench.state.strict_gates);
}

TEST(OpenMigration, OfAnotherNameIsRefused) {
  Bench bench;
  EXPECT_THAT(bench.ask(OpenMigration{name("demo")}).value(), IsEmpty());
  const auto refused = bench.ask(OpenMigration{name("other")});
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_THAT(refused.error().what, HasSubstr("demo"));
}

TEST(TakeExecutor, MakesTheOneBeforeItStale) {
  Bench bench;
  bench.run(move(Phase::shadow));
  ReportTraffic report;
  report.fence = bench.state.fence;
  ASSERT_TRUE(bench.ask(TakeExecutor{}));
  EXPECT_EQ(bench.state.fence, report.fence + 1);
  EXPECT_EQ(bench.ask(report).error().code, Code::stale);
}

TEST(TakeSpool, KeepsUnreadableLinesShortened) {
  Bench bench;
  EXPECT_THAT(bench.ask(TakeSpool{}).value(), IsEmpty());
  const auto facts = bench.ask(TakeSpool{2, {std::string(10000, 'x')}}).value();
  const auto taken = fact<SpoolTaken>(facts);
  EXPECT_EQ(taken.commands, 2U);
  EXPECT_LE(taken.unreadable.front().size(), 4096U);
}

}  // namespace
}  // namespace hal9::migration::test
