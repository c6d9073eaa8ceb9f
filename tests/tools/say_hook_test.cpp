// Hooks in words: each leads to the line that helps with it.

#include "base/name.h"
#include "engine/hooks.h"
#include "ledger/line.h"
#include "migration/hook.h"
#include "migration/phase.h"
#include "said.h"
#include "say.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

engine::HookView due_view(std::string_view called) {
  engine::HookView view;
  view.name = *Name::parse(called);
  migration::DueHook due;
  due.hook = view.name;
  due.since = ledger::Sequence{40};
  due.phase = migration::Phase::canary;
  view.due = due;
  view.configured = migration::Hook{view.name, due.on, due.phase, {"/bin/scale"}, {}};
  return view;
}

TEST(HooksText, LeadsToTheirRetryWhereOneCanRun) {
  auto again = due_view("first");
  again.entered_again = true;
  EXPECT_EQ(last_line(hooks_text({again, due_view("scale")}, {})), "next: hal9-migrate hook retry");
}

TEST(HooksText, SaysWhichAreDueNoLongerAndLeadsToTheirDismissal) {
  auto again = due_view("scale");
  again.entered_again = true;
  const std::string text = hooks_text({again}, {});
  EXPECT_NE(text.find("not tried, not run: canary was entered again"), std::string::npos) << text;
  EXPECT_EQ(last_line(text), "next: hal9-migrate hook dismiss scale");
}

TEST(HooksText, LeadsToTheDismissalOfThoseThatAreNotConfiguredAnyMore) {
  auto gone = due_view("scale");
  gone.configured.reset();
  EXPECT_EQ(last_line(hooks_text({gone}, {})), "next: hal9-migrate hook dismiss scale");
}

TEST(HooksText, LeadsNowhereWhereNoneIsDue) {
  auto idle = due_view("scale");
  idle.due.reset();
  EXPECT_EQ(hooks_text({idle}, {}).find("next: "), std::string::npos);
}

TEST(HookResultText, SaysTheLineThatTheEngineGives) {
  engine::HookResult result;
  result.hook = *Name::parse("scale");
  result.attempt.end = migration::HookEnd::not_started;
  result.attempt.error = "hal9.yaml names no hook of this name any more";
  result.next = "hal9-migrate hook dismiss scale";
  EXPECT_EQ(
      hook_result_text(result, false),
      "! hook scale not started: hal9.yaml names no hook of this name any more; what ended stands "
      "as "
      "it is; next: hal9-migrate hook dismiss scale\n"
  );
}

}  // namespace
}  // namespace hal9::tools
