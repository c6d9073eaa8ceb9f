// The events' rows with everything that is kept beside them, for verify: terms by their codes, what the
// indexes have to hold, and the line's leaf hash, made on the thread that reads.
#pragma once

#include "adapters/sqlite/indexes.h"
#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/read_ahead.h"
#include "adapters/sqlite/scan.h"

#include <cstdint>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

// All of it throws SQLite::Exception. Its statements are its own: no other thread's reads meet them.
class Rows {
 public:
  // Where there are `indexes`, they are told of each row; they outlive this.
  Rows(SQLite::Database& database, std::int64_t from, Indexes* indexes);

  // Adds the next row to the block; false: there is none.
  bool next(RowBlock& block);

 private:
  struct Term {
    int kind = 0;
    std::string text;
  };

  // A text that no line has for a code that is none of this kind.
  const std::string& text_of_term(std::int64_t code, Kind kind);

  SQLite::Database& database_;
  Scan events_;
  Indexes* indexes_;
  std::unordered_map<std::int64_t, Term> terms_;
};

}  // namespace hal9::sqlite
