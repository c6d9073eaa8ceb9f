// Hooks by the service: run once, recorded, kept due where they failed, by one process at a time.

#include "migration/hook.h"

#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "engine/hooks.h"
#include "engine/map_router.h"
#include "engine/objects.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "engine/world.h"
#include "ledger/store.h"
#include "migration/commands.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/state.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hal9::engine {
namespace {

using migration::HookEnd;
using migration::HookOn;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// In canary at 10%, with a hook at the end of each rollback and one at the end of each phase.
struct Hooked {
  Hooked() {
    world.configuration.hooks = std::vector<migration::Hook>{
        {name("page"), HookOn::rollback_end, {}, {"/bin/page"}, migration::kHookTimeout},
        {name("scale"),
         HookOn::phase_end,
         migration::Phase::canary,
         {"/bin/scale"},
         migration::kHookTimeout}
    };
    world.at_canary(10);
  }
  World world;
  Watcher watcher;

  Outcome back(const migration::RollBack& request = {}) {
    auto outcome = world.process()->roll_back(world.asker, request, watcher);
    if (outcome) return *outcome;
    ADD_FAILURE() << outcome.error().what;
    return {};
  }
  std::vector<std::string> run(const HookChoice& choice = {}) {
    auto results = world.process()->run_hooks(world.asker, choice, watcher);
    std::vector<std::string> ends;
    if (!results) return {"error: " + results.error().what};
    for (const auto& one : *results)
      ends.push_back(one.hook.text() + " " + to_text(one.attempt.end));
    return ends;
  }
  std::vector<std::string> due() {
    std::vector<std::string> names;
    for (const auto& one : world.state().hooks_due) names.push_back(one.hook.text());
    return names;
  }
};

TEST(Hooks, RunOnceWhatEndedThemIsOnRecord) {
  Hooked test;
  const auto outcome = test.back();
  EXPECT_EQ(outcome.state.hooks_due.size(), 2U) << "the caller sees what is to be run";
  EXPECT_EQ(to_json(outcome)["hooks_due"].size(), 2U);
  EXPECT_THAT(test.world.hooks->ran, IsEmpty()) << "nothing of it holds the rollback up";
  EXPECT_THAT(test.run(), ElementsAre("page succeeded", "scale succeeded"));
  EXPECT_THAT(test.due(), IsEmpty());
  EXPECT_THAT(test.run(), IsEmpty()) << "and not twice";
  EXPECT_EQ(test.world.count("hal9.hook.ran.v1"), 2U);
}

TEST(Hooks, AreToldWhatHappened) {
  Hooked test;
  const auto outcome = test.back();
  test.run();
  const auto told = nlohmann::json::parse(test.world.hooks->inputs.front());
  EXPECT_EQ(told["hook"], "page");
  EXPECT_EQ(told["migration"], "test");
  EXPECT_EQ(told["on"], "rollback-end");
  EXPECT_EQ(told["phase"], "canary");
  EXPECT_EQ(told["rollback"], to_text(outcome.rollback->rollback.plan.id));
  EXPECT_EQ(told["attempt"], 1);
}

TEST(Hooks, ThatFailedStayDueAndRunNoMoreByThemselves) {
  Hooked test;
  test.back();
  test.world.hooks->answer = {HookEnd::failed, 1, "no cluster\n", "no cluster"};
  EXPECT_THAT(test.run({{}, true}), ElementsAre("page failed", "scale failed"));
  EXPECT_THAT(test.run({{}, true}), IsEmpty()) << "a person says when";
  EXPECT_THAT(test.due(), ElementsAre("page", "scale"));
  test.world.hooks->answer = {};
  EXPECT_THAT(test.run({name("scale"), false}), ElementsAre("scale succeeded"));
  EXPECT_THAT(test.due(), ElementsAre("page"));
}

TEST(Hooks, KeepWhatWasPrintedAsAnObjectOfTheirEvent) {
  Hooked test;
  test.back();
  test.world.hooks->answer = {HookEnd::failed, 1, "all that was printed\n", "why"};
  test.run({name("page"), false});
  ledger::Filter filter;
  filter.types = {"hal9.hook.ran.v1"};
  std::vector<TimelineEntry> entries;
  ASSERT_TRUE(test.world.process()->timeline(filter, [&](const TimelineEntry& entry) {
    entries.push_back(entry);
    return true;
  }));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_THAT(entries.front().text, HasSubstr("hook page failed with 1"));
  ASSERT_EQ(entries.front().objects.size(), 1U);
  EXPECT_EQ(entries.front().objects.front().of, migration::ObjectOf::output);
  const auto kept =
      test.world.process()->object(ObjectName{entries.front().objects.front().object});
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->content, "all that was printed\n");
}

