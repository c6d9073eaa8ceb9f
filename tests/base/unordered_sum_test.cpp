#include "base/unordered_sum.h"

#include "base/id.h"

#include <gtest/gtest.h>

namespace hal9 {

namespace {

constexpr Bytes16 kKey{7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5, 2};

TEST(UnorderedSum, IsOfTheItemsInWhateverOrder) {
  UnorderedSum one(kKey);
  UnorderedSum other(kKey);
  one.add({1, 2});
  one.add({3, 4});
  other.add({3, 4});
  EXPECT_NE(one, other);
  other.add({1, 2});
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.count(), 2U);
}

// What adding up the parts would take for the same.
TEST(UnorderedSum, TellsPartsThatChangedPlacesOrItems) {
  UnorderedSum one(kKey);
  UnorderedSum other(kKey);
  UnorderedSum crossed(kKey);
  one.add({1, 2});
  one.add({3, 4});
  other.add({2, 1});
  other.add({3, 4});
  crossed.add({1, 4});
  crossed.add({3, 2});
  EXPECT_NE(one, other);
  EXPECT_NE(one, crossed);
}

TEST(UnorderedSum, CountsAnItemAsOftenAsItIsThere) {
  UnorderedSum once(kKey);
  UnorderedSum thrice(kKey);
  once.add({1});
  for (int i = 0; i < 3; ++i) thrice.add({1});
  EXPECT_NE(once, thrice);
}

TEST(UnorderedSum, IsAnotherOneByAnotherKey) {
  UnorderedSum one(kKey);
  UnorderedSum other(Bytes16{1});
  one.add({1, 2});
  other.add({1, 2});
  EXPECT_NE(one, other);
}

}  // namespace

}  // namespace hal9
