// The events' rows with everything that is kept beside them, for verify: terms by their codes, the
// command that begins there, and the line's leaf hash, made on the thread that reads.
#pragma once

#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/read_ahead.h"
#include "ledger/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace hal9::sqlite {

// All of it throws SQLite::Exception. Its statements are its own: no other thread's reads meet them.
class Rows {
 public:
  Rows(SQLite::Database& database, std::int64_t from);

  // Adds the next row to the block; false: there is none.
  bool next(RowBlock& block);

 private:
  struct Term {
    int kind = 0;
    std::string text;
  };

  // Empty where there is no code; a text that no line has for a code that is none of this kind.
  const std::string& text_of_term(const SQLite::Column& code, Kind kind);
  void take_commands(std::int64_t sequence, ledger::Columns& columns);
  void step_commands();

  SQLite::Statement events_;
  SQLite::Statement commands_;
  SQLite::Statement term_;
  std::unordered_map<std::int64_t, Term> terms_;
  std::optional<ledger::CommandRecord> command_;  // the next in order of `first`
};

}  // namespace hal9::sqlite
