#include "adapters/sqlite/read_ahead.h"

#include "base/relay.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstddef>
#include <exception>
#include <functional>
#include <string_view>
#include <thread>

namespace hal9::sqlite {

namespace {

constexpr std::size_t kRowsInABlock = 128;
constexpr std::size_t kBytesInABlock = 64UL * 1024;
// A thread costs about as much as so many rows.
constexpr int kBlocksBefore = 4;

// True as long as there may be more behind it.
bool fill(RowBlock& block, const std::function<bool(RowBlock&)>& next) {
  block.clear();
  while (!block.is_full()) {
    if (!next(block)) return false;
  }
  return true;
}

// The thread that steps. It has ended when this is gone, whatever ended the reading.
class Ahead {
 public:
  explicit Ahead(const std::function<bool(RowBlock&)>& next)
      : thread_([this, &next] { run(next); }) {}
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;
  ~Ahead() { finish(); }

  Relay<RowBlock>& relay() { return relay_; }
  // After the last block: throws what ended it.
  void settle() {
    finish();
    if (failed_) std::rethrow_exception(failed_);
  }

 private:
  void run(const std::function<bool(RowBlock&)>& next) {
    try {
      for (bool more = true; more;) {
        RowBlock* const block = relay_.to_fill();
        if (block == nullptr) break;
        block->clear();
        try {
          more = fill(*block, next);
        } catch (...) {
          // What was read before it is still handed over.
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

  Relay<RowBlock> relay_;
  std::exception_ptr failed_;  // the thread's until it is joined
  std::thread thread_;
};

}  // namespace

ledger::Columns& RowBlock::add(ledger::Sequence sequence, std::string_view line) {
  if (count_ == rows_.size()) rows_.emplace_back();
  Row& row = rows_[count_++];
  row.sequence = sequence;
  row.begin = lines_.size();
  row.size = line.size();
  lines_ += line;
  return row.columns;
}

bool RowBlock::is_full() const {
  return count_ >= kRowsInABlock || lines_.size() >= kBytesInABlock;
}

void RowBlock::clear() {
  count_ = 0;
  // One line of a MiB does not stay in memory for all the short ones behind it.
  if (lines_.capacity() > 4 * kBytesInABlock) lines_ = {};
  lines_.clear();
}

bool RowBlock::visit_all(const ledger::RowVisitor& visit) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const Row& row = rows_[i];
    if (!visit(row.sequence, std::string_view(lines_).substr(row.begin, row.size), row.columns)) {
      return false;
    }
  }
  return true;
}

void read_ahead(const std::function<bool(RowBlock&)>& next, const ledger::RowVisitor& visit) {
  RowBlock block;
  // One by one as long as it is short: who stops at the first row has read one.
  for (int i = 0; i < kBlocksBefore * static_cast<int>(kRowsInABlock); ++i) {
    block.clear();
    if (!next(block) || !block.visit_all(visit)) return;
  }
  Ahead ahead(next);
  while (const RowBlock* const full = ahead.relay().next()) {
    const bool goes_on = full->visit_all(visit);
    ahead.relay().give_back();
    if (!goes_on) return;
  }
  ahead.settle();
}

}  // namespace hal9::sqlite
