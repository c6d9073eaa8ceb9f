#include "base/code.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace hal9 {
namespace {

TEST(Code, HasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (int value = 0; value <= static_cast<int>(Code::failed); ++value) {
    const auto word = facts_of(static_cast<Code>(value)).word;
    EXPECT_TRUE(words.insert(word).second) << word;
  }
}

// A rollback goes on without a ledger of the second kind, and is refused by the first.
TEST(Code, TellsARefusalFromALedgerThatCannotBeUsed) {
  for (const Code code : {Code::usage, Code::conflict, Code::stale, Code::gate, Code::negative}) {
    EXPECT_EQ(facts_of(code).kind, CodeKind::refusal);
  }
  for (const Code code : {Code::locked, Code::full, Code::read_only, Code::damaged, Code::failed}) {
    EXPECT_EQ(facts_of(code).kind, CodeKind::unusable);
  }
  for (const Code code : {Code::partly_done, Code::spooled, Code::continues, Code::interrupted}) {
    EXPECT_EQ(facts_of(code).kind, CodeKind::progress);
  }
}

}  // namespace
}  // namespace hal9
