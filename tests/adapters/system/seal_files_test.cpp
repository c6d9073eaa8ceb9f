// Seals and keys as files: never replaced, the secret to its owner alone, a witness never made.
#include "adapters/folder.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "engine/seals.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::system {
namespace {

namespace fs = std::filesystem;

class SealFolder : public ::testing::Test {
 protected:
  SealFolder() { std::ofstream(ledger_) << "ledger"; }

  test::Folder folder_;
  fs::path ledger_ = folder_.file("hal9.db");
  fs::path seals_ = folder_.file("hal9.db.seals");
  std::unique_ptr<engine::OwnSeals> own_ = make_seal_folder(seals_, ledger_);
};

TEST_F(SealFolder, ThatIsNotThereHoldsNothingAndIsMade) {
  EXPECT_TRUE(own_->read().value().empty());
  EXPECT_EQ(own_->up_to().value(), 0U);
  ASSERT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  EXPECT_EQ(own_->read().value(), std::vector<std::string>{"seven\n"});
  EXPECT_EQ(fs::status(seals_).permissions(), fs::perms::owner_all);
}

TEST_F(SealFolder, OfAWitnessIsNotMade) {
  const auto witness = make_witness_folder(folder_.file("mount"));
  EXPECT_FALSE(witness->read());
  EXPECT_FALSE(witness->put(7, "aabbccdd", "seven\n"));
  EXPECT_FALSE(fs::exists(folder_.file("mount")));
  fs::create_directory(folder_.file("mount"));
  EXPECT_TRUE(witness->put(7, "aabbccdd", "seven\n"));
  EXPECT_EQ(witness->read().value().size(), 1U);
}

TEST_F(SealFolder, GivesSealsBySizeAndKnowsTheNewest) {
  for (const std::uint64_t size : {1000U, 9U, 20U}) {
    ASSERT_TRUE(own_->put(size, "aabbccdd", std::to_string(size)));
  }
  EXPECT_EQ(own_->read().value(), (std::vector<std::string>{"9", "20", "1000"}));
  EXPECT_EQ(own_->up_to().value(), 1000U);
}

TEST_F(SealFolder, NeverReplacesASeal) {
  ASSERT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  EXPECT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  const auto other = own_->put(7, "aabbccdd", "another\n");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::conflict);
  EXPECT_EQ(own_->read().value(), std::vector<std::string>{"seven\n"});
}

TEST_F(SealFolder, DoesNotReadThroughALink) {
  ASSERT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  fs::create_symlink(ledger_, seals_ / "00000000000000000008-aabbccdd.seal");
  EXPECT_FALSE(own_->read());
  EXPECT_FALSE(own_->put(8, "aabbccdd", "ledger"));
}

TEST_F(SealFolder, LeavesAloneWhatIsBeingWritten) {
  ASSERT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  std::ofstream(seals_ / ".00000000000000000009-aabbccdd.seal") << "half";
  EXPECT_EQ(own_->read().value().size(), 1U);
  EXPECT_EQ(own_->up_to().value(), 7U);
}

class SealKeyFiles : public SealFolder {
 protected:
  fs::path secret_ = folder_.file("hal9.db.key");
  std::unique_ptr<engine::SealKeys> keys_ = make_seal_keys(ledger_);
};

TEST_F(SealKeyFiles, AreAbsentAtFirst) {
  EXPECT_EQ(keys_->read_secret().value(), std::nullopt);
  EXPECT_EQ(keys_->read_first().value(), std::nullopt);
}

TEST_F(SealKeyFiles, KeepTheSecretForTheirOwnerAlone) {
  ASSERT_TRUE(keys_->write_secret("secret\n"));
  ASSERT_TRUE(keys_->write_first("verifier"));
  EXPECT_EQ(keys_->read_secret().value(), "secret\n");
  EXPECT_EQ(keys_->read_first().value(), "verifier");
  EXPECT_EQ(fs::status(secret_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(SealKeyFiles, ThatOthersCanReadAreNotUsed) {
  ASSERT_TRUE(keys_->write_secret("secret\n"));
  fs::permissions(secret_, fs::perms::group_read, fs::perm_options::add);
  const auto read = keys_->read_secret();
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().next.find("chmod"), std::string::npos) << read.error().next;
}

}  // namespace
}  // namespace hal9::system
