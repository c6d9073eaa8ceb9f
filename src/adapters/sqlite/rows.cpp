#include "adapters/sqlite/rows.h"

#include "adapters/sqlite/indexes.h"
#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/read_ahead.h"
#include "adapters/sqlite/scan.h"
#include "base/id.h"
#include "ledger/tree.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

// A ledger has a few dozen terms; a hostile one must not fill the memory.
constexpr std::size_t kTermsKept = 4096;

Bytes16 bytes16_of(std::string_view bytes) {
  Bytes16 value{};
  if (bytes.size() == value.size()) std::memcpy(value.data(), bytes.data(), bytes.size());
  return value;
}

// Of a code that is no term of its kind: no line has it, so that it differs from a line without one.
constexpr const char* kNoSuchTerm = "\n";

}  // namespace

Rows::Rows(SQLite::Database& database, std::int64_t from, Indexes* indexes)
    : database_(database),
      events_(
          database,
          "SELECT sequence, line, type, subject, actor, recorded, correlation FROM event "
          "WHERE sequence >= ? ORDER BY sequence"
      ),
      indexes_(indexes) {
  events_.bind(1, from);
}

bool Rows::next(RowBlock& block) {
  static const std::string kNone;
  if (!events_.step()) return false;
  IndexedRow row;
  row.sequence = events_.integer(0);
  row.type = events_.integer(2);
  if (!events_.is(3, SQLITE_NULL)) row.subject = events_.integer(3);
  row.actor = events_.integer(4);
  row.correlation = bytes16_of(events_.bytes(6));
  if (indexes_ != nullptr) indexes_->expect(row);
  const std::string_view line = events_.bytes(1);
  auto& columns = block.add({static_cast<std::uint64_t>(row.sequence)}, line);
  columns.type = text_of_term(row.type, Kind::type);
  columns.subject = row.subject ? text_of_term(*row.subject, Kind::subject) : kNone;
  columns.actor = text_of_term(row.actor, Kind::actor);
  columns.recorded = from_micros(events_.integer(5));
  columns.correlation.bytes = row.correlation;
  columns.leaf = ledger::leaf_hash(line);
  return true;
}

const std::string& Rows::text_of_term(std::int64_t code, Kind kind) {
  static const std::string kWrong = kNoSuchTerm;
  auto known = terms_.find(code);
  if (known == terms_.end()) {
    if (terms_.size() >= kTermsKept) terms_.clear();
    known = terms_.emplace(code, Term{}).first;
    Scan term(database_, "SELECT kind, text FROM term WHERE code = ?");
    term.bind(1, code);
    if (term.step()) {
      known->second = {static_cast<int>(term.integer(0)), std::string(term.bytes(1))};
    }
  }
  return known->second.kind == static_cast<int>(kind) ? known->second.text : kWrong;
}

}  // namespace hal9::sqlite
