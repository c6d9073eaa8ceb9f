#include "output.h"

#include "base/result.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::tools {
namespace {

namespace fs = std::filesystem;

class OutputTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "hal9-output-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static unsigned mode(const fs::path& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    return found.st_mode & 0777U;
  }

  fs::path folder_;
};

TEST_F(OutputTest, MakesMissingFoldersForItsOwnerAlone) {
  const fs::path file = folder_ / "a" / "b" / "out.json";
  auto output = Output::open(file.string(), {}, {});
  ASSERT_TRUE(output.has_value());
  EXPECT_TRUE(output->write("hello"));
  EXPECT_FALSE(fs::exists(file)) << "it is not whole yet";
  ASSERT_TRUE(output->close().has_value());
  EXPECT_EQ(content(file), "hello");
  EXPECT_EQ(mode(file), 0600U);
  EXPECT_EQ(mode(folder_ / "a"), 0700U);
  EXPECT_EQ(mode(folder_ / "a" / "b"), 0700U);
  EXPECT_FALSE(output->displaced());
}

TEST_F(OutputTest, LeavesNothingBehindWhenItIsNotClosed) {
  {
    auto output = Output::open((folder_ / "out").string(), {}, {});
    ASSERT_TRUE(output.has_value());
    output->write("half");
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(OutputTest, GoesBesideTheLedgerWhenTheFolderCannotBe) {
  std::ofstream(folder_ / "file") << "in the way";
  const std::string wanted = (folder_ / "file" / "deeper" / "out.json").string();
  auto output = Output::open(wanted, folder_, {});
  ASSERT_TRUE(output.has_value());
  EXPECT_TRUE(output->displaced());
  output->write("x");
  ASSERT_TRUE(output->close().has_value());
  EXPECT_EQ(content(folder_ / "out.json"), "x");
}

TEST_F(OutputTest, RefusesToReplaceTheLedger) {
  std::ofstream(folder_ / "hal9.db") << "ledger";
  for (const std::string& path :
       {(folder_ / "hal9.db").string(), (folder_ / "." / "hal9.db").string()}) {
    auto output = Output::open(path, folder_, {folder_ / "hal9.db"});
    ASSERT_FALSE(output.has_value());
    EXPECT_EQ(output.error().code, Code::usage);
  }
  EXPECT_EQ(content(folder_ / "hal9.db"), "ledger");
}

TEST_F(OutputTest, WritesToAPipeAndLeavesItOne) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(Output::open(pipe.string(), {}, {}).has_value()) << "nobody reads it";
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  auto output = Output::open(pipe.string(), {}, {});
  ASSERT_TRUE(output.has_value());
  EXPECT_TRUE(output->write("hello"));
  ASSERT_TRUE(output->close().has_value());
  std::string got(16, '\0');
  got.resize(static_cast<std::size_t>(::read(reader, got.data(), got.size())));
  ::close(reader);
  EXPECT_EQ(got, "hello");
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST_F(OutputTest, ReplacesWhatALinkLeadsToAndNotTheLink) {
  const fs::path file = folder_ / "file";
  const fs::path link = folder_ / "link";
  std::ofstream(file) << "old";
  fs::create_symlink(file, link);
  auto output = Output::open(link.string(), {}, {});
  ASSERT_TRUE(output.has_value());
  EXPECT_TRUE(output->write("new"));
  ASSERT_TRUE(output->close().has_value());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(content(file), "new");
}

TEST_F(OutputTest, RefusesAFolder) {
  EXPECT_EQ(Output::open(folder_.string(), {}, {}).error().code, Code::usage);
  EXPECT_EQ(Output::open(folder_.string() + "/", {}, {}).error().code, Code::usage);
}

TEST_F(OutputTest, SaysThatAFileWhichLostItsFolderIsNotThere) {
  auto output = Output::open((folder_ / "out").string(), {}, {});
  ASSERT_TRUE(output.has_value());
  fs::remove_all(folder_);
  output->write("x");
  auto closed = output->close();
  ASSERT_FALSE(closed.has_value());
  EXPECT_NE(closed.error().what.find("cannot be written"), std::string::npos);
}

}  // namespace
}  // namespace hal9::tools
