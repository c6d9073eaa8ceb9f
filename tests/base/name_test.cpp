#include "base/name.h"

#include <gtest/gtest.h>

namespace hal9 {

namespace {

TEST(Name, OfTheAlphabetIsTaken) {
  for (const std::string& text :
       {std::string("a"),
        std::string("eu-west-1.protocol"),
        std::string("A_b.9-"),
        std::string(64, 'x')}) {
    EXPECT_EQ(Name::parse(text).value().text(), text);
  }
}

TEST(Name, ThatCouldBeSomethingElseInASinkIsRefused) {
  for (const std::string& text :
       {std::string(),
        std::string(65, 'x'),
        std::string("a b"),
        std::string("a;set map"),
        std::string("a\nshutdown"),
        std::string("a/b"),
        std::string("a\0b", 3),
        std::string("é"),
        std::string("$(x)"),
        std::string("'"),
        std::string("a,b")}) {
    const auto refused = Name::parse(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::usage);
    EXPECT_EQ(refused.error().what.find('\n'), std::string::npos);
  }
}

TEST(Nearest, IsWhatWasMeant) {
  const std::vector<std::string> verbs{"rollback", "migrate", "status", "timeline"};
  EXPECT_EQ(nearest("rollbakc", verbs), "rollback");
  EXPECT_EQ(nearest("statsu", verbs), "status");
  EXPECT_EQ(nearest("migrte", verbs), "migrate");
  EXPECT_EQ(nearest("frobnicate", verbs), "");
  EXPECT_EQ(nearest("", verbs), "");
}

}  // namespace

}  // namespace hal9
