// A disk that is full, a disk that is read-only. Both need a small file system of their own; where
// mounting is not permitted the cases are skipped and say so.
#include "adapters/sqlite/sqlite_store.h"
#include "base/result.h"
#include "base/sha256.h"
#include "conformance/store/sqlite_raw.h"
#include "conformance/store/store_support.h"
#include "ledger/line.h"
#include "ledger/verify.h"

#include <cstdint>
#include <filesystem>
#include <vector>

#include <sys/mount.h>

namespace hal9::ledger {

namespace {

class SmallDisk : public testing::Test {
 protected:
  void SetUp() override {
    mounted_ = ::mount("hal9-test", folder_.path().c_str(), "tmpfs", 0, "size=1m") == 0;
    if (!mounted_) GTEST_SKIP() << "mounting a tmpfs is not permitted here";
  }
  void TearDown() override {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  void make_read_only() {
    ASSERT_EQ(::mount("", folder_.path().c_str(), "", MS_REMOUNT | MS_RDONLY, ""), 0);
  }

  Folder folder_;
  bool mounted_ = false;
};

TEST_F(SmallDisk, FullKeepsWhatWasAcknowledgedAndRecoversWhenFreed) {
  put_bytes(folder_.file("ballast"), std::string(200'000, 'x'));
  must(sqlite::create(folder_.file(), "demo"));
  auto store = must(sqlite::open(folder_.file()));
  std::uint64_t acknowledged = 0;
  Error error;
  for (std::uint64_t n = 1; n < 2000 && error.what.empty(); ++n) {
    auto batch = store->begin(kNoWait);
    ASSERT_TRUE(batch);
    const std::vector<Draft> drafts{draft_of(n)};
    auto appended = (*batch)->append(drafts, kNoon, command_id(n), sha256("command"));
    auto done = appended ? (*batch)->commit() : Result<void>(tl::unexpected(appended.error()));
    if (done) {
      ++acknowledged;
    } else {
      error = done.error();
    }
  }
  EXPECT_EQ(error.code, Code::full) << error.what << error.why;
  EXPECT_GT(acknowledged, 0U);
  auto again = store->begin(kNoWait);
  ASSERT_FALSE(again) << "a store whose write failed is not written any more";
  EXPECT_EQ(again.error().code, Code::failed);
  EXPECT_EQ(must(must(sqlite::open_to_read(folder_.file()))->head()).sequence.value, acknowledged);
  store.reset();
  std::filesystem::remove(folder_.file("ballast"));
  auto freed = must(sqlite::open(folder_.file()));
  append_many(*freed, 5000, 1);
  EXPECT_EQ(must(freed->head()).sequence.value, acknowledged + 1);
  EXPECT_FALSE(must(verify(*freed, {})).finding);
}

TEST_F(SmallDisk, FullMakesNoHalfLedger) {
  put_bytes(folder_.file("ballast"), std::string((1U << 20U) - 8192, 'x'));
  auto refused = sqlite::create(folder_.file(), "demo");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::full) << refused.error().what << refused.error().why;
  EXPECT_EQ(contents(folder_).size(), 1U);
}

TEST_F(SmallDisk, ReadOnlyIsReadAndNotWritten) {
  must(sqlite::create(folder_.file(), "demo"));
  append_many(*must(sqlite::open(folder_.file())), 1, 3);
  settle(folder_.file());
  make_read_only();
  auto refused = sqlite::open(folder_.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::read_only) << refused.error().why;
  EXPECT_EQ(lines_of(*must(sqlite::open_to_read(folder_.file()))).size(), 3U);
  auto made = sqlite::create(folder_.file("other.db"), "demo");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::read_only);
}

// An immutable open would show the events that were in the file before and hide those in the WAL.
TEST_F(SmallDisk, ReadOnlyWithEventsInTheWalIsRefusedAndNotReadOld) {
  must(sqlite::create(folder_.file(), "demo"));
  append_many(*must(sqlite::open(folder_.file())), 1, 3);
  std::filesystem::remove(folder_.file("hal9.db-shm"));
  make_read_only();
  auto refused = sqlite::open_to_read(folder_.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::read_only);
}

}  // namespace

}  // namespace hal9::ledger
