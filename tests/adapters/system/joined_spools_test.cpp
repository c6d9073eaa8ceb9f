#include "adapters/system/system.h"
#include "engine/spool.h"
#include "migration/actor.h"
#include "migration/commands.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace hal9::system {
namespace {

class JoinedSpools : public ::testing::Test {
 protected:
  JoinedSpools() { std::filesystem::create_directories(folder_); }
  ~JoinedSpools() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<engine::Spool> both(const std::filesystem::path& first) {
    std::vector<std::unique_ptr<engine::Spool>> own;
    own.push_back(make_spool(first, folder_ / "ledger"));
    own.push_back(make_spare_spool(second_, folder_ / "ledger"));
    std::vector<std::unique_ptr<engine::Spool>> others;
    others.push_back(make_spare_spool(third_, folder_ / "ledger"));
    return join_spools(std::move(own), std::move(others));
  }
  static migration::Command note(int second, const std::string& text) {
    migration::Command command;
    command.at = Time(std::chrono::seconds(1'700'000'000 + second));
    command.id = CommandId::make(command.at, {});
    command.actor = {migration::AuthType::unverified, "os:alice", {}, {}};
    command.correlation = CorrelationId{command.id.bytes};
    command.body = migration::Annotate{text, "", {}, {}};
    return command;
  }

  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("joined-spools-" + std::to_string(::getpid()));
  std::filesystem::path first_ = folder_ / "first.spool";
  std::filesystem::path second_ = folder_ / "second.spool";
  std::filesystem::path third_ = folder_ / "third.spool";
  std::filesystem::path nowhere_ = folder_ / "no-such-folder" / "first.spool";
};

TEST_F(JoinedSpools, TheFirstTakesWhatItCan) {
  auto spool = both(first_);
  ASSERT_TRUE(spool->append(note(1, "one")));
  EXPECT_EQ(spool->location(), first_.string());
  EXPECT_FALSE(std::filesystem::exists(second_));
}

TEST_F(JoinedSpools, TheSecondTakesWhatTheFirstCannot) {
  auto spool = both(nowhere_);
  ASSERT_TRUE(spool->append(note(1, "one")));
  EXPECT_EQ(spool->location(), second_.string());
  EXPECT_EQ(both(first_)->read()->commands.size(), 1U);
}

TEST_F(JoinedSpools, BothAreReadByTimeAndForgotten) {
  ASSERT_TRUE(both(first_)->append(note(1, "one")));
  ASSERT_TRUE(both(nowhere_)->append(note(2, "two")));
  ASSERT_TRUE(both(first_)->append(note(3, "three")));
  auto spool = both(first_);
  auto read = spool->read();
  ASSERT_TRUE(read);
  ASSERT_EQ(read->commands.size(), 3U);
  EXPECT_EQ(read->commands[1], note(2, "two"));
  ASSERT_TRUE(spool->remove(*read));
  EXPECT_TRUE(both(first_)->read()->commands.empty());
}

TEST_F(JoinedSpools, ASecondPlaceThatOthersCanWriteIsPassedOverAndSaid) {
  ASSERT_TRUE(both(nowhere_)->append(note(1, "forged")));
  std::filesystem::permissions(second_, std::filesystem::perms(0666));
  ASSERT_TRUE(both(first_)->append(note(2, "ours")));
  auto read = both(first_)->read();
  ASSERT_TRUE(read);
  ASSERT_EQ(read->commands.size(), 1U);
  EXPECT_EQ(read->commands.front(), note(2, "ours"));
  EXPECT_NE(read->unread.find(second_.string()), std::string::npos) << read->unread;
}

TEST_F(JoinedSpools, NothingIsSaidOfPlacesWhereNothingIs) {
  EXPECT_EQ(both(first_)->read()->unread, "");
}

TEST_F(JoinedSpools, AnotherUsersIsReadAndForgottenButTakesNothing) {
  ASSERT_TRUE(make_spare_spool(third_, folder_ / "ledger")->append(note(1, "his")));
  auto spool = both(first_);
  auto read = spool->read();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->commands.size(), 1U);
  ASSERT_TRUE(spool->remove(*read));
  EXPECT_FALSE(std::filesystem::exists(third_));
  std::filesystem::create_directories(second_);
  EXPECT_FALSE(both(nowhere_)->append(note(2, "ours")));
  EXPECT_FALSE(std::filesystem::exists(third_));
}

TEST_F(JoinedSpools, ASpareIsThereWhileSomethingWaitsInIt) {
  auto spare = make_spare_spool(second_, folder_ / "ledger");
  ASSERT_TRUE(spare->append(note(1, "one")));
  auto taken = spare->read();
  ASSERT_TRUE(spare->append(note(2, "two")));
  ASSERT_TRUE(spare->remove(*taken));
  taken = spare->read();
  ASSERT_EQ(taken->commands.size(), 1U);
  ASSERT_TRUE(spare->remove(*taken));
  EXPECT_FALSE(std::filesystem::exists(second_));
  EXPECT_TRUE(spare->append(note(3, "three")));
}

}  // namespace
}  // namespace hal9::system