TEST(Hooks, OfAProcessThatDiedAreRunByTheNext) {
  Hooked test;
  test.back();  // and its process is gone
  auto other = test.world.process();
  auto results = other->run_hooks(test.world.asker, {{}, true}, test.watcher);
  ASSERT_TRUE(results);
  EXPECT_EQ(results->size(), 2U);
}

TEST(Hooks, AreRunByOneProcessAtATime) {
  Hooked test;
  test.back();
  test.world.hooks->meanwhile = [&] {
    test.world.hooks->meanwhile = {};
    auto second = test.world.process()->run_hooks(test.world.asker, {}, test.watcher);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::conflict);
    EXPECT_EQ(second.error().next, "hal9-migrate hook list") << "the port knows nothing better";
  };
  EXPECT_THAT(test.run(), ElementsAre("page succeeded", "scale succeeded"));
}

// Whoever finds hooks being run leaves what it has made due to that process.
TEST(Hooks, RunAlsoWhatOthersHaveMadeDueMeanwhile) {
  Hooked test;
  test.back();
  test.world.hooks->meanwhile = [&] {
    test.world.hooks->meanwhile = {};
    test.world.at_canary(10);
    test.back();
  };
  EXPECT_THAT(
      test.run({{}, true}), ElementsAre("page succeeded", "page succeeded", "scale succeeded")
  ) << "that of the first end of canary is due no longer: canary was entered again behind it";
  EXPECT_THAT(test.due(), IsEmpty());
}

