// A witness behind a program: what it prints is taken as it is, what it says is looked at again.
#include "adapters/folder.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "engine/seals.h"

#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace hal9::system {
namespace {

namespace fs = std::filesystem;

class SealCommand : public testing::Test {
 protected:
  SealCommand() {
    test::write(ledger_, "ledger");
    fs::create_directory(folder_.file("kept"));
  }
  // A program that does `script`, with the place's word as $1 and a name as $2.
  std::unique_ptr<engine::SealPlace> by(const std::string& script) {
    return make_witness_command({"/bin/sh", "-c", script, folder_.file("kept")}, ledger_);
  }
  std::unique_ptr<engine::SealPlace> by_tool() {
    return make_witness_command({HAL9_WITNESS, folder_.file("kept")}, ledger_);
  }

  test::Folder folder_;
  fs::path ledger_ = folder_.file("hal9.db");
};

TEST_F(SealCommand, BeginsInTheFolderThatHal9YamlIsIn) {
  const auto place = make_witness_command(
      {"/bin/sh", "-c", "printf '%s\\0' \"$(pwd -P)\""}, ledger_, folder_.path()
  );
  const auto files = place->read();
  ASSERT_TRUE(files) << files.error().why;
  EXPECT_EQ(files->front().bytes, folder_.path().string());
}

std::vector<std::string> bytes_of(engine::SealPlace& place) {
  std::vector<std::string> bytes;
  const auto files = place.read().value();
  for (const auto& file : files) bytes.push_back(file.bytes);
  return bytes;
}

TEST_F(SealCommand, OfTheToolKeepsSealsAsTheyAreAndReplacesNone) {
  const auto witness = by_tool();
  EXPECT_TRUE(witness->read().value().empty());
  ASSERT_TRUE(witness->put(20, "aabbccdd", "twenty\n\n\xe2\x80\x94 x\n"));
  ASSERT_TRUE(witness->put(7, "aabbccdd", "seven\n"));
  EXPECT_EQ(
      bytes_of(*witness), (std::vector<std::string>{"seven\n", "twenty\n\n\xe2\x80\x94 x\n"})
  );
  EXPECT_EQ(witness->read().value().front().name, "");
  EXPECT_TRUE(witness->put(7, "aabbccdd", "seven\n"));
  const auto other = witness->put(7, "aabbccdd", "other\n");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().why.find("another seal is kept"), std::string::npos);
  EXPECT_EQ(bytes_of(*witness).front(), "seven\n");
  // Nothing else is there: no draft, no other name.
  EXPECT_EQ(
      std::distance(fs::directory_iterator(folder_.file("kept")), fs::directory_iterator()), 2
  );
}

TEST_F(SealCommand, ThatSaysItKeptAndDidNotIsFoundOut) {
  const auto put = by("exit 0")->put(7, "aabbccdd", "seven\n");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::conflict);
}

TEST_F(SealCommand, ThatFailsIsToldByItsFirstWords) {
  const auto read = by("echo 'no route to host' >&2; echo more >&2; exit 255")->read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::unreachable);
  EXPECT_EQ(read.error().why, "no route to host");
  EXPECT_NE(read.error().what.find("ended with 255"), std::string::npos);
}

TEST_F(SealCommand, OfAnotherUserIsNotRunByRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "not root";
  ASSERT_EQ(::chown(ledger_.c_str(), 12345, 12345), 0);
  const auto ran = folder_.file("ran");
  const auto read = by("touch " + ran.string())->read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::not_authorised);
  EXPECT_FALSE(fs::exists(ran));
  EXPECT_EQ(::chown(ledger_.c_str(), 0, 0), 0);
  EXPECT_TRUE(by("touch " + ran.string())->read());
  EXPECT_TRUE(fs::exists(ran));
}

TEST_F(SealCommand, WithoutTheLastEndIsNotTakenForWhole) {
  const auto read = by("printf 'seven\\n\\0twen'")->read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::damaged);
}

}  // namespace
}  // namespace hal9::system
