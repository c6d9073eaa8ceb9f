#include "watching.h"

#include "engine/views.h"
#include "migration/rollback.h"
#include "migration/route.h"

#include <string>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

engine::StatusView quiet() {
  engine::StatusView view;
  view.phase = "none";
  return view;
}

engine::StatusView rolling(bool executed) {
  engine::StatusView view = quiet();
  view.running.emplace_back();
  view.executed = executed;
  return view;
}

TEST(Watching, EndsWhenWhatRanAtTheBeginningIsOver) {
  Watching watching;
  EXPECT_EQ(watching.look(rolling(true)), Watched::running);
  EXPECT_EQ(watching.look(rolling(true)), Watched::running);
  EXPECT_EQ(watching.look(quiet()), Watched::over);
}

TEST(Watching, GoesOnWhileNothingRunsUntilSomethingRanAndEnded) {
  Watching watching;
  for (int n = 0; n < 5; ++n) EXPECT_EQ(watching.look(quiet()), Watched::nothing);
  EXPECT_EQ(watching.look(rolling(true)), Watched::running);
  EXPECT_EQ(watching.look(quiet()), Watched::over);
}

// Between the first event of a rollback and the lock of its executor there is a moment.
TEST(Watching, SaysThatNobodyIsAtItAfterTwoLooksInARow) {
  Watching watching;
  EXPECT_EQ(watching.look(rolling(false)), Watched::running);
  EXPECT_EQ(watching.look(rolling(true)), Watched::running);
  EXPECT_EQ(watching.look(rolling(false)), Watched::running);
  EXPECT_EQ(watching.look(rolling(false)), Watched::left);
}

TEST(Watching, TakesARaiseThatItsExecutorLeftForOpen) {
  Watching watching;
  engine::StatusView raising = quiet();
  raising.executed = true;
  EXPECT_EQ(watching.look(raising), Watched::running);
  engine::StatusView left = quiet();
  left.open_raise = "hal9-migrate migrate --phase canary --percentage 5";
  EXPECT_EQ(watching.look(left), Watched::running);
  EXPECT_EQ(watching.look(left), Watched::left);
  EXPECT_EQ(line_of_left(left), *left.open_raise);
  EXPECT_EQ(line_of_left(rolling(false)), "hal9-migrate rollback resume");
}

TEST(WatchLine, IsTheSameWhileNothingChanges) {
  EXPECT_EQ(watch_line(rolling(true)), watch_line(rolling(true)));
  EXPECT_NE(watch_line(rolling(true)), watch_line(rolling(false)));
  EXPECT_NE(watch_line(rolling(true)), watch_line(quiet()));
  EXPECT_NE(watch_line(quiet()).find("nothing runs"), std::string::npos);
}

}  // namespace
}  // namespace hal9::tools