TEST(Hooks, ThatAreNotConfiguredAnyMoreDidNotStart) {
  Hooked test;
  test.back();
  test.world.configuration.hooks.reset();
  EXPECT_THAT(test.run(), ElementsAre("page not started", "scale not started"));
  EXPECT_THAT(test.world.hooks->ran, IsEmpty());
  ASSERT_TRUE(test.world.process()->dismiss_hook(test.world.asker, name("page")));
  EXPECT_THAT(test.due(), ElementsAre("scale"));
  const auto none = test.world.process()->dismiss_hook(test.world.asker, name("page"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::conflict);
}

TEST(Hooks, ThatAreNotConfiguredAnyMoreLeadToTheirDismissal) {
  Hooked test;
  test.back();
  test.world.hooks->answer = {HookEnd::failed, 1, "", "no cluster"};
  auto results = test.world.process()->run_hooks(test.world.asker, {}, test.watcher);
  ASSERT_TRUE(results);
  EXPECT_EQ(results->front().next, "hal9-migrate hook retry page");
  test.world.configuration.hooks.reset();
  results = test.world.process()->run_hooks(test.world.asker, {}, test.watcher);
  ASSERT_TRUE(results);
  EXPECT_EQ(results->front().next, "hal9-migrate hook dismiss page");
}

// What scales canary to zero must not meet a canary that is live again.
TEST(Hooks, AreNotRunWhereTheirPhaseWasEnteredAgain) {
  Hooked test;
  test.back();
  test.world.hooks->answer = {HookEnd::failed, 1, "", "no cluster"};
  test.run();
  test.world.hooks->answer = {};
  test.world.at_canary(10);
  EXPECT_THAT(test.run(), ElementsAre("page succeeded")) << "a rollback's end stays one";
  EXPECT_THAT(test.run(), IsEmpty());
  const auto views = test.world.process()->hooks();
  ASSERT_TRUE(views);
  EXPECT_EQ(views->front().name, name("scale"));
  EXPECT_TRUE(views->front().entered_again);
  EXPECT_EQ(to_json(views->front())["due"]["entered_again"], true);

  HookChoice named{name("scale"), false};
  auto refused = test.world.process()->run_hooks(test.world.asker, named, test.watcher);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(refused.error().what, "hook scale is not run: canary was entered again");
  EXPECT_EQ(refused.error().state, "nothing was run; it is due anew once canary is left");
  EXPECT_EQ(refused.error().next, "hal9-migrate hook dismiss scale");

  test.back();
  EXPECT_THAT(test.run(), ElementsAre("page succeeded", "scale succeeded")) << "once, not twice";
}

// Nobody has tried it when the process died behind the phase's end.
TEST(Hooks, ThatNobodyTriedAreNotRunByTheCommandThatEntersTheirPhaseAgain) {
  Hooked test;
  test.back();
  test.world.at_canary(10);
  EXPECT_THAT(test.run({{}, true}), ElementsAre("page succeeded"));
}

TEST(Hooks, WaitForALedgerThatIsLost) {
  Hooked test;
  test.world.ledger_error = Error{Code::damaged, "the ledger is damaged", "", "", ""};
  const auto outcome = test.world.process()->emergency(test.world.who(), {}, test.watcher);
  EXPECT_THAT(outcome.state.hooks_due, IsEmpty());
  EXPECT_FALSE(test.world.process()->run_hooks(test.world.asker, {}, test.watcher));
  EXPECT_THAT(test.world.hooks->ran, IsEmpty());
  test.world.ledger_error.reset();
  EXPECT_THAT(test.run(), ElementsAre("page succeeded", "scale succeeded"))
      << "what waited in the spool has made them due";
}

TEST(Hooks, AreRunNoFurtherWhereSomebodyAskedToStop) {
  Hooked test;
  test.back();
  test.world.hooks->meanwhile = [&] { test.world.clocks->interrupted = true; };
  test.world.hooks->answer = {HookEnd::stopped, {}, "", "it was killed"};
  EXPECT_THAT(test.run(), ElementsAre("page stopped"));
  test.world.clocks->interrupted = false;
  EXPECT_THAT(test.due(), ElementsAre("page", "scale"));
}

TEST(Hooks, AreListedWhetherDueOrNot) {
  Hooked test;
  auto views = test.world.process()->hooks();
  ASSERT_TRUE(views);
  EXPECT_EQ(views->size(), 2U);
  EXPECT_FALSE(views->front().due);
  test.back();
  views = test.world.process()->hooks();
  ASSERT_TRUE(views);
  ASSERT_EQ(views->size(), 2U);
  ASSERT_TRUE(views->front().due);
  EXPECT_EQ(views->front().name, name("page"));
}

TEST(DryRunOfARollback, NamesTheHooksThatWouldRun) {
  Hooked test;
  const auto view = test.world.process()->dry_run(test.world.asker, {});
  ASSERT_TRUE(view);
  EXPECT_THAT(view->afterwards, ::testing::Contains("the hook page runs: /bin/page"));
  EXPECT_THAT(view->afterwards, ::testing::Contains("the hook scale runs: /bin/scale"));
  migration::RollBack part;
  part.percentage = percent(5);
  const auto partial = test.world.process()->dry_run(test.world.asker, part);
  ASSERT_TRUE(partial);
  EXPECT_THAT(
      partial->afterwards, ::testing::Not(::testing::Contains("the hook scale runs: /bin/scale"))
  );
}

}  // namespace
}  // namespace hal9::engine
