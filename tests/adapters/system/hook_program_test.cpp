// Hooks as real programs: what they get, and each way in which one ends.

#include "adapters/folder.h"
#include "adapters/system/hook_record.h"
#include "adapters/system/system.h"
#include "base/name.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/hooks.h"
#include "migration/hook.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

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

// Who was killed is there until the kernel comes to it.
bool ends(pid_t id) {
  for (int tries = 0; tries < 1000 && !has_ended(id); ++tries) ::poll(nullptr, 0, 10);
  return has_ended(id);
}

void end(pid_t id) {
  ::kill(id, SIGKILL);
  EXPECT_TRUE(ends(id));
}

HookAttempt run(const std::string& script, Micros timeout = seconds(20)) {
  const test::Folder folder;
  auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"));
  return runner->run(hook({"/bin/sh", "-c", script}, timeout), "{\"hook\":\"page\"}\n");
}

TEST(HookProgram, ReadsWhatHappenedAndItsOutputIsKept) {
  const auto attempt = run("cat; echo said; echo aside >&2");
  EXPECT_EQ(attempt.end, HookEnd::succeeded);
  EXPECT_EQ(attempt.code, 0U);
  EXPECT_EQ(attempt.output, "{\"hook\":\"page\"}\nsaid\naside\n");
  EXPECT_EQ(attempt.error, "");
}

TEST(HookProgram, BeginsInTheFolderThatHal9YamlIsIn) {
  const test::Folder folder;
  auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"), folder.path());
  const auto attempt = runner->run(hook({"/bin/sh", "-c", "pwd -P"}), "");
  EXPECT_EQ(attempt.output, folder.path().string() + "\n");
  auto lost = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"), folder.file("x"));
  const auto never = lost->run(hook({"/bin/sh", "-c", "echo ran"}), "");
  EXPECT_EQ(never.end, HookEnd::not_started);
  EXPECT_THAT(never.error, HasSubstr("it is to run in " + folder.file("x").string()));
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
  EXPECT_TRUE(ends(std::stoi(attempt.output)));
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
  auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"));
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

pid_t number_in(const std::filesystem::path& file) {
  pid_t number = 0;
  for (int tries = 0; tries < 1000 && number == 0; ++tries) {
    std::ifstream(file) >> number;
    if (number == 0) ::poll(nullptr, 0, 10);
  }
  return number;
}

// kill -9 in the middle of a hook: what it does is not done twice at once.
TEST(HookProgram, OfAKilledProcessShutsOutTheNextUntilItHasEnded) {
  const test::Folder folder;
  const auto lock = folder.file("hook.lock");
  const auto script = "echo $$ >" + folder.file("pid").string() + "; exec sleep 600";
  const pid_t process = ::fork();
  if (process == 0) {
    auto runner = make_hook_runner(lock, folder.file("hal9.db"));
    const auto held = runner->acquire();
    if (held) runner->run(hook({"/bin/sh", "-c", script}, seconds(300)), {});
    ::_exit(0);
  }
  const pid_t left = number_in(folder.file("pid"));
  ASSERT_GT(left, 0);
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
  auto runner = make_hook_runner(lock, folder.file("hal9.db"));
  auto refused = runner->acquire();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::locked);
  end(left);
  EXPECT_TRUE(runner->acquire());
}

// Runs `script` as a hook of a process that is killed once the hook has written its id to `pid`.
pid_t left_by_a_killed_process(const test::Folder& folder, const std::string& script) {
  const pid_t process = ::fork();
  if (process == 0) {
    auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"));
    const auto held = runner->acquire();
    if (held) runner->run(hook({"/bin/bash", "-c", script}, seconds(300)), {});
    ::_exit(0);
  }
  const pid_t left = number_in(folder.file("pid"));
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
  return left;
}

TEST(HookProgram, OfAKilledProcessShutsOutTheNextAlsoWhereItHasClosedTheLock) {
  const test::Folder folder;
  const auto script = "exec 3>&-; echo $$ >" + folder.file("pid").string() + "; exec sleep 600";
  const pid_t left = left_by_a_killed_process(folder, script);
  ASSERT_GT(left, 0);
  auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"));
  auto refused = runner->acquire();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::locked);
  EXPECT_THAT(refused.error().what, HasSubstr("still runs: process " + std::to_string(left)));
  EXPECT_THAT(refused.error().what, HasSubstr(folder.file("hook.lock").string()));
  EXPECT_EQ(refused.error().next, "ps -fp " + std::to_string(left));
  end(left);
  EXPECT_TRUE(runner->acquire());
}

