// A bounded hand-over of blocks from one thread to one other, in order: one side fills while the
// other reads, and neither runs ahead by more than the ring.
//
// Blocks are made once and used again, so that what they have allocated stays with them and memory
// does not depend on how much passes. Each side holds one block at a time; between hand_over() and
// the other side's next() a block belongs to nobody. Errors are the two sides' own matter.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace hal9 {

template <class Block, std::size_t kBlocks = 4>
class Relay {
 public:
  // For the filling side. Waits for a free block; nullptr: the reader has stopped.
  Block* to_fill() {
    std::unique_lock guard(mutex_);
    moved_.wait(guard, [this] { return stopped_ || filled_ - taken_ < kBlocks; });
    return stopped_ ? nullptr : &blocks_[filled_ % kBlocks];
  }
  void hand_over() {
    const std::scoped_lock guard(mutex_);
    ++filled_;
    moved_.notify_one();
  }
  // Nothing comes behind what was handed over.
  void end() {
    const std::scoped_lock guard(mutex_);
    ended_ = true;
    moved_.notify_one();
  }

  // For the reading side. Waits for a block; nullptr: that was all.
  Block* next() {
    std::unique_lock guard(mutex_);
    moved_.wait(guard, [this] { return ended_ || filled_ != taken_; });
    return filled_ != taken_ ? &blocks_[taken_ % kBlocks] : nullptr;
  }
  // The block that next() gave is free again.
  void give_back() {
    const std::scoped_lock guard(mutex_);
    ++taken_;
    moved_.notify_one();
  }
  // Nothing more is read; the filling side gets no block any more.
  void stop() {
    const std::scoped_lock guard(mutex_);
    stopped_ = true;
    moved_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable moved_;
  std::array<Block, kBlocks> blocks_{};
  std::size_t filled_ = 0;
  std::size_t taken_ = 0;
  bool ended_ = false;
  bool stopped_ = false;
};

}  // namespace hal9
