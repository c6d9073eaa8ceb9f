// What belongs to the file: making it, refusing what is not ours, the settings that it is kept by.
#include "adapters/sqlite/sqlite_store.h"
#include "base/result.h"
#include "conformance/store/sqlite_raw.h"
#include "conformance/store/store_support.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>

#include <sys/stat.h>

namespace hal9::ledger {

namespace {

unsigned mode_of(const std::filesystem::path& file) {
  struct stat found{};
  return ::stat(file.c_str(), &found) == 0 ? found.st_mode & 0777U : 0U;
}

// Both doors refuse the file with this code, and nothing in its folder has changed.
void expect_refused_untouched(const Folder& folder, Code code) {
  const auto before = contents(folder);
  auto store = sqlite::open(folder.file());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, code) << store.error().what;
  auto reader = sqlite::open_to_read(folder.file());
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, code) << reader.error().what;
  EXPECT_FALSE(store.error().what.empty());
  EXPECT_TRUE(contents(folder) == before);
}

// A ledger that is whole in its file, without anything beside it.
void make_settled(const Folder& folder) {
  must(sqlite::create(folder.file(), "demo"));
  append_many(*must(sqlite::open(folder.file())), 1, 3);
  settle(folder.file());
  std::filesystem::remove(folder.file("hal9.db.lock"));
}

TEST(SqliteFile, IsMadeWholeWithNothingBesideIt) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  EXPECT_EQ(contents(folder).size(), 1U);
  EXPECT_EQ(mode_of(folder.file()), 0600U);
  EXPECT_EQ(raw_value(folder.file(), "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(raw_value(folder.file(), "PRAGMA page_size"), "4096");
  EXPECT_EQ(raw_value(folder.file(), "PRAGMA application_id"), "1212238905");
  EXPECT_EQ(raw_value(folder.file(), "PRAGMA user_version"), "3");
}

TEST(SqliteFile, EverythingBesideItIsTheOwnersAlone) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  auto store = must(sqlite::open(folder.file()));
  append_many(*store, 1, 1);
  for (const char* name : {"hal9.db", "hal9.db-wal", "hal9.db-shm", "hal9.db.lock"}) {
    EXPECT_EQ(mode_of(folder.file(name)), 0600U) << name;
  }
}

TEST(SqliteFile, IsNotMadeOverAnythingThatIsThere) {
  for (const char* name : {"hal9.db", "hal9.db-wal", "hal9.db-journal"}) {
    const Folder folder;
    put_bytes(folder.file(name), "somebody's");
    auto refused = sqlite::create(folder.file(), "demo");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::conflict);
    EXPECT_EQ(contents(folder), (std::map<std::string, std::string>{{name, "somebody's"}}));
  }
}

TEST(SqliteFile, IsNotMadeInAFolderThatIsMissing) {
  const Folder folder;
  auto refused = sqlite::create(folder.path() / "no" / "hal9.db", "demo");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::missing);
}

TEST(SqliteFile, ThatIsMissingIsSaidToBe) {
  const Folder folder;
  expect_refused_untouched(folder, Code::missing);
}

TEST(SqliteFile, OfAnotherProgramIsRefusedUntouched) {
  const Folder folder;
  ASSERT_EQ(raw(folder.file(), "PRAGMA journal_mode = WAL; CREATE TABLE t (x)"), SQLITE_OK);
  expect_refused_untouched(folder, Code::not_ours);
}

TEST(SqliteFile, ThatIsNoDatabaseIsRefusedUntouched) {
  for (const std::string& bytes : {std::string(), std::string("hello"), std::string(5000, 'x')}) {
    const Folder folder;
    put_bytes(folder.file(), bytes);
    expect_refused_untouched(folder, Code::not_ours);
  }
}

TEST(SqliteFile, ThatIsAFolderIsRefused) {
  const Folder folder;
  std::filesystem::create_directory(folder.file());
  expect_refused_untouched(folder, Code::not_ours);
}

TEST(SqliteFile, OfANewerSchemaIsRefusedUntouched) {
  const Folder folder;
  make_settled(folder);
  ASSERT_EQ(raw(folder.file(), "PRAGMA user_version = 99"), SQLITE_OK);
  expect_refused_untouched(folder, Code::newer);
}

TEST(SqliteFile, OfANewerSchemaThatIsStillInTheWalIsRefused) {
  const Folder folder;
  make_settled(folder);
  auto reader = must(sqlite::open_to_read(folder.file()));  // keeps the WAL when the raw one closes
  ASSERT_EQ(raw(folder.file(), "PRAGMA user_version = 99"), SQLITE_OK);
  auto refused = sqlite::open(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::newer);
}

TEST(SqliteFile, OfANewerFormatIsRefused) {
  const Folder folder;
  make_settled(folder);
  force(folder.file(), "UPDATE head SET least_reader = 2");
  auto refused = sqlite::open_to_read(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::newer);
}

TEST(SqliteFile, WhoseMigrationIsAnotherIsRefused) {
  const Folder folder;
  make_settled(folder);
  force(folder.file(), "UPDATE migration SET digest = zeroblob(32)");
  auto refused = sqlite::open(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::damaged);
}

TEST(SqliteFile, ThatLeftWalModeIsNotWritten) {
  const Folder folder;
  make_settled(folder);
  ASSERT_EQ(raw(folder.file(), "PRAGMA journal_mode = DELETE"), SQLITE_OK);
  auto refused = sqlite::open(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::damaged);
}

