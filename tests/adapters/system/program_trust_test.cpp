#include "adapters/system/program_trust.h"

#include "adapters/folder.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace hal9::system {
namespace {

namespace fs = std::filesystem;
using fs::perms;

// A program in a folder of its own, both the user's alone.
struct Installed {
  Installed() {
    fs::create_directory(tools);
    std::ofstream(program) << "#!/bin/sh\n";
    fs::permissions(tools, perms::owner_all);
    fs::permissions(program, perms::owner_all);
  }
  // Absent: nobody else could replace it.
  std::optional<Replaceable> look(std::uint32_t user = ::geteuid()) const {
    return replaceable_at({program.string()}, user, user);
  }
  test::Folder folder;
  fs::path tools = folder.file("tools");
  fs::path program = tools / "scale";
};

TEST(ProgramTrust, IsThereWhereNobodyElseMayWrite) {
  const Installed installed;
  EXPECT_FALSE(installed.look());
  EXPECT_FALSE(replaceable_at({"/bin/sh", "-c", "exit"}, ::geteuid(), ::geteuid()));
  EXPECT_FALSE(replaceable_at({"/no/such/program"}, ::geteuid(), ::geteuid()));
}

TEST(ProgramTrust, LooksAtAScriptThatIsNamedFromTheFolderWhereItRuns) {
  const Installed installed;
  const std::vector<std::string> command{"/bin/sh", "scale", "none"};
  EXPECT_FALSE(replaceable_at(command, ::geteuid(), ::geteuid(), installed.tools));
  fs::permissions(installed.program, perms::all);
  const auto found = replaceable_at(command, ::geteuid(), ::geteuid(), installed.tools);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->place, installed.program);
  EXPECT_FALSE(replaceable_at(command, ::geteuid(), ::geteuid())) << "it runs nobody knows where";
}

TEST(ProgramTrust, LooksAtTheFileItsFoldersAndWhatALinkLeadsTo) {
  const Installed installed;
  fs::permissions(installed.program, perms::all);
  const auto file = installed.look();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->place, installed.program);
  EXPECT_EQ(file->next, "chmod o-w " + installed.program.string());
  fs::permissions(installed.program, perms::owner_all);

  fs::permissions(installed.tools, perms::all);
  const fs::path link = installed.folder.file("link");
  fs::create_symlink(installed.program, link);
  for (const fs::path& named : {installed.program, link}) {
    const auto folder = replaceable_at({named.string()}, ::geteuid(), ::geteuid());
    ASSERT_TRUE(folder) << named;
    EXPECT_EQ(folder->place, installed.tools);
  }
  // There nobody removes what is another's.
  fs::permissions(installed.tools, perms::all | perms::sticky_bit);
  EXPECT_FALSE(installed.look());
}

TEST(ProgramTrust, LooksAtTheFoldersOfLinksInBetween) {
  const Installed installed;
  const fs::path open = installed.folder.file("open");
  fs::create_directory(open);
  fs::permissions(open, perms::all);
  fs::create_symlink("../tools/scale", open / "mid");
  const fs::path hop = installed.folder.file("hop");
  fs::create_symlink("open/mid", hop);
  const auto found = replaceable_at({hop.string()}, ::geteuid(), ::geteuid());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->place, open);
}

TEST(ProgramTrust, ALinkOfAnotherCountsAlsoInAStickyFolder) {
  const Installed installed;
  const fs::path link = installed.folder.file("link");
  fs::create_symlink(installed.program, link);
  if (::lchown(link.c_str(), 12345, static_cast<gid_t>(-1)) != 0) {
    GTEST_SKIP() << "files are given away by root";
  }
  const auto found = replaceable_at({link.string()}, ::geteuid(), ::geteuid());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->how, "the link " + link.string() + " belongs to user 12345");
}

// An interpreter is as good as its script.
TEST(ProgramTrust, LooksAtArgumentsThatAreFiles) {
  const Installed installed;
  fs::permissions(installed.program, perms::all);
  const std::string script = installed.program.string();
  EXPECT_TRUE(replaceable_at({"/bin/sh", script}, ::geteuid(), ::geteuid()));
  EXPECT_FALSE(replaceable_at({"/bin/sh", "-c", "scale"}, ::geteuid(), ::geteuid()));
}

TEST(ProgramTrust, AGroupCountsForRootAlone) {
  const Installed installed;
  if (::chown(installed.program.c_str(), static_cast<uid_t>(-1), 12345) != 0) {
    GTEST_SKIP() << "a foreign group is given by root";
  }
  fs::permissions(installed.program, perms::owner_all | perms::group_all);
  const auto found = installed.look(0);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->how, installed.program.string() + " may be written by group 12345");
  EXPECT_FALSE(installed.look(12345));
}

TEST(ProgramTrust, AnotherOwnerCountsUnlessTheLedgerIsHis) {
  const Installed installed;
  if (::chown(installed.program.c_str(), 12345, static_cast<gid_t>(-1)) != 0) {
    GTEST_SKIP() << "files are given away by root";
  }
  const auto found = installed.look();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->how, installed.program.string() + " belongs to user 12345");
  EXPECT_FALSE(replaceable_at({installed.program.string()}, ::geteuid(), 12345));
}

}  // namespace
}  // namespace hal9::system
