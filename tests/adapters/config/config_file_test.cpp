#include "adapters/config/config_file.h"

#include "adapters/folder.h"
#include "base/result.h"

#include <filesystem>

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
  EXPECT_EQ(loaded->ledger, folder.file("hal9.db").string());
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

TEST(AcceptedConfiguration, ComesBackEqual) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  const auto made = parse(commented_default("blue"), file);
  ASSERT_TRUE(made);
  ASSERT_TRUE(keep_accepted(file, *made));
  const auto back = load_accepted(file);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(*back, *made);
}

TEST(AcceptedConfiguration, IsRefusedWhenOthersMayWriteIt) {
  const test::Folder folder;
  const auto file = folder.file("hal9.yaml");
  ASSERT_TRUE(keep_accepted(file, *parse(commented_default("blue"), file)));
  std::filesystem::permissions(folder.file(".hal9-accepted.json"), std::filesystem::perms(0666));
  EXPECT_EQ(load_accepted(file).error().code, Code::not_authorised);
}

}  // namespace
}  // namespace hal9::config
