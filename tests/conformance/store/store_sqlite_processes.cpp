// Several processes on one file.
#include "adapters/sqlite/sqlite_store.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "conformance/store/sqlite_raw.h"
#include "conformance/store/store_support.h"
#include "ledger/line.h"
#include "ledger/verify.h"

#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hal9::ledger {

namespace {

constexpr std::uint64_t kWriters = 4;
constexpr std::uint64_t kEach = 200;

// In a process of its own, which opens the ledger itself: no handle crosses a fork.
pid_t start_writer(const std::filesystem::path& file, std::uint64_t writer) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int status = 1;
  try {
    for (std::uint64_t n = 0; n < kEach; n += 50) {
      auto store = must(sqlite::open(file));  // opening is part of what has to hold
      for (std::uint64_t i = n; i < n + 50; ++i) append_many(*store, writer * 1000 + i, 1);
    }
    status = 0;
  } catch (const std::exception& error) {
    static_cast<void>(
        std::fprintf(stderr, "writer %d: %s\n", static_cast<int>(writer), error.what())
    );
  }
  ::_exit(status);
}

// Empty if every command is there once and verify finds nothing.
std::string complaint(const std::filesystem::path& file) {
  auto reader = must(sqlite::open_to_read(file));
  std::set<CommandId> commands;
  const auto verified = must(verify(*reader, [&](const Event& event, std::string_view) {
    commands.insert(event.draft.causation.value_or(CommandId{}));
  }));
  if (verified.finding) return verified.finding->what;
  if (verified.events != kWriters * kEach) return "events are lost or doubled";
  if (commands.size() != kWriters * kEach) return "commands are lost or doubled";
  return {};
}

TEST(SqliteProcesses, FourWritersLoseAndDoubleNothing) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  std::vector<pid_t> writers;
  for (std::uint64_t writer = 1; writer <= kWriters; ++writer) {
    writers.push_back(start_writer(folder.file(), writer));
  }
  for (const pid_t writer : writers) {
    int status = -1;
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(complaint(folder.file()), "");
  // The control: the same check does complain about one event less.
  force(folder.file(), "DELETE FROM event WHERE sequence = 800");
  EXPECT_NE(complaint(folder.file()), "");
}

TEST(SqliteProcesses, AWriterThatIsKilledLeavesTheLockAndItsBatchBehind) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  int ready[2] = {-1, -1};
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = must(sqlite::open(folder.file()));
    append_many(*store, 1, 2);
    auto batch = must(store->begin(kNoWait));
    const std::vector<Draft> drafts{draft_of(3)};
    must(batch->append(drafts, kNoon, command_id(3), sha256("command")));
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  auto store = must(sqlite::open(folder.file()));
  auto locked = store->begin(milliseconds{20});
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, Code::locked);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  append_many(*store, 4, 1);
  EXPECT_EQ(must(store->head()).sequence, Sequence{3});
  EXPECT_FALSE(must(verify(*store, {})).finding);
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace

}  // namespace hal9::ledger
