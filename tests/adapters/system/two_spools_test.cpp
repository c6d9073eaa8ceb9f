#include "adapters/system/system.h"
#include "engine/spool.h"
#include "migration/actor.h"
#include "migration/commands.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace hal9::system {
namespace {

class TwoSpoolsTest : public ::testing::Test {
 protected:
  TwoSpoolsTest() { std::filesystem::create_directories(folder_); }
  ~TwoSpoolsTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<engine::Spool> both(const std::filesystem::path& first) {
    return make_two_spools(make_spool(first), make_spool(second_));
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
      std::filesystem::path(::testing::TempDir()) / ("two-spools-" + std::to_string(::getpid()));
  std::filesystem::path first_ = folder_ / "first.spool";
  std::filesystem::path second_ = folder_ / "second.spool";
  std::filesystem::path nowhere_ = folder_ / "no-such-folder" / "first.spool";
};

TEST_F(TwoSpoolsTest, TheFirstTakesWhatItCan) {
  auto spool = both(first_);
  ASSERT_TRUE(spool->append(note(1, "one")));
  EXPECT_EQ(spool->location(), first_.string());
  EXPECT_FALSE(std::filesystem::exists(second_));
}

TEST_F(TwoSpoolsTest, TheSecondTakesWhatTheFirstCannot) {
  auto spool = both(nowhere_);
  ASSERT_TRUE(spool->append(note(1, "one")));
  EXPECT_EQ(spool->location(), second_.string());
  EXPECT_EQ(both(first_)->read()->commands.size(), 1U);
}

TEST_F(TwoSpoolsTest, BothAreReadByTimeAndForgotten) {
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

TEST_F(TwoSpoolsTest, ASecondPlaceThatOthersCanWriteIsPassedOver) {
  ASSERT_TRUE(both(nowhere_)->append(note(1, "forged")));
  std::filesystem::permissions(second_, std::filesystem::perms(0666));
  ASSERT_TRUE(both(first_)->append(note(2, "ours")));
  auto read = both(first_)->read();
  ASSERT_TRUE(read);
  ASSERT_EQ(read->commands.size(), 1U);
  EXPECT_EQ(read->commands.front(), note(2, "ours"));
}

}  // namespace
}  // namespace hal9::system
