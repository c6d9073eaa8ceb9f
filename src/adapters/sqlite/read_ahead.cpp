#include "adapters/sqlite/read_ahead.h"

#include "adapters/sqlite/scan.h"
#include "base/ahead.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstddef>
#include <functional>
#include <string_view>

#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

namespace {

constexpr std::size_t kRowsInABlock = 128;
constexpr std::size_t kBytesInABlock = 64UL * 1024;
// A thread costs about as much as so many rows.
constexpr int kBlocksBefore = 4;

// True as long as there may be more behind it.
bool fill(SQLite::Database& database, RowBlock& block, const std::function<bool(RowBlock&)>& next) {
  const HeldConnection held(database);
  block.clear();
  while (!block.is_full()) {
    if (!next(block)) return false;
  }
  return true;
}

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

void read_ahead(
    SQLite::Database& database,
    const std::function<bool(RowBlock&)>& next,
    const ledger::RowVisitor& visit
) {
  RowBlock block;
  // One by one as long as it is short: who stops at the first row has read one.
  for (int i = 0; i < kBlocksBefore * static_cast<int>(kRowsInABlock); ++i) {
    block.clear();
    if (!next(block) || !block.visit_all(visit)) return;
  }
  const Ahead<RowBlock>::Fill whole = [&](RowBlock& full) { return fill(database, full, next); };
  Ahead<RowBlock> ahead(whole);
  while (const RowBlock* const full = ahead.next()) {
    const bool goes_on = full->visit_all(visit);
    ahead.give_back();
    if (!goes_on) return;
  }
  ahead.settle();
}

}  // namespace hal9::sqlite
