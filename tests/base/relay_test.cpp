#include "base/relay.h"

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace hal9 {
namespace {

using Numbers = Relay<std::vector<int>, 3>;

// Blocks of 0, 1, 2 ... numbers that go on where the block before ended; how many blocks it was.
int fill(Numbers& relay, int blocks) {
  int next = 0;
  int filled = 0;
  while (filled < blocks) {
    auto* const block = relay.to_fill();
    if (block == nullptr) break;
    block->clear();
    for (int i = 0; i < filled % 5; ++i) block->push_back(next++);
    relay.hand_over();
    ++filled;
  }
  relay.end();
  return filled;
}

TEST(Relay, GivesEverythingInOrderAndThenEnds) {
  Numbers relay;
  std::thread filling([&] { fill(relay, 1000); });
  int expected = 0;
  int blocks = 0;
  while (const auto* const block = relay.next()) {
    EXPECT_EQ(block->size(), static_cast<std::size_t>(blocks++ % 5));
    for (const int number : *block) EXPECT_EQ(number, expected++);
    relay.give_back();
  }
  filling.join();
  EXPECT_EQ(blocks, 1000);
  EXPECT_EQ(relay.next(), nullptr);
}

TEST(Relay, LetsTheFillingSideRunAheadByTheRingAndNoFurther) {
  Numbers relay;
  for (int i = 0; i < 3; ++i) {
    ASSERT_NE(relay.to_fill(), nullptr);
    relay.hand_over();
  }
  std::atomic<bool> fourth = false;
  std::thread filling([&] { fourth = relay.to_fill() != nullptr; });
  ASSERT_NE(relay.next(), nullptr);
  EXPECT_FALSE(fourth);  // nobody has written it: the ring is full
  relay.give_back();
  filling.join();
  EXPECT_TRUE(fourth);
}

TEST(Relay, StopsTheFillingSideThatWaits) {
  Numbers relay;
  int filled = 0;
  std::thread filling([&] { filled = fill(relay, 1000); });
  ASSERT_NE(relay.next(), nullptr);
  relay.stop();
  filling.join();
  EXPECT_LE(filled, 3);
  EXPECT_EQ(relay.to_fill(), nullptr);
}

TEST(Relay, EndsWithoutABlock) {
  Numbers relay;
  relay.end();
  EXPECT_EQ(relay.next(), nullptr);
}

}  // namespace
}  // namespace hal9
