#include "adapters/system/run_program.h"

#include "adapters/folder.h"
#include "base/result.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hal9::system {
namespace {

Result<ProgramResult> shell(
    const std::string& script, std::string_view input = {}, const ProgramLimits& limits = {}
) {
  return run_program({"/bin/sh", "-c", script}, input, limits);
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

TEST(RunProgram, IsNotForRootWhereAnotherUserMayHaveNamedIt) {
  EXPECT_FALSE(may_run_for(0, 1000));
  EXPECT_TRUE(may_run_for(0, 0));
  EXPECT_TRUE(may_run_for(1000, 1000));
  EXPECT_TRUE(may_run_for(1001, 1000));
}

TEST(RunProgram, GivesWhatItPrintsAndItsCode) {
  const auto result = shell("echo out; echo err >&2; exit 7").value();
  EXPECT_EQ(result.code, 7);
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
}

TEST(RunProgram, GivesArgumentsAsTheyAreAndNoShellBetween) {
  const auto result = run_program({"/bin/echo", "$HOME", "a  b", ";ls"}, {}, {}).value();
  EXPECT_EQ(result.output, "$HOME a  b ;ls\n");
}

TEST(RunProgram, HandsOverInputOfAnyLength) {
  const std::string input(3UL << 20U, 'x');
  EXPECT_EQ(shell("wc -c", input).value().output, "3145728\n");
  // Who reads nothing of it ends as well.
  EXPECT_EQ(shell("exit 3", input).value().code, 3);
}

TEST(RunProgram, TakesBothStreamsWhateverTheirLength) {
  const auto result = shell("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero").value();
  EXPECT_EQ(result.output.size(), 300'000U);
  EXPECT_EQ(result.errors.size(), 4096U);
}

TEST(RunProgram, TellsItsIdBeforeItIsLetGo) {
  const test::Folder folder;
  const auto file = folder.file("told");
  ProgramLimits limits;
  pid_t told = 0;
  limits.begins = [&](pid_t id) {
    told = id;
    std::ofstream(file) << "told";
  };
  const auto result =
      shell("cat " + file.string() + "; echo \" $$\"; cat; exit 7", "input", limits).value();
  EXPECT_EQ(result.output, "told " + std::to_string(told) + "\ninput");
  EXPECT_EQ(result.code, 7);
}

TEST(RunProgram, ThatIsToldOfBeforeItsStartIsNoneWhereItCannotRun) {
  ProgramLimits limits;
  limits.begins = [](pid_t) {};
  const auto none = run_program({"/nowhere/program"}, {}, limits);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::missing);
}

TEST(RunProgram, ThatIsToldOfBeforeItsStartHasOfOursWhatTheOthersHave) {
  const test::Folder folder;
  const std::string script =
      "ls /proc/self/fd; grep SigBlk /proc/self/status; sh -c 'kill -USR1 $$'; echo $?; "
      "ps -o pgid= -p $$ | tr -d ' ' | grep -x $$ >/dev/null && echo leads";
  std::ofstream(folder.file("kept")) << "kept";
  const int inherited = ::open(folder.file("kept").c_str(), O_RDONLY);  // without O_CLOEXEC
  auto* const handled = ::signal(SIGUSR1, SIG_IGN);
  ProgramLimits limits;
  limits.keeps = inherited;
  const auto usual = shell(script, {}, limits).value();
  limits.begins = [](pid_t) {};
  const auto told = shell(script, {}, limits).value();
  ::signal(SIGUSR1, handled);
  ::close(inherited);
  EXPECT_EQ(told.output, usual.output);
  EXPECT_NE(told.output.find("\n138\nleads\n"), std::string::npos) << "its signals do their usual";
}

// kill -9 between the start of the process and the word that it may go on.
TEST(RunProgram, WhoeverIsKilledBeforeItIsLetGoLeavesNoneBehind) {
  const test::Folder folder;
  const auto script = "echo ran >" + folder.file("ran").string();
  const auto file = folder.file("id");
  const pid_t process = ::fork();
  if (process == 0) {
    ProgramLimits limits;
    limits.begins = [&](pid_t id) {
      std::ofstream(file) << id << std::flush;
      ::kill(::getpid(), SIGKILL);
    };
    static_cast<void>(shell(script, {}, limits).has_value());
    ::_exit(0);
  }
  ::waitpid(process, nullptr, 0);
  pid_t left = 0;
  std::ifstream(file) >> left;
  ASSERT_GT(left, 0);
  for (int tries = 0; tries < 1000 && !has_ended(left); ++tries) ::poll(nullptr, 0, 10);
  EXPECT_TRUE(has_ended(left));
  EXPECT_FALSE(std::filesystem::exists(folder.file("ran")));
}

TEST(RunProgram, PrintingWithoutEndIsEnded) {
  const auto result = shell("yes", {}, {std::chrono::seconds(10), 1000});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::damaged);
}

TEST(RunProgram, WhatDoesNotEndIsKilledWithAllThatItStarted) {
  const test::Folder folder;
  const std::string file = folder.file("id");
  // The child has closed both streams: that nobody prints any more is not that all have ended.
  const auto result = shell(
      "sleep 60 >/dev/null 2>&1 & echo $! > " + file + "; wait",
      {},
      {std::chrono::milliseconds(300), 1000}
  );
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unreachable);
  pid_t child = 0;
  std::ifstream(file) >> child;
  ASSERT_GT(child, 0);
  bool gone = false;
  for (int i = 0; i < 1000 && !gone; ++i) {
    gone = has_ended(child);
    if (!gone) ::poll(nullptr, 0, 10);
  }
  EXPECT_TRUE(gone);
}

