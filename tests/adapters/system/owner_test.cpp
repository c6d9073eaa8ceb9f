// What root makes belongs to the ledger's owner. Shown as root only: nobody else gives files away.
#include "adapters/folder.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "migration/commands.h"

#include <chrono>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::system {
namespace {

constexpr uid_t kUser = 65534;
constexpr gid_t kGroup = 65533;
constexpr const char* kHis = "65534:65533 600";

std::string owner(const std::filesystem::path& file) {
  struct stat status{};
  if (::lstat(file.c_str(), &status) != 0) return "missing";
  return fmt::format("{}:{} {:o}", status.st_uid, status.st_gid, status.st_mode & 07777U);
}

class MadeByRoot : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 || ::chown(folder_.path().c_str(), kUser, kGroup) != 0) {
      GTEST_SKIP() << "only root gives files away, and this is not root";
    }
  }
  void make_ledger() {
    test::write(ledger_, "");
    ASSERT_EQ(::chown(ledger_.c_str(), kUser, kGroup), 0);
    // From here on the folder says something else than the ledger.
    ASSERT_EQ(::chown(folder_.path().c_str(), 0, 0), 0);
  }

  test::Folder folder_;
  std::filesystem::path ledger_ = folder_.file("hal9.db");
  std::filesystem::path file_ = folder_.file("made");
};

TEST_F(MadeByRoot, ALockFileIsTheLedgerOwners) {
  make_ledger();
  ASSERT_TRUE(make_file_lock(file_, ledger_)->acquire(std::chrono::milliseconds(0)));
  EXPECT_EQ(owner(file_), kHis);
}

TEST_F(MadeByRoot, WithoutALedgerItIsTheFoldersOwners) {
  ASSERT_TRUE(make_file_lock(file_, ledger_)->acquire(std::chrono::milliseconds(0)));
  EXPECT_EQ(owner(file_), kHis);
}

TEST_F(MadeByRoot, WhatWasThereIsNotGivenAway) {
  make_ledger();
  test::write(file_, "");
  ASSERT_TRUE(make_file_lock(file_, ledger_)->acquire(std::chrono::milliseconds(0)));
  EXPECT_EQ(owner(file_), "0:0 600");
}

TEST_F(MadeByRoot, ALinkInTheFilesPlaceIsNotFollowed) {
  make_ledger();
  std::filesystem::create_symlink(folder_.file("elsewhere"), file_);
  EXPECT_FALSE(make_file_lock(file_, ledger_)->acquire(std::chrono::milliseconds(0)));
  EXPECT_EQ(owner(folder_.file("elsewhere")), "missing");
}

TEST_F(MadeByRoot, ASpoolIsHisAndHisIsTrusted) {
  make_ledger();
  const auto spool = make_spool(file_, ledger_);
  ASSERT_TRUE(spool->append(migration::Command{}));
  EXPECT_EQ(owner(file_), kHis);
  const auto taken = spool->read();
  ASSERT_TRUE(taken) << taken.error().why;
  ASSERT_TRUE(spool->remove(*taken));
  EXPECT_EQ(owner(file_), kHis);
}

TEST_F(MadeByRoot, ASpoolOfSomebodyElseIsNotTrusted) {
  make_ledger();
  test::write(file_, "planted\n");
  ASSERT_EQ(::chown(file_.c_str(), kUser - 1, kGroup), 0);
  EXPECT_EQ(make_spool(file_, ledger_)->read().error().code, Code::not_authorised);
  const auto spare = make_spare_spool(file_, ledger_)->read();
  ASSERT_TRUE(spare) << "a name that everybody may take holds nothing of ours";
  EXPECT_TRUE(spare->unreadable.empty());
}

TEST_F(MadeByRoot, ASpareIsRootsOwn) {
  make_ledger();
  ASSERT_TRUE(make_spare_spool(file_, ledger_)->append(migration::Command{}));
  EXPECT_EQ(owner(file_), "0:0 600");
}

TEST_F(MadeByRoot, AFileIsHisOrStaysRootsForHisGroupToRead) {
  make_ledger();
  ASSERT_TRUE(write_atomically(file_, "x", ledger_, Keeper::owner));
  EXPECT_EQ(owner(file_), kHis);
  ASSERT_TRUE(write_atomically(file_, "x", ledger_, Keeper::root));
  EXPECT_EQ(owner(file_), "0:65533 640");
  EXPECT_TRUE(read_trusted(file_, 10)) << "root acts upon it";
}

TEST_F(MadeByRoot, AReplacedFileKeepsItsOwner) {
  test::write(file_, "old");
  ASSERT_EQ(::chown(file_.c_str(), kUser - 1, kGroup), 0);
  ASSERT_TRUE(write_atomically(file_, "new"));
  EXPECT_EQ(owner(file_), "65533:65533 600");
}

TEST_F(MadeByRoot, SaysHowRootMayTrustAUsersFile) {
  make_ledger();
  const auto read = read_trusted(ledger_, 10);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::not_authorised);
  EXPECT_NE(read.error().next.find("chown root " + ledger_.string()), std::string::npos);
}

}  // namespace
}  // namespace hal9::system
