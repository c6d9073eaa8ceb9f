// Two threads on one row of blocks: one fills them, the caller's works on those that are full, in
// order. For work of which one half does not need the other's results. A thread costs as much as some
// hundred short steps, so it is for long rows.
#pragma once

#include "base/relay.h"

#include <exception>
#include <functional>
#include <thread>

namespace hal9 {

template <class Block>
class Ahead {
 public:
  // Fills a block; false: there is nothing behind it. Runs on the other thread until this is gone,
  // and outlives it.
  using Fill = std::function<bool(Block&)>;

  explicit Ahead(const Fill& fill) : thread_([this, &fill] { run(fill); }) {}
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;
  // The thread has ended when this is gone, whatever ended the work.
  ~Ahead() { finish(); }

  // As Relay's.
  const Block* next() { return relay_.next(); }
  void give_back() { relay_.give_back(); }

  // Behind the last block: throws what ended the filling.
  void settle() {
    finish();
    if (failed_) std::rethrow_exception(failed_);
  }

 private:
  void run(const Fill& fill) {
    try {
      for (bool more = true; more;) {
        Block* const block = relay_.to_fill();
        if (block == nullptr) break;
        try {
          more = fill(*block);
        } catch (...) {
          // What was filled in before it is still handed over.
          failed_ = std::current_exception();
          more = false;
        }
        relay_.hand_over();
      }
    } catch (...) {
      failed_ = std::current_exception();
    }
    relay_.end();
  }
  void finish() {
    relay_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Relay<Block> relay_;
  std::exception_ptr failed_;  // the thread's until it is joined
  std::thread thread_;
};

}  // namespace hal9