TEST(RunProgram, WhoHoldsTheOutputOpenBehindItsParentIsEndedToo) {
  const auto result = shell("sleep 60 & exit 0", {}, {std::chrono::milliseconds(300), 1000});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unreachable);
}

TEST(RunProgram, WhoLeavesItsGroupIsEndedToo) {
  const std::string script =
      "import os, time; os.setpgid(0, os.getpgid(os.getppid())); time.sleep(60)";
  const auto result = run_program(
      {"/usr/bin/env", "python3", "-c", script}, {}, {std::chrono::milliseconds(500), 1000}
  );
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unreachable);
}

TEST(RunProgram, SaysASignalAsAShellDoes) {
  EXPECT_EQ(shell("kill -TERM $$").value().code, 128 + SIGTERM);
}

TEST(RunProgram, KeepsItsEnvironmentToItself) {
  ASSERT_EQ(::setenv("HAL9_TEST_SECRET", "s3cret", 1), 0);
  const auto result = shell("env").value();
  ::unsetenv("HAL9_TEST_SECRET");
  EXPECT_EQ(result.output.find("s3cret"), std::string::npos);
  EXPECT_NE(result.output.find("PATH="), std::string::npos);
}

TEST(RunProgram, LeavesNoDescriptorAndNoSignalOfOursToIt) {
  const int ours = ::dup(STDERR_FILENO);  // not closed by itself in a new program
  const auto before = std::signal(SIGTERM, SIG_IGN);
  const auto fds = shell("ls /proc/self/fd | wc -l").value();
  const auto ended = shell("kill -TERM $$; echo alive").value();
  std::signal(SIGTERM, before);
  ::close(ours);
  EXPECT_EQ(fds.output, "4\n");  // 0, 1, 2, and the folder that ls reads
  EXPECT_EQ(ended.code, 128 + SIGTERM);
}

TEST(RunProgram, BeginsInTheFolderThatIsAskedFor) {
  const test::Folder folder;
  ProgramLimits limits;
  limits.folder = folder.path();
  EXPECT_EQ(shell("pwd -P", {}, limits).value().output, folder.path().string() + "\n");
}

TEST(RunProgram, WhoseFolderIsGoneIsNotRunElsewhereAndTheFolderIsNamed) {
  const test::Folder folder;
  ProgramLimits limits;
  limits.folder = folder.file("gone away");
  const auto gone = shell("echo ran", {}, limits);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::missing);
  EXPECT_EQ(gone.error().what, "/bin/sh cannot be run");
  EXPECT_NE(gone.error().why.find("it is to run in '" + folder.path().string()), std::string::npos);
  EXPECT_EQ(gone.error().state, "nothing was run");
  EXPECT_EQ(gone.error().next, "ls -ld '" + limits.folder.string() + "'");
  test::write(folder.file("file"), "");
  limits.folder = folder.file("file");
  EXPECT_EQ(shell("echo ran", {}, limits).error().code, Code::missing);
}

TEST(RunProgram, WhatIsNoProgramIsSaid) {
  const test::Folder folder;
  const auto missing = run_program({folder.file("none")}, {}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::missing);
  ProgramLimits inside;
  inside.folder = folder.path();
  const auto there = run_program({folder.file("none")}, {}, inside);
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().next, "ls -l " + folder.file("none").string());
  test::write(folder.file("text"), "text");
  const auto text = run_program({folder.file("text")}, {}, {});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::not_authorised);
}

}  // namespace
}  // namespace hal9::system