// Its first process is gone, and what that started goes on with the work.
TEST(HookProgram, OfAKilledProcessCountsWhileOneOfItsGroupLives) {
  const test::Folder folder;
  const auto script = "exec 3>&-; echo $$ >" + folder.file("first").string() +
                      "; sleep 600 & echo $! >" + folder.file("pid").string() + "; wait";
  const pid_t left = left_by_a_killed_process(folder, script);
  ASSERT_GT(left, 0);
  end(number_in(folder.file("first")));
  auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"));
  auto refused = runner->acquire();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().next, "ps -fp " + std::to_string(left));
  end(left);
  EXPECT_TRUE(runner->acquire());
}

// What a hook left behind with the lock open is named, or nobody would know whom to end.
TEST(HookProgram, RefusedForALockThatIsHeldNamesItAndItsHolder) {
  const test::Folder folder;
  const auto script = "setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $! >" +
                      folder.file("pid").string() + "; sleep 600";
  const pid_t left = left_by_a_killed_process(folder, script);
  ASSERT_GT(left, 0);
  auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"));
  auto refused = runner->acquire();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::locked);
  EXPECT_THAT(refused.error().what, HasSubstr(" hold the hook lock "));
  EXPECT_THAT(refused.error().what, HasSubstr(std::to_string(left)));
  EXPECT_THAT(refused.error().what, HasSubstr(folder.file("hook.lock").string()));
  EXPECT_THAT(refused.error().next, HasSubstr("ps -fp "));
  EXPECT_THAT(refused.error().next, HasSubstr(std::to_string(left)));
  for (const auto& one : holders_of(folder.file("hook.lock"))) end(one.id);
  EXPECT_TRUE(runner->acquire());
}

TEST(HookProgram, IsOnRecordInTheLockFileWhileItRunsAndNoLonger) {
  const test::Folder folder;
  const auto lock = folder.file("hook.lock");
  auto runner = make_hook_runner(lock, folder.file("hal9.db"));
  const auto held = runner->acquire();
  ASSERT_TRUE(held);
  const auto attempt = runner->run(hook({"/bin/sh", "-c", "echo $$; cat " + lock.string()}), {});
  const std::string id = attempt.output.substr(0, attempt.output.find('\n'));
  EXPECT_THAT(attempt.output, StartsWith(id + "\nhook " + id + " "));
  EXPECT_EQ(std::filesystem::file_size(lock), 0U);
  EXPECT_EQ(runner->run(hook({"/nowhere/page"}), {}).end, HookEnd::not_started);
}

TEST(HookProgram, LeavesADaemonThatShutsOutNobody) {
  const test::Folder folder;
  auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"));
  auto held = runner->acquire();
  ASSERT_TRUE(held);
  EXPECT_FALSE(runner->acquire()) << "another one of this process";
  const auto script =
      "setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $! >" + folder.file("pid").string();
  EXPECT_EQ(runner->run(hook({"/bin/sh", "-c", script}), {}).end, HookEnd::succeeded);
  held->reset();
  EXPECT_TRUE(runner->acquire());
  ::kill(number_in(folder.file("pid")), SIGKILL);
}

TEST(HookProgram, ThatOthersCouldReplaceIsNotRun) {
  const test::Folder folder;
  const auto program = folder.file("scale");
  std::ofstream(program) << "#!/bin/sh\ntouch " << folder.file("ran").string() << "\n";
  namespace fs = std::filesystem;
  fs::permissions(program, fs::perms::all);
  auto runner = make_hook_runner(folder.file("hook.lock"), folder.file("hal9.db"));
  const auto attempt = runner->run(hook({program.string()}), {});
  EXPECT_EQ(attempt.end, HookEnd::not_started);
  EXPECT_THAT(attempt.error, HasSubstr("may be written by everybody; chmod o-w "));
  EXPECT_FALSE(fs::exists(folder.file("ran")));
  fs::permissions(program, fs::perms::owner_all);
  EXPECT_EQ(runner->run(hook({program.string()}), {}).end, HookEnd::succeeded);
}

}  // namespace
}  // namespace hal9::system
