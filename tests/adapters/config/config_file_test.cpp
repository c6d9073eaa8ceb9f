#include "adapters/config/config_file.h"

#include "adapters/folder.h"
#include "base/result.h"
#include "migration/codec.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::config {
namespace {

using ::testing::HasSubstr;

TEST(ConfigFile, IsReadWhenOursAlone) {
  const test::Folder folder;
  test::write(folder.file("hal9.yaml"), commented_default("blue"));
  const auto loaded = load(folder.file("hal9.yaml"));
  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_EQ(loaded->configuration.ledger, folder.file("hal9.db").string());
  EXPECT_FALSE(loaded->from_copy);
}

TEST(ConfigFile, IsRefusedWhenOthersMayWriteIt) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  test::write(file, commented_default("blue"));
  std::filesystem::permissions(file, std::filesystem::perms(0620));
  const auto loaded = load(file);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Code::not_authorised);
  EXPECT_THAT(loaded.error().next, HasSubstr("chmod go-w"));
}

TEST(ConfigFile, IsRefusedAboveItsLimitOrWhenItIsAFolder) {
  const test::Folder folder;
  test::write(folder.file("long.yaml"), std::string(1024 * 1024 + 1, '#'));
  EXPECT_EQ(load(folder.file("long.yaml")).error().code, Code::usage);
  EXPECT_EQ(load(folder.path()).error().code, Code::not_authorised);
  EXPECT_EQ(load(folder.file("none.yaml")).error().code, Code::missing);
}

TEST(ConfigFile, IsFoundByOptionBeforeEnvironment) {
  const test::Folder folder;
  test::write(folder.file("a"), "");
  test::write(folder.file("b"), "");
  EXPECT_EQ(*find(folder.file("a").string(), folder.file("b").string()), folder.file("a"));
  EXPECT_EQ(*find({}, folder.file("b").string()), folder.file("b"));
  const auto absent = find(folder.file("c").string(), folder.file("b").string());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Code::missing);
  EXPECT_EQ(absent.error().next, "hal9-migrate init");
}

// As init does: read, then accepted.
Loaded write_and_keep(const std::filesystem::path& file, const std::string& yaml) {
  test::write(file, yaml);
  auto loaded = load(file);
  EXPECT_TRUE(loaded);
  EXPECT_TRUE(keep_accepted(file, *loaded));
  return loaded.value_or(Loaded{});
}

TEST(AcceptedConfiguration, ComesBackEqual) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  const Loaded made = write_and_keep(file, commented_default("blue"));
  const auto back = load_accepted(file);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(*back, made.configuration);
}

TEST(AcceptedConfiguration, IsRefusedWhenOthersMayWriteIt) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  write_and_keep(file, commented_default("blue"));
  std::filesystem::permissions(folder.file(".hal9-accepted.json"), std::filesystem::perms(0666));
  EXPECT_EQ(load_accepted(file).error().code, Code::not_authorised);
  const auto loaded = load(file);
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->from_copy);
}

TEST(AcceptedConfiguration, StandsForTheSameBytesWithoutParsingThem) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  const Loaded made = write_and_keep(file, commented_default("blue"));
  const auto again = load(file);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->from_copy);
  EXPECT_EQ(again->configuration, made.configuration);
  EXPECT_EQ(again->key, made.key);
}

TEST(AcceptedConfiguration, StandsForNothingElse) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  write_and_keep(file, commented_default("blue"));
  const auto is_parsed = [](const std::filesystem::path& asked, const std::string& name) {
    const auto loaded = load(asked);
    return loaded && !loaded->from_copy && loaded->configuration.name.text() == name;
  };
  test::write(file, commented_default("green"));
  EXPECT_TRUE(is_parsed(file, "green")) << "other bytes";
  test::write(file, commented_default("blue") + "# one more word\n");
  EXPECT_TRUE(is_parsed(file, "blue")) << "a comment is other bytes";
  test::write(file, commented_default("blue"));
  EXPECT_FALSE(is_parsed(file, "blue")) << "and back";

  std::filesystem::create_directory(folder.file("moved"));
  for (const char* name : {"hal9.yaml", ".hal9-accepted.json"}) {
    std::filesystem::copy(folder.file(name), folder.file("moved") / name);
  }
  const auto moved = load(folder.file("moved") / "hal9.yaml");
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->from_copy) << "paths are relative to the folder";
  EXPECT_EQ(moved->configuration.ledger, (folder.file("moved") / "hal9.db").string());
}

TEST(AcceptedConfiguration, ThatWasChangedStandsForNothing) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  write_and_keep(file, commented_default("blue"));
  std::string copy = test::read(folder.file(".hal9-accepted.json"));
  copy.replace(copy.find("blue"), 4, "grey");
  test::write(folder.file(".hal9-accepted.json"), copy);
  const auto loaded = load(file);
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->from_copy);
  EXPECT_EQ(loaded->configuration.name.text(), "blue");
}

// A folder that was copied must not bring back the traffic of the first one; one that was moved took
// its ledger along.
TEST(AcceptedConfiguration, OfAnotherFileIsRefusedAsLongAsThatIsThere) {
  const test::Folder folder;
  for (const char* name : {"first", "second"}) std::filesystem::create_directory(folder.file(name));
  const auto first = folder.file("first") / "hal9.yaml";
  const auto second = folder.file("second") / "hal9.yaml";
  write_and_keep(first, commented_default("blue"));
  std::filesystem::copy(accepted_path(first), accepted_path(second));
  test::write(second, "broken: [");
  const auto refused = load_accepted(second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_THAT(refused.error().why, HasSubstr(first.string()));
  EXPECT_TRUE(load_accepted(folder.file("second") / ".." / "first" / "hal9.yaml"));

  std::filesystem::remove(first);
  const auto moved = load_accepted(second);
  ASSERT_TRUE(moved) << moved.error().what;
  EXPECT_EQ(moved->ledger, (folder.file("second") / "hal9.db").string());
  EXPECT_TRUE(load_accepted(first)) << "its own, and gone";
}

TEST(AcceptedConfiguration, IsOneForEachFileOfAFolder) {
  const test::Folder folder;
  write_and_keep(folder.file("hal9.yaml"), commented_default("blue"));
  write_and_keep(folder.file("bee.yaml"), commented_default("bee"));
  EXPECT_EQ(load_accepted(folder.file("hal9.yaml"))->name.text(), "blue");
  EXPECT_EQ(load_accepted(folder.file("bee.yaml"))->name.text(), "bee");
  EXPECT_EQ(load_accepted(folder.file("typo.yaml")).error().code, Code::missing);
}

TEST(AcceptedConfiguration, OfAnOlderProgramOrDamagedIsNoReasonToFail) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  const Loaded made = write_and_keep(file, commented_default("blue"));
  const auto copy = folder.file(".hal9-accepted.json");
  const std::string json = migration::encode_configuration(made.configuration);
  for (const std::string& bytes :
       {json,
        json + "\n",
        std::string(),
        std::string("\n"),
        "{\n" + file.string() + "\n" + made.key + "\n"}) {
    test::write(copy, bytes);
    const auto loaded = load(file);
    ASSERT_TRUE(loaded) << bytes;
    EXPECT_FALSE(loaded->from_copy) << bytes;
    EXPECT_EQ(loaded->configuration, made.configuration) << bytes;
  }
  test::write(copy, json + "\n");
  EXPECT_EQ(*load_accepted(file), made.configuration);
}

}  // namespace
}  // namespace hal9::config
