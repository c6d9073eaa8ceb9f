// The suite of the port Objects, for files and for memory.
#include "adapters/folder.h"
#include "adapters/objects/object_files.h"
#include "base/result.h"
#include "engine/objects.h"
#include "engine/objects_in_memory.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

enum class Kind { memory, files };

class ObjectsSuite : public testing::TestWithParam<Kind> {
 protected:
  // As another process sees them.
  std::unique_ptr<Objects> open() {
    if (GetParam() == Kind::memory) return std::make_unique<TestObjects>(kept_);
    return objects::make_objects(folder_.path() / "hal9.db");
  }

 private:
  test::Folder folder_;
  std::shared_ptr<KeptInMemory> kept_ = std::make_shared<KeptInMemory>();
};

TEST_P(ObjectsSuite, WhatWasPutIsThereForAnotherProcess) {
  const std::string content("a\0b\xff\n", 5);
  auto name = open()->put(content);
  ASSERT_TRUE(name) << name.error().what;
  auto again = open()->get(*name);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, content);
  EXPECT_EQ(open()->check(*name).value(), content.size());
}

TEST_P(ObjectsSuite, TheSameBytesTwiceAreOneObject) {
  const auto first = open()->put("twice").value();
  EXPECT_EQ(open()->put("twice").value(), first);
  EXPECT_NE(open()->put("other").value(), first);
  EXPECT_EQ(open()->list().value().size(), 2U);
}

TEST_P(ObjectsSuite, AnEmptyOneAndALongOneAreObjects) {
  std::string content(kMaxObjectBytes, 'x');
  EXPECT_EQ(open()->check(open()->put("").value()).value(), 0U);
  EXPECT_EQ(open()->check(open()->put(content).value()).value(), kMaxObjectBytes);
  content += 'x';
  const auto refused = open()->put(content);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
}

TEST_P(ObjectsSuite, MoreThanWasAskedForIsNotHandedOut) {
  const auto name = open()->put("12345").value();
  EXPECT_TRUE(open()->get(name, 5));
  const auto refused = open()->get(name, 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::damaged);
}

TEST_P(ObjectsSuite, WhatWasNeverPutIsMissing) {
  const auto before = open()->get(ObjectName{});
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code, Code::missing);
  EXPECT_TRUE(open()->list().value().empty());
  EXPECT_FALSE(open()->exists());
  ASSERT_TRUE(open()->put("another"));
  EXPECT_TRUE(open()->exists());
  EXPECT_EQ(open()->get(ObjectName{}).error().code, Code::missing);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    ObjectsSuite,
    testing::Values(Kind::memory, Kind::files),
    [](const auto& one) { return one.param == Kind::memory ? "memory" : "files"; }
);

}  // namespace
}  // namespace hal9::engine
