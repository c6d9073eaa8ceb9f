// What is true of files alone: hostile ones, the key, what is on the disk.
#include "adapters/objects/object_files.h"

#include "adapters/folder.h"
#include "base/result.h"
#include "engine/objects.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zstd.h>

namespace hal9::objects {
namespace {

namespace fs = std::filesystem;
using engine::ObjectName;

class ObjectFilesTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path place() const { return folder_.path() / "hal9.db.objects"; }
  [[nodiscard]] fs::path file_of(const ObjectName& name) const {
    return place() / name.text().substr(0, 2) / (name.text().substr(2) + ".zst");
  }
  std::unique_ptr<engine::Objects> open() { return make_objects(folder_.path() / "hal9.db"); }
  Code code_of(const ObjectName& name) {
    auto checked = open()->check(name);
    return checked ? Code::interrupted : checked.error().code;
  }
  static std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static void write(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }
  static mode_t mode_of(const fs::path& file) {
    struct stat status{};
    EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
    return status.st_mode & 07777U;
  }

 private:
  test::Folder folder_;
};

TEST_F(ObjectFilesTest, NothingIsMadeBeforeTheFirstIsPutAndThenForTheOwnerAlone) {
  EXPECT_FALSE(open()->get(ObjectName{}));
  EXPECT_TRUE(open()->list().value().empty());
  EXPECT_FALSE(fs::exists(place()));
  const auto name = open()->put("text").value();
  EXPECT_EQ(mode_of(place()), 0700U);
  EXPECT_EQ(mode_of(place() / "key"), 0600U);
  EXPECT_EQ(mode_of(file_of(name).parent_path()), 0700U);
  EXPECT_EQ(mode_of(file_of(name)), 0600U);
}

TEST_F(ObjectFilesTest, EveryFlippedByteIsFoundAndPuttingItAgainMendsIt) {
  const std::string content = "a text that is kept whole, and is long enough to be worth it";
  const auto name = open()->put(content).value();
  const std::string whole = read(file_of(name));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    write(file_of(name), flipped);
    const auto got = open()->get(name);
    // Never another content.
    if (got) EXPECT_EQ(*got, content) << "byte " << at;
  }
  std::string flipped = whole;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  write(file_of(name), flipped);
  EXPECT_EQ(code_of(name), Code::damaged);
  EXPECT_EQ(open()->put(content).value(), name);
  EXPECT_EQ(open()->get(name).value(), content);
}

TEST_F(ObjectFilesTest, ALinkADeviceAndAFolderInItsPlaceAreDamaged) {
  const auto name = open()->put("text").value();
  const auto elsewhere = place() / "elsewhere";
  fs::rename(file_of(name), elsewhere);
  fs::create_symlink(elsewhere, file_of(name));
  EXPECT_EQ(code_of(name), Code::damaged);
  fs::remove(file_of(name));
  ASSERT_EQ(::mkfifo(file_of(name).c_str(), 0600), 0);
  EXPECT_EQ(code_of(name), Code::damaged);
  fs::remove(file_of(name));
  fs::create_directory(file_of(name));
  EXPECT_EQ(code_of(name), Code::damaged);
  fs::remove(file_of(name));
  EXPECT_EQ(code_of(name), Code::missing);
}

TEST_F(ObjectFilesTest, ABombAnotherFormatAndAnotherContentAreDamaged) {
  const auto name = open()->put("text").value();
  const std::string zeros(2 * engine::kMaxObjectBytes, '\0');
  std::string bomb(ZSTD_compressBound(zeros.size()), '\0');
  bomb.resize(ZSTD_compress(bomb.data(), bomb.size(), zeros.data(), zeros.size(), 3));
  ASSERT_LT(bomb.size(), 64U << 10U);
  write(file_of(name), bomb);
  EXPECT_EQ(code_of(name), Code::damaged);
  for (const char* bytes : {"", "text", "\x1f\x8b\x08"}) {
    write(file_of(name), bytes);
    EXPECT_EQ(code_of(name), Code::damaged) << bytes;
  }
  const auto other = open()->put("other").value();
  fs::copy_file(file_of(other), file_of(name), fs::copy_options::overwrite_existing);
  EXPECT_EQ(code_of(name), Code::damaged);
}

TEST_F(ObjectFilesTest, AKeyThatOthersCanReadIsGoodEnoughToReadByAndNamesNothing) {
  const auto name = open()->put("text").value();
  ASSERT_EQ(::chmod((place() / "key").c_str(), 0644), 0);
  EXPECT_EQ(open()->check(name).value(), 4U);
  const auto put = open()->put("more");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::not_authorised);
  EXPECT_EQ(put.error().next.substr(0, 10), "chmod 600 ");
}

TEST_F(ObjectFilesTest, AnotherKeyMakesNoObjectOutOfAnotherContent) {
  const auto name = open()->put("text").value();
  write(place() / "key", std::string(32, 'k'));
  EXPECT_EQ(code_of(name), Code::damaged);
  write(place() / "key", std::string(31, 'k'));
  EXPECT_EQ(open()->get(name).error().why, "a key has 32 bytes, it has others");
}

TEST_F(ObjectFilesTest, AKeyThatIsGoneIsNotMadeAnewOverObjects) {
  const auto name = open()->put("text").value();
  fs::remove(place() / "key");
  EXPECT_EQ(code_of(name), Code::missing);
  const auto put = open()->put("more");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::missing);
  EXPECT_FALSE(fs::exists(place() / "key"));
}

}  // namespace
}  // namespace hal9::objects