TEST(SqliteFile, KeepsItsEventsAcrossOpening) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  append_many(*must(sqlite::open(folder.file())), 1, 3);
  append_many(*must(sqlite::open(folder.file())), 4, 2);
  auto reader = must(sqlite::open_to_read(folder.file()));
  EXPECT_EQ(must(reader->head()).sequence, Sequence{5});
  EXPECT_FALSE(must(verify(*reader, {})).finding);
}

// A reader that brought the WAL into the file, or a writer that did so without the lock, is what
// loses commits on Debian's SQLite.
TEST(SqliteFile, IsNotFlushedByClosing) {
  const Folder folder;
  make_settled(folder);
  append_many(*must(sqlite::open(folder.file())), 4, 1);
  const std::string before = bytes_of(folder.file());
  EXPECT_GT(std::filesystem::file_size(folder.file("hal9.db-wal")), 0U);
  must(must(sqlite::open_to_read(folder.file()))->head());
  EXPECT_TRUE(bytes_of(folder.file()) == before);
  EXPECT_GT(std::filesystem::file_size(folder.file("hal9.db-wal")), 0U);
}

// Whoever opens a ledger that nobody has open reads its whole WAL first.
class SqliteFileWithALongWal : public testing::Test {
 protected:
  SqliteFileWithALongWal() { must(sqlite::create(folder_.file(), "demo")); }

  // Writes until the WAL is long; the store is still open.
  std::unique_ptr<Store> write_much() {
    auto store = must(sqlite::open(folder_.file()));
    for (std::uint64_t n = 1; wal() < 256UL * 1024UL; n += 50) append_many(*store, n, 50);
    return store;
  }
  [[nodiscard]] std::uintmax_t wal() const {
    return std::filesystem::file_size(folder_.file("hal9.db-wal"));
  }

  Folder folder_;
};

TEST_F(SqliteFileWithALongWal, IsFlushedWhenItsWriterCloses) {
  auto store = write_much();
  const Sequence end = must(store->head()).sequence;
  store.reset();
  EXPECT_EQ(wal(), 0U);
  auto reader = must(sqlite::open_to_read(folder_.file()));
  EXPECT_EQ(must(reader->head()).sequence, end);
  EXPECT_FALSE(must(verify(*reader, {})).finding);
}

TEST_F(SqliteFileWithALongWal, IsNotFlushedInHaste) {
  auto store = write_much();
  store->close_in_haste();
  store.reset();
  EXPECT_GT(wal(), 0U);
}

TEST_F(SqliteFileWithALongWal, IsNotFlushedByOneWhoOnlyLooked) {
  auto store = write_much();
  auto looking = must(sqlite::open(folder_.file()));
  must(looking->head());
  store->close_in_haste();
  store.reset();
  looking.reset();
  EXPECT_GT(wal(), 0U);
}

TEST_F(SqliteFileWithALongWal, IsLeftToAWriterWhoIsStillThere) {
  auto store = write_much();
  auto other = must(sqlite::open(folder_.file()));
  auto batch = must(other->begin(kNoWait));
  store.reset();
  EXPECT_GT(wal(), 0U);
  batch.reset();
  other.reset();
  EXPECT_EQ(wal(), 0U);
}

// Closing any descriptor of a file drops the process's locks on it. Were ours dropped, another
// process could take the file out of WAL mode under an open store.
TEST(SqliteFile, KeepsItsLocksWhileTheSameProcessOpensItAgain) {
  const Folder folder;
  make_settled(folder);
  const std::string line =
      "sqlite3 '" + folder.file().string() + "' 'PRAGMA journal_mode = DELETE' >/dev/null 2>&1";
  {
    auto store = must(sqlite::open(folder.file()));
    must(store->head());
    must(must(sqlite::open_to_read(folder.file()))->head());
    EXPECT_NE(std::system(line.c_str()), 0);
  }
  EXPECT_EQ(std::system(line.c_str()), 0);  // the same line works once the store is closed
}

// Whoever wrote on would write into a file that nobody opens again.
TEST(SqliteFile, ThatWasReplacedWhileItWasOpenIsNotWritten) {
  const Folder folder;
  make_settled(folder);
  auto store = must(sqlite::open(folder.file()));
  must(store->begin(kNoWait));
  std::filesystem::rename(folder.file(), folder.file("away.db"));
  for (const bool copied : {false, true}) {
    if (copied) std::filesystem::copy_file(folder.file("away.db"), folder.file());
    auto refused = store->begin(kNoWait);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::damaged);
    EXPECT_EQ(refused.error().what, "the ledger's file was replaced while it was open");
    EXPECT_EQ(refused.error().state, "nothing was recorded");
  }
  std::filesystem::rename(folder.file("away.db"), folder.file());
  append_many(*store, 4, 1);  // the same file again: nothing was lost
}

// Somebody cleans up, or puts a backup back: who goes on with the old lock locks nobody out.
TEST(SqliteFile, WhoseLockFileWasReplacedIsLockedByTheNewOne) {
  const Folder folder;
  make_settled(folder);
  auto store = must(sqlite::open(folder.file()));
  append_many(*store, 4, 1);
  std::filesystem::remove(folder.file("hal9.db.lock"));
  auto batch = must(store->begin(kNoWait));
  auto other = must(sqlite::open(folder.file()));
  auto refused = other->begin(std::chrono::milliseconds{0});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "the ledger is locked: " + folder.file().string());
}

TEST(SqliteFile, WithABrokenHeadIsDamaged) {
  const Folder folder;
  make_settled(folder);
  force(folder.file(), "UPDATE head SET frontier = zeroblob(32)");
  auto refused = sqlite::open(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::damaged);
}

}  // namespace

}  // namespace hal9::ledger
