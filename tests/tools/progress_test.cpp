#include "progress.h"

#include "base/id.h"
#include "base/name.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "said.h"
#include "terminal.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

using migration::Route;

Route route(const std::string& region, const std::string& component) {
  return {*Name::parse(region), *Name::parse(component)};
}

migration::RollbackPlan plan() {
  migration::RollbackPlan plan;
  plan.kind = migration::RollbackKind::gradual;
  plan.ends = plan.started + std::chrono::minutes(10);
  for (const char* component : {"substrate", "cognitive"}) {
    migration::RouteLowering lowering;
    lowering.route = route("eu-west-1", component);
    lowering.share_from = Share::of_hundredths(1000);
    plan.routes.push_back(lowering);
  }
  return plan;
}

TEST(StepLines, CollapsesRoutesWithTheSameNumbers) {
  const auto lines = step_lines(
      plan(),
      {{route("eu-west-1", "substrate"), Share::of_hundredths(500), {}},
       {route("eu-west-1", "cognitive"), Share::of_hundredths(500), {}}},
      std::chrono::minutes(5)
  );
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("all 2 routes"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("5% [##########..........] to 0%, 5m left"), std::string::npos)
      << lines[0];
}

TEST(StepLines, GivesRoutesThatDifferTheirOwnLines) {
  const auto lines = step_lines(
      plan(),
      {{route("eu-west-1", "substrate"), Share::of_hundredths(500), {}},
       {route("eu-west-1", "cognitive"), Share::none(), {}}},
      std::chrono::minutes(10)
  );
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("eu-west-1.substrate"), std::string::npos);
  EXPECT_NE(lines[1].find("[....................]"), std::string::npos) << lines[1];
  EXPECT_NE(lines[1].find("at its end"), std::string::npos) << lines[1];
}

// A share that is not quite at its target never looks as if it were.
TEST(StepLines, ShowsTheLastHundredthInTheBar) {
  const auto lines = step_lines(
      plan(),
      {{route("eu-west-1", "substrate"), Share::of_hundredths(1), {}}},
      std::chrono::minutes(9)
  );
  EXPECT_NE(lines.at(0).find("[#..................."), std::string::npos) << lines[0];
}

TEST(StepLines, ShowsTheMirrorWhereOnlyThatFalls) {
  auto shadow = plan();
  shadow.routes.resize(1);
  shadow.routes[0].share_from = Share::none();
  shadow.routes[0].mirror_from = Share::all();
  const auto lines = step_lines(
      shadow,
      {{route("eu-west-1", "substrate"), Share::none(), Share::of_hundredths(5000)}},
      std::chrono::minutes(5)
  );
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("mirror     50%"), std::string::npos) << lines[0];
}

// A step of a slow one comes after half a minute: what is going to happen is said before.
TEST(PlanLines, SayFromToHowLongUntilWhenAndHowItIsLeft) {
  auto slow = plan();
  slow.started = *parse_time("2026-08-01T03:00:00.000000Z");
  slow.ends = slow.started + std::chrono::minutes(10);
  const auto lines = plan_lines(slow);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(
      lines[0],
      "gradual rollback: share 10% to 0% on 2 routes over 10m, from 2026-08-01 03:00:00Z to "
      "2026-08-01 03:10:00Z"
  );
  EXPECT_NE(lines[1].find("Ctrl-C leaves traffic where it is"), std::string::npos);
  EXPECT_TRUE(lines[1].ends_with("hal9-migrate rollback resume"));
}

TEST(PlanLines, SayNothingOfAnImmediateOne) {
  auto immediate = plan();
  immediate.ends = immediate.started;
  EXPECT_TRUE(plan_lines(immediate).empty());
}

std::string printed(bool live) {
  return printed_by({live, live, false, true, false}, [](Terminal& terminal) {
    TerminalProgress progress(terminal);
    progress.on_note("asking\x1b[2J again");
    for (const int minutes : {1, 2}) {
      progress.on_step(
          plan(),
          {{route("eu-west-1", "substrate"), Share::of_hundredths(500), {}}},
          std::chrono::minutes(minutes)
      );
    }
  });
}

TEST(TerminalProgress, PrintsNothingButTextOffATerminal) {
  const std::string text = printed(false);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(TerminalProgress, SaysATwentiethOfTheWayALineOffATerminal) {
  const std::string text = printed_by({false, false, false, true, false}, [](Terminal& terminal) {
    TerminalProgress progress(terminal);
    auto slow = plan();
    slow.ends = slow.started + std::chrono::seconds(100);
    const std::vector<migration::RouteAmount> half = {
        {route("eu-west-1", "substrate"), Share::of_hundredths(500), {}}
    };
    for (int second = 1; second <= 100; ++second) {
      progress.on_step(slow, half, std::chrono::seconds(second));
    }
    slow.id = RollbackId{{9}};
    progress.on_step(slow, half, std::chrono::seconds(1));
  });
  // Seconds 1, 6, 11 ... 96, the end, and the other one's first.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 22) << text;
}

TEST(TerminalProgress, DrawsOverTheLastStepOnATerminal) {
  const std::string text = printed(true);
  EXPECT_NE(text.find("\x1b[1A"), std::string::npos);
  EXPECT_EQ(text.find("\x1b[2J"), std::string::npos) << "a note's own sequences stay text";
}

}  // namespace
}  // namespace hal9::tools
