#include "adapters/sqlite/filter.h"

#include "adapters/sqlite/ledger_file.h"
#include "base/id.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <SQLiteCpp/Statement.h>

namespace hal9::sqlite {

namespace {

// The filter with its terms as codes.
struct Coded {
  std::vector<std::int64_t> types;
  std::optional<std::int64_t> subject, actor;
};

// Nothing if a term is not known: then no event has it.
std::optional<Coded> to_codes(LedgerFile& file, const ledger::Filter& filter) {
  Coded coded;
  for (const std::string& type : filter.types) {
    if (const auto code = file.code_of(Kind::type, type)) coded.types.push_back(*code);
  }
  if (!filter.types.empty() && coded.types.empty()) return {};
  if (filter.subject && !filter.subject->empty()) {
    coded.subject = file.code_of(Kind::subject, *filter.subject);
    if (!coded.subject) return {};
  }
  if (filter.actor) {
    coded.actor = file.code_of(Kind::actor, *filter.actor);
    if (!coded.actor) return {};
  }
  return coded;
}

std::string sql_of(const ledger::Filter& filter, const Coded& coded) {
  std::string sql = "SELECT sequence, line FROM event WHERE sequence BETWEEN ? AND ?";
  if (!coded.types.empty()) {
    sql += " AND type IN (?";
    for (std::size_t i = 1; i < coded.types.size(); ++i) sql += ", ?";
    sql += ")";
  }
  if (filter.subject) sql += coded.subject ? " AND subject = ?" : " AND subject IS NULL";
  if (coded.actor) sql += " AND actor = ?";
  if (filter.correlation) sql += " AND correlation = ?";
  sql += " ORDER BY sequence";
  if (filter.direction == ledger::Direction::backward) sql += " DESC";
  return sql;
}

std::int64_t row_of(std::optional<ledger::Sequence> sequence, std::int64_t otherwise) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  if (!sequence) return otherwise;
  return sequence->value > static_cast<std::uint64_t>(kMost)
             ? kMost
             : static_cast<std::int64_t>(sequence->value);
}

}  // namespace

std::optional<SQLite::Statement> select(LedgerFile& file, const ledger::Filter& filter) {
  const auto coded = to_codes(file, filter);
  if (!coded) return {};
  std::optional<SQLite::Statement> rows(std::in_place, file.database(), sql_of(filter, *coded));
  int place = 0;
  rows->bind(++place, row_of(filter.from, 0));
  rows->bind(++place, row_of(filter.to, std::numeric_limits<std::int64_t>::max()));
  for (const std::int64_t type : coded->types) rows->bind(++place, type);
  if (coded->subject) rows->bind(++place, *coded->subject);
  if (coded->actor) rows->bind(++place, *coded->actor);
  if (filter.correlation) {
    const Bytes16& bytes = filter.correlation->bytes;
    rows->bind(++place, bytes.data(), static_cast<int>(bytes.size()));
  }
  return rows;
}

}  // namespace hal9::sqlite
