// Seals and keys as files: never replaced, the secret to its owner alone, a witness never made.
#include "adapters/folder.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/seals.h"
#include "ledger/note.h"
#include "ledger/seal.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::system {
namespace {

namespace fs = std::filesystem;

class SealFolder : public ::testing::Test {
 protected:
  SealFolder() { std::ofstream(ledger_) << "ledger"; }

  // A seal of `size` events, and the file's name that it has.
  static std::pair<std::string, std::string> seal_of(std::uint64_t size) {
    const auto key = ledger::make_signing_key(ledger::seal_origin("test"), {1}).value();
    std::string bytes = ledger::make_seal({ledger::seal_origin("test"), size, {}}, key).value();
    std::string name = ledger::seal_name(ledger::parse_seal(bytes).value());
    return {std::move(name), std::move(bytes)};
  }
  void keep(std::uint64_t size) {
    const auto [name, bytes] = seal_of(size);
    write(name, bytes);
  }
  void write(const std::string& name, const std::string& bytes) {
    fs::create_directory(seals_);
    std::ofstream(seals_ / name) << bytes;
  }
  std::vector<std::string> bytes() {
    std::vector<std::string> bytes;
    const auto files = own_->read().value();
    for (const auto& file : files) bytes.push_back(file.bytes);
    return bytes;
  }

  test::Folder folder_;
  fs::path ledger_ = folder_.file("hal9.db");
  fs::path seals_ = folder_.file("hal9.db.seals");
  std::unique_ptr<engine::OwnSeals> own_ = make_seal_folder(seals_, ledger_);
};

TEST_F(SealFolder, ThatIsNotThereHoldsNothingAndIsMade) {
  EXPECT_TRUE(own_->read().value().empty());
  EXPECT_FALSE(own_->newest().value());
  ASSERT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  EXPECT_EQ(bytes(), std::vector<std::string>{"seven\n"});
  EXPECT_EQ(own_->read().value().front().name, "00000000000000000007-aabbccdd.seal");
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
  for (const std::uint64_t size : {1000U, 9U, 20U}) keep(size);
  EXPECT_EQ(
      bytes(),
      (std::vector<std::string>{seal_of(9).second, seal_of(20).second, seal_of(1000).second})
  );
  EXPECT_EQ(own_->newest().value().value().size, 1000U);
}

TEST_F(SealFolder, BelievesNoName) {
  keep(7);
  const std::string seven = seal_of(7).second;
  write("00000000000000999999-copy.seal", seven);
  write(seal_of(888).first, seven);
  write("00000000000000000777-aabbccdd.seal", "no seal");
  write("zz.seal", "nor this");
  write("9.seal", seal_of(9).second);
  EXPECT_EQ(own_->newest().value().value().size, 7U);
  fs::remove(seals_ / seal_of(7).first);
  EXPECT_FALSE(own_->newest().value());
}

TEST_F(SealFolder, NeverReplacesASeal) {
  ASSERT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  EXPECT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  const auto other = own_->put(7, "aabbccdd", "another\n");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::conflict);
  EXPECT_EQ(bytes(), std::vector<std::string>{"seven\n"});
}

// One that cannot be read is named, and takes nothing from the others.
TEST_F(SealFolder, DoesNotReadThroughALink) {
  ASSERT_TRUE(own_->put(7, "aabbccdd", "seven\n"));
  fs::create_symlink(ledger_, seals_ / "00000000000000000008-aabbccdd.seal");
  fs::create_directory(seals_ / "00000000000000000009-aabbccdd.seal");
  const auto files = own_->read().value();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].bytes, "seven\n");
  EXPECT_EQ(files[1].name, "00000000000000000008-aabbccdd.seal");
  EXPECT_EQ(files[1].bytes, "");
  EXPECT_EQ(files[1].problem, "it is a link");
  EXPECT_EQ(files[2].problem, "it is no file");
  EXPECT_FALSE(own_->put(8, "aabbccdd", "ledger"));
}

TEST_F(SealFolder, LeavesAloneWhatIsBeingWritten) {
  keep(7);
  write("." + seal_of(9).first, seal_of(9).second);
  EXPECT_EQ(own_->read().value().size(), 1U);
  EXPECT_EQ(own_->newest().value().value().size, 7U);
}

TEST_F(SealFolder, KnowsWhenItWasLastTried) {
  EXPECT_EQ(own_->tried(), std::nullopt);
  EXPECT_TRUE(own_->set_tried({}));
  EXPECT_FALSE(fs::exists(seals_)) << "nothing is made to say nothing";
  const Time first{std::chrono::microseconds{1'700'000'000'123'456}};
  ASSERT_TRUE(own_->set_tried(first));
  EXPECT_EQ(own_->tried(), first);
  const auto mark = seals_ / ".tried";
  EXPECT_EQ(fs::status(mark).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::file_size(mark), 0U);
  ASSERT_TRUE(own_->set_tried(first - std::chrono::hours(1)));
  EXPECT_EQ(own_->tried(), first - std::chrono::hours(1));
  EXPECT_TRUE(own_->read().value().empty());
  EXPECT_FALSE(own_->newest().value());
  ASSERT_TRUE(own_->set_tried({}));
  EXPECT_FALSE(fs::exists(mark));
  EXPECT_EQ(own_->tried(), std::nullopt);
}

TEST_F(SealFolder, MarksNothingBehindALink) {
  fs::create_directory(folder_.file("elsewhere"));
  fs::create_symlink(folder_.file("elsewhere"), seals_);
  EXPECT_FALSE(own_->set_tried(Time{}));
  EXPECT_TRUE(fs::is_empty(folder_.file("elsewhere")));
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
