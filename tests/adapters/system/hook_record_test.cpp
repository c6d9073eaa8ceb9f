// The record of a running hook: what counts as one, and what says nothing.

#include "adapters/system/hook_record.h"

#include "adapters/folder.h"
#include "adapters/system/descriptor.h"

#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

namespace hal9::system {
namespace {

class HookRecord : public ::testing::Test {
 protected:
  // What is said of a lock file with this content.
  bool says(std::string_view content) {
    std::ofstream(file_, std::ios::trunc) << content;
    const Descriptor lock(::open(file_.c_str(), O_RDWR | O_CLOEXEC));
    return recorded_hook(lock.get()).has_value();
  }
  [[nodiscard]] std::string content() const {
    std::ifstream in(file_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::Folder folder_;
  std::filesystem::path file_ = folder_.file("hook.lock");
};

TEST_F(HookRecord, NamesTheProcessThatIsThereWithTheSameStart) {
  std::ofstream(file_
  ) << "longer than any record: this is what some hook wrote into its lock file\n";
  const Descriptor lock(::open(file_.c_str(), O_RDWR | O_CLOEXEC));
  record_hook(lock.get(), ::getpid());
  const auto seen = recorded_hook(lock.get());
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->id, ::getpid());
  EXPECT_EQ(seen->name, "system_test");
  const std::string record = content();
  EXPECT_TRUE(says(record));
  forget_hook(lock.get());
  EXPECT_FALSE(recorded_hook(lock.get()));
}

TEST_F(HookRecord, SaysNothingOfAnotherProcessOfThisId) {
  const Descriptor lock(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  record_hook(lock.get(), ::getpid());
  std::string record = content();
  ASSERT_GT(record.size(), 2U);
  record.insert(record.size() - 1, "0");  // it began later
  EXPECT_FALSE(says(record));
}

TEST_F(HookRecord, ThatIsGarbageSaysNothing) {
  const std::string id = std::to_string(::getpid());
  for (const std::string& content :
       {std::string(),
        std::string("\n"),
        std::string("hook\n"),
        "hook " + id,
        "hook " + id + "\n",
        "hook " + id + " x\n",
        "hook " + id + " 1 more\n",
        std::string("hook -1 1\n"),
        std::string("hook 0 1\n"),
        std::string("hook 1 0\n"),
        std::string("hook 99999999999999999999 1\n"),
        std::string(1UL << 20U, 'h'),
        std::string("hook \0 1\n", 9)}) {
    EXPECT_FALSE(says(content)) << content.substr(0, 40);
  }
}

TEST_F(HookRecord, ThatCannotBeReadSaysNothing) {
  std::ofstream(file_) << "";
  const Descriptor lock(::open(file_.c_str(), O_WRONLY | O_CLOEXEC));
  record_hook(lock.get(), ::getpid());
  EXPECT_FALSE(recorded_hook(lock.get()));
  EXPECT_FALSE(recorded_hook(-1));
}

TEST_F(HookRecord, KnowsWhoHoldsTheLockAndNotWhoHasItOpen) {
  const Descriptor lock(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_TRUE(holders_of(file_).empty());
  ASSERT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
  const auto holders = holders_of(file_);
  ASSERT_EQ(holders.size(), 1U);
  EXPECT_EQ(holders.front().id, ::getpid());
  EXPECT_TRUE(holders_of(folder_.file("none")).empty());
}

TEST(HookRecordText, NamesAFewAndCountsTheOthers) {
  EXPECT_EQ(in_words({{7, "sleep"}}), "process 7 (sleep)");
  EXPECT_EQ(in_words({{7, "sleep"}, {8, ""}}), "processes 7 (sleep), 8");
  EXPECT_EQ(
      in_words({{1, ""}, {2, ""}, {3, ""}, {4, ""}, {5, ""}}), "processes 1, 2, 3 and 2 more"
  );
}

}  // namespace
}  // namespace hal9::system
