#include "adapters/folder.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "engine/spool.h"
#include "migration/commands.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::system {
namespace {

migration::Command command(std::uint8_t number) {
  migration::Command made;
  made.id.bytes[15] = number;
  made.correlation.bytes[15] = number;
  made.actor.id = "os:alice";
  made.reason = "a\nb;\x1b";
  made.body = migration::Annotate{};
  return made;
}

class SpoolFile : public ::testing::Test {
 protected:
  test::Folder folder_;
  std::filesystem::path file_ = folder_.file("hal9.db.spool");
  std::filesystem::path ledger_ = folder_.file("hal9.db");
  std::unique_ptr<engine::Spool> spool_ = make_spool(file_, ledger_);
};

TEST_F(SpoolFile, IsEmptyWhereThereIsNoneOrOnlyRoom) {
  EXPECT_EQ(spool_->read()->bytes, 0U);
  ASSERT_TRUE(prepare_spool(file_, ledger_));
  EXPECT_EQ(std::filesystem::file_size(file_), 64U * 1024);
  EXPECT_EQ(spool_->read()->bytes, 0U);
}

TEST_F(SpoolFile, GivesBackWhatWasAppendedInOrderWithinItsRoom) {
  ASSERT_TRUE(prepare_spool(file_, ledger_));
  ASSERT_TRUE(spool_->append(command(1)));
  ASSERT_TRUE(spool_->append(command(2)));
  const auto read = spool_->read();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->commands, (std::vector{command(1), command(2)}));
  EXPECT_TRUE(read->unreadable.empty());
  EXPECT_EQ(std::filesystem::file_size(file_), 64U * 1024);
}

TEST_F(SpoolFile, MakesItsFileWhenItIsMissing) {
  ASSERT_TRUE(spool_->append(command(1)));
  EXPECT_EQ(spool_->read()->commands.size(), 1U);
}

TEST_F(SpoolFile, KeepsATornLineAsUnreadableAndTheNextOneWhole) {
  ASSERT_TRUE(spool_->append(command(1)));
  std::ofstream(file_, std::ios::app) << R"({"id":"to)";
  EXPECT_EQ(spool_->read()->unreadable, std::vector<std::string>{R"({"id":"to)"});
  ASSERT_TRUE(spool_->append(command(2)));
  const auto read = spool_->read();
  EXPECT_EQ(read->commands, (std::vector{command(1), command(2)}));
  EXPECT_EQ(read->unreadable, std::vector<std::string>{R"({"id":"to)"});
}

TEST_F(SpoolFile, ForgetsWhatWasTakenAndKeepsWhatCameSince) {
  ASSERT_TRUE(spool_->append(command(1)));
  const auto taken = spool_->read();
  ASSERT_TRUE(spool_->append(command(2)));
  ASSERT_TRUE(spool_->remove(*taken));
  EXPECT_EQ(spool_->read()->commands, std::vector{command(2)});
  EXPECT_EQ(std::filesystem::file_size(file_), 64U * 1024);
}

TEST_F(SpoolFile, LosesNothingBetweenAppendersAndARemover) {
  ASSERT_TRUE(prepare_spool(file_, ledger_));
  constexpr int kEach = 20;
  std::size_t seen = 0;
  {
    std::vector<std::jthread> appenders;
    for (std::uint8_t who = 0; who < 2; ++who) {
      appenders.emplace_back([this] {
        const auto own = make_spool(file_, ledger_);
        for (std::uint8_t n = 0; n < kEach; ++n) EXPECT_TRUE(own->append(command(n)));
      });
    }
    for (int round = 0; round < 5; ++round) {
      const auto taken = spool_->read();
      ASSERT_TRUE(taken);
      ASSERT_TRUE(spool_->remove(*taken));
      seen += taken->commands.size();
    }
  }
  EXPECT_EQ(seen + spool_->read()->commands.size(), 2U * kEach);
}

TEST_F(SpoolFile, AppendsToTheNewFileWhenItsOwnWasReplacedWhileItWaited) {
  ASSERT_TRUE(prepare_spool(file_, ledger_));
  auto held = make_file_lock(file_, ledger_)->acquire(std::chrono::milliseconds(0));
  ASSERT_TRUE(held);
  {
    std::jthread appender([this] { EXPECT_TRUE(make_spool(file_, ledger_)->append(command(1))); });
    // Long enough for it to open the file and to wait for the lock; the file then is another.
    make_environment()->wait(std::chrono::milliseconds(50));
    ASSERT_TRUE(prepare_spool(file_, ledger_));
    held->reset();
  }
  EXPECT_EQ(spool_->read()->commands.size(), 1U);
}

TEST_F(SpoolFile, RefusesToReadWhatOthersMayWriteButKeepsTheRecord) {
  ASSERT_TRUE(spool_->append(command(1)));
  std::filesystem::permissions(file_, std::filesystem::perms(0666));
  EXPECT_EQ(spool_->read().error().code, Code::not_authorised);
  ASSERT_TRUE(spool_->append(command(2)));
  std::filesystem::permissions(file_, std::filesystem::perms(0600));
  EXPECT_EQ(spool_->read()->commands.size(), 2U);
}

TEST_F(SpoolFile, RefusesALink) {
  test::write(folder_.file("other"), "");
  std::filesystem::create_symlink(folder_.file("other"), file_);
  EXPECT_EQ(spool_->append(command(1)).error().code, Code::not_authorised);
  EXPECT_EQ(spool_->read().error().code, Code::not_authorised);
}

}  // namespace
}  // namespace hal9::system
