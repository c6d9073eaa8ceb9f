#include "adapters/folder.h"
#include "adapters/system/system.h"
#include "base/result.h"

#include <chrono>
#include <filesystem>
#include <iterator>

#include <gtest/gtest.h>

namespace hal9::system {
namespace {

using std::chrono::milliseconds;

TEST(WriteAtomically, ReplacesTheContentAndLeavesNothingBeside) {
  const test::Folder folder;
  ASSERT_TRUE(write_atomically(folder.file("a"), "old"));
  ASSERT_TRUE(write_atomically(folder.file("a"), "new"));
  EXPECT_EQ(test::read(folder.file("a")), "new");
  const auto status = std::filesystem::status(folder.file("a"));
  EXPECT_EQ(status.permissions(), std::filesystem::perms(0600));
  const auto begin = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin, std::filesystem::directory_iterator()), 1);
}

TEST(WriteAtomically, SaysThatTheFolderIsMissing) {
  const test::Folder folder;
  EXPECT_EQ(write_atomically(folder.file("no/a"), "x").error().code, Code::missing);
}

TEST(WriteAtomically, LeavesNothingBesideAFolderThatItCannotReplace) {
  const test::Folder folder;
  std::filesystem::create_directories(folder.file("a/b"));
  EXPECT_FALSE(write_atomically(folder.file("a"), "x"));
  const auto begin = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin, std::filesystem::directory_iterator()), 1);
}

TEST(ReadTrusted, DoesNotWaitForAPipe) {
  const test::Folder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_trusted(folder.file("pipe"), 10).error().code, Code::not_authorised);
}

TEST(FileLock, IsHeldByOneAndFreeAfterwards) {
  const test::Folder folder;
  const auto one = make_file_lock(folder.file("lock"), folder.file("ledger"));
  const auto other = make_file_lock(folder.file("lock"), folder.file("ledger"));
  auto held = one->acquire(milliseconds(0));
  ASSERT_TRUE(held);
  const auto refused = other->acquire(milliseconds(20));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::locked);
  held->reset();
  EXPECT_TRUE(other->acquire(milliseconds(0)));
}

TEST(FileLock, SaysThatItsFileCannotBeMade) {
  const test::Folder folder;
  const auto lock = make_file_lock(folder.file("no/lock"), folder.file("no/ledger"));
  EXPECT_EQ(lock->acquire(milliseconds(0)).error().code, Code::failed);
}

TEST(LocalActor, IsNeverBlank) {
  const auto actor = local_actor();
  EXPECT_TRUE(actor.id.starts_with("os:")) << actor.id;
  EXPECT_GT(actor.id.size(), 3U);
}

}  // namespace
}  // namespace hal9::system
