// Hooks as real programs: what they get, and each way in which one ends.

#include "adapters/folder.h"
#include "adapters/system/system.h"
#include "base/name.h"
#include "base/time.h"
#include "engine/hooks.h"
#include "migration/hook.h"

#include <chrono>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>

namespace hal9::system {
namespace {

using engine::HookAttempt;
using migration::HookEnd;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

migration::Hook hook(std::vector<std::string> command, Micros timeout = seconds(20)) {
  return {*Name::parse("page"), migration::HookOn::rollback_end, {}, std::move(command), timeout};
}

// Killed, or a dead one that nobody has collected yet.
bool has_ended(pid_t id) {
  std::ifstream stat("/proc/" + std::to_string(id) + "/stat");
  std::string number;
  std::string name;
  std::string state;
  stat >> number >> name >> state;
  return state.empty() || state == "Z" || state == "X";
}

HookAttempt run(const std::string& script, Micros timeout = seconds(20)) {
  const test::Folder folder;
  auto runner = make_hook_runner(folder.file("hal9.db"));
  return runner->run(hook({"/bin/sh", "-c", script}, timeout), "{\"hook\":\"page\"}\n");
}

TEST(HookProgram, ReadsWhatHappenedAndItsOutputIsKept) {
  const auto attempt = run("cat; echo said; echo aside >&2");
  EXPECT_EQ(attempt.end, HookEnd::succeeded);
  EXPECT_EQ(attempt.code, 0U);
  EXPECT_EQ(attempt.output, "{\"hook\":\"page\"}\nsaid\naside\n");
  EXPECT_EQ(attempt.error, "");
}

TEST(HookProgram, ThatFailsSaysWhyByItsFirstWords) {
  const auto attempt = run("echo half; echo 'no cluster' >&2; echo more >&2; exit 3");
  EXPECT_EQ(attempt.end, HookEnd::failed);
  EXPECT_EQ(attempt.code, 3U);
  EXPECT_EQ(attempt.error, "no cluster");
  EXPECT_EQ(attempt.output, "half\nno cluster\nmore\n");
}

TEST(HookProgram, HasACleanEnvironment) {
  ::setenv("HAL9_SECRET", "leaks", 1);
  const auto attempt = run("env");
  ::unsetenv("HAL9_SECRET");
  EXPECT_EQ(attempt.output.find("leaks"), std::string::npos);
  EXPECT_THAT(attempt.output, HasSubstr("PATH="));
}

TEST(HookProgram, IsKilledWithAllThatItStartedWhenItsTimeIsOver) {
  const auto attempt = run("sleep 600 & echo $!; wait", milliseconds(300));
  EXPECT_EQ(attempt.end, HookEnd::timed_out);
  EXPECT_FALSE(attempt.code);
  EXPECT_THAT(attempt.error, StartsWith("it had 300ms"));
  ASSERT_FALSE(attempt.output.empty()) << "what it said until then is kept";
  EXPECT_TRUE(has_ended(std::stoi(attempt.output)));
}

TEST(HookProgram, ThatLeavesSomebodyBehindHasEndedAllTheSame) {
  const auto attempt = run("echo said; setsid sleep 600 & echo $!; exit 4", seconds(20));
  EXPECT_EQ(attempt.end, HookEnd::failed);
  EXPECT_EQ(attempt.code, 4U) << "it is not waited for, and nothing is said of a time-out";
  const auto line = attempt.output.find('\n');
  ::kill(std::stoi(attempt.output.substr(line + 1)), SIGKILL);
}

TEST(HookProgram, ThatPrintsWithoutEndIsKilledAndItsBeginningKept) {
  const auto attempt = run("yes");
  EXPECT_EQ(attempt.end, HookEnd::failed);
  EXPECT_GE(attempt.output.size(), engine::kHookOutput);
  EXPECT_LE(attempt.output.size(), engine::kHookOutput + 1);
}

TEST(HookProgram, ThatIsNotThereDidNotStart) {
  const test::Folder folder;
  auto runner = make_hook_runner(folder.file("hal9.db"));
  const auto missing = runner->run(hook({"/nowhere/page"}), "");
  EXPECT_EQ(missing.end, HookEnd::not_started);
  EXPECT_THAT(missing.error, HasSubstr("/nowhere/page"));
  const auto plain = folder.file("plain");
  std::ofstream(plain) << "no program";
  EXPECT_EQ(runner->run(hook({plain.string()}), "").end, HookEnd::not_started);
}

TEST(HookProgram, ShowsNothingThatATerminalActsUpon) {
  const auto attempt = run("printf '\\033[2Jgone\\n' >&2; exit 1");
  EXPECT_EQ(attempt.error.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace hal9::system
