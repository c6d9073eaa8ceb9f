// Hooks: what makes one due, and what ends that.

#include "migration/hook.h"

#include "base/share.h"
#include "base/time.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/due_hooks.h"
#include "migration/events.h"
#include "migration/generators.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/rolling_back.h"
#include "migration/state.h"
#include "migration/support.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::migration::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Hook hook(std::string_view called, HookOn on, std::optional<Phase> phase = {}) {
  return {name(called), on, phase, {"/bin/true"}, kHookTimeout};
}

Bench bench_with(std::vector<Hook> hooks) {
  Bench bench;
  auto configuration = small_configuration();
  configuration.hooks = std::move(hooks);
  bench.run(AcceptConfiguration{configuration});
  return bench;
}

std::vector<std::string> due(const Bench& bench) {
  std::vector<std::string> names;
  for (const auto& one : bench.state.hooks_due) names.push_back(one.hook.text());
  return names;
}

ReportHook report(const DueHook& one, HookEnd end) {
  return {one.hook, one.since, end, end == HookEnd::succeeded ? 0U : 1U, Micros{5}, ""};
}

TEST(AHook, IsDueOnceItsPhaseIsLeftForwardOrBack) {
  Bench bench = bench_with(
      {hook("shadow", HookOn::phase_end, Phase::shadow),
       hook("canary", HookOn::phase_end, Phase::canary),
       hook("any", HookOn::phase_end)}
  );
  bench.run(move(Phase::shadow));
  EXPECT_THAT(due(bench), IsEmpty()) << "no phase has ended";
  bench.run(move(Phase::canary, percent(5)));
  EXPECT_THAT(due(bench), ElementsAre("shadow", "any"));
  bench.run(rollback());
  EXPECT_THAT(due(bench), ElementsAre("shadow", "any", "canary", "any"));
  EXPECT_EQ(bench.state.hooks_due.back().phase, Phase::canary);
}

TEST(AHook, IsDueOnceARollbackHasCompletedAndNotBefore) {
  Bench bench = bench_with(
      {hook("page", HookOn::rollback_end), hook("canary", HookOn::rollback_end, Phase::canary)}
  );
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(5)));
  const auto facts = bench.ask(rollback()).value();
  EXPECT_THAT(due(bench), IsEmpty()) << "it is not observed yet";
  bench.settle();
  EXPECT_THAT(due(bench), ElementsAre("page", "canary"));
  EXPECT_EQ(bench.state.hooks_due.front().rollback, fact<RollbackStarted>(facts).plan.id);
}

TEST(AHook, IsDueAfterAnEmergency) {
  Bench bench = bench_with({hook("page", HookOn::rollback_end)});
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(5)));
  bench.run(emergency(bench, 7));
  EXPECT_THAT(due(bench), ElementsAre("page"));
}

TEST(AHook, StaysDueUntilItHasSucceeded) {
  Bench bench = bench_with({hook("shadow", HookOn::phase_end)});
  bench.run(move(Phase::shadow));
  bench.run(rollback());
  bench.run(report(bench.state.hooks_due.front(), HookEnd::failed));
  ASSERT_EQ(bench.state.hooks_due.size(), 1U);
  EXPECT_EQ(bench.state.hooks_due.front().attempts, 1U);
  EXPECT_EQ(bench.state.hooks_due.front().last, HookEnd::failed);
  const auto again = bench.ask(report(bench.state.hooks_due.front(), HookEnd::succeeded)).value();
  EXPECT_EQ(fact<HookRan>(again).attempt, 2U);
  EXPECT_EQ(again.front().subject, "shadow");
  EXPECT_THAT(due(bench), IsEmpty());
}

TEST(AHook, IsDueNoMoreByAPersonsWord) {
  Bench bench = bench_with({hook("one", HookOn::phase_end), hook("two", HookOn::phase_end)});
  bench.run(move(Phase::shadow));
  bench.run(rollback());
  EXPECT_THAT(bench.run(DismissHook{name("one")}), ElementsAre("hook.dismissed"));
  EXPECT_THAT(due(bench), ElementsAre("two"));
  EXPECT_THAT(bench.run(DismissHook{name("one")}), IsEmpty()) << "it was due no more";
}

