// Reading a long ledger on two cores: SQLite steps on a thread of its own while the caller works on
// the rows before. A short read never starts the thread.
//
// The caller's part always runs on the caller's thread, in order. Memory is a few blocks, whatever
// the number of rows.
#pragma once

#include "ledger/line.h"
#include "ledger/store.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

// Rows behind one another; their memory is used again for the next ones.
class RowBlock {
 public:
  // Copies the line. The columns are the row's before them: to be written over.
  ledger::Columns& add(ledger::Sequence sequence, std::string_view line);

  [[nodiscard]] bool is_full() const;
  void clear();
  // False as soon as `visit` says so.
  [[nodiscard]] bool visit_all(const ledger::RowVisitor& visit) const;

 private:
  struct Row {
    ledger::Sequence sequence;
    std::size_t begin = 0;
    std::size_t size = 0;
    ledger::Columns columns;
  };

  std::string lines_;
  std::vector<Row> rows_;
  std::size_t count_ = 0;
};

// `next` adds one row to a block, or answers false when there is none. It runs on another thread
// once many rows were read: until read_ahead returns, what it uses is its own, but for the
// connection, which SQLite guards: the other thread holds it for a block at a time, and `visit` may
// read by it as well. What `next` throws is thrown here, behind the rows before it.
void read_ahead(
    SQLite::Database& database,
    const std::function<bool(RowBlock&)>& next,
    const ledger::RowVisitor& visit
);

}  // namespace hal9::sqlite