TEST(AHook, ThatRanWhileItWasDismissedIsStillOnRecord) {
  Bench bench = bench_with({hook("one", HookOn::phase_end)});
  bench.run(move(Phase::shadow));
  bench.run(rollback());
  const auto ran = report(bench.state.hooks_due.front(), HookEnd::failed);
  bench.run(DismissHook{name("one")});
  EXPECT_THAT(bench.run(ran), ElementsAre("hook.ran"));
  EXPECT_THAT(due(bench), IsEmpty());
  EXPECT_EQ(bench.state.anomaly_count, 0U);
}

TEST(AHook, OfAnotherConfigurationStaysDue) {
  Bench bench = bench_with({hook("one", HookOn::phase_end)});
  bench.run(move(Phase::shadow));
  bench.run(rollback());
  bench.run(AcceptConfiguration{small_configuration()});
  EXPECT_THAT(due(bench), ElementsAre("one"));
  bench.run(move(Phase::shadow));
  bench.run(rollback());
  EXPECT_THAT(due(bench), ElementsAre("one")) << "nothing is configured that could become due";
}

TEST(AHook, IsDueNoLongerOnceItsPhaseIsEnteredAgain) {
  Bench bench = bench_with({hook("scale", HookOn::phase_end), hook("page", HookOn::rollback_end)});
  const auto again = [&] {
    std::vector<std::string> names;
    for (const auto& one : bench.state.hooks_due) {
      if (entered_again(bench.state, one)) names.push_back(one.hook.text());
    }
    return names;
  };
  bench.run(move(Phase::shadow));
  bench.run(rollback());
  EXPECT_THAT(again(), IsEmpty());
  bench.run(move(Phase::shadow));
  EXPECT_THAT(due(bench), ElementsAre("page", "scale")) << "it is still listed";
  EXPECT_THAT(again(), ElementsAre("scale")) << "the end of a rollback stays one";
  const auto first = bench.state.hooks_due.back().since;
  bench.run(move(Phase::canary, percent(5)));
  EXPECT_THAT(due(bench), ElementsAre("page", "scale")) << "once for both ends";
  EXPECT_GT(bench.state.hooks_due.back().since, first);
  EXPECT_THAT(again(), IsEmpty());
}

// Back into a phase that a move forward had left.
TEST(AHook, OfAPhaseThatARollbackGoesBackToIsDueNoLonger) {
  Bench bench = bench_with({hook("scale", HookOn::phase_end, Phase::shadow)});
  bench.run(move(Phase::shadow));
  bench.run(move(Phase::canary, percent(5)));
  ASSERT_THAT(due(bench), ElementsAre("scale"));
  EXPECT_FALSE(entered_again(bench.state, bench.state.hooks_due.front()));
  RollBack back = rollback();
  back.to_phase = Phase::shadow;
  bench.run(back);
  EXPECT_TRUE(entered_again(bench.state, bench.state.hooks_due.front()));
}

TEST(AHook, IsNamedByTheAcceptedConfigurationOrNot) {
  Bench bench = bench_with({hook("one", HookOn::phase_end)});
  EXPECT_TRUE(names_hook(bench.state, name("one")));
  bench.run(AcceptConfiguration{small_configuration()});
  EXPECT_FALSE(names_hook(bench.state, name("one")));
}

RC_GTEST_PROP(AHook, IsBoundedInTheState, ()) {
  Bench bench = bench_with({hook("one", HookOn::phase_end), hook("two", HookOn::rollback_end)});
  for (const auto& body : *rc::gen::container<std::vector<CommandBody>>(60, any_body())) {
    static_cast<void>(bench.ask(body));
  }
  RC_ASSERT(bench.state.hooks_due.size() <= kHooksDue);
}

}  // namespace
}  // namespace hal9::migration::test
