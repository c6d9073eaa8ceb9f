#include "adapters/sqlite/filter.h"

#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/scan.h"
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

namespace hal9::sqlite {

namespace {

// The filter with its terms as codes.
struct Coded {
  std::vector<std::int64_t> types, subjects;
  bool no_subject = false;  // events without one too
  std::optional<std::int64_t> actor;
};

// Nothing if a term is not known: then no event has it.
std::optional<Coded> to_codes(LedgerFile& file, const ledger::Filter& filter) {
  Coded coded;
  for (const std::string& type : filter.types) {
    if (const auto code = file.code_of(Kind::type, type)) coded.types.push_back(*code);
  }
  if (!filter.types.empty() && coded.types.empty()) return {};
  for (const std::string& subject : filter.subjects) {
    if (subject.empty()) {
      coded.no_subject = true;
    } else if (const auto code = file.code_of(Kind::subject, subject)) {
      coded.subjects.push_back(*code);
    }
  }
  if (!filter.subjects.empty() && coded.subjects.empty() && !coded.no_subject) return {};
  if (filter.actor) {
    coded.actor = file.code_of(Kind::actor, *filter.actor);
    if (!coded.actor) return {};
  }
  return coded;
}

std::string places(std::size_t count) {
  std::string text = "(?";
  for (std::size_t i = 1; i < count; ++i) text += ", ?";
  return text + ")";
}

// One subject is found by its index. Of several, `all` is the better part of a ledger, and the index
// would have its rows sorted in memory: the plus keeps it out, so that rows come as they lie.
std::string subject_condition(const Coded& coded) {
  if (coded.subjects.empty()) return " AND subject IS NULL";
  if (coded.subjects.size() == 1 && !coded.no_subject) return " AND subject = ?";
  std::string sql = " AND (+subject IN " + places(coded.subjects.size());
  if (coded.no_subject) sql += " OR +subject IS NULL";
  return sql + ")";
}

std::string sql_of(const ledger::Filter& filter, const Coded& coded) {
  std::string sql = "SELECT sequence, line FROM event WHERE sequence BETWEEN ? AND ?";
  if (!coded.types.empty()) sql += " AND type IN " + places(coded.types.size());
  if (!filter.subjects.empty()) sql += subject_condition(coded);
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

std::optional<Scan> select(LedgerFile& file, const ledger::Filter& filter) {
  const auto coded = to_codes(file, filter);
  if (!coded) return {};
  std::optional<Scan> rows(std::in_place, file.database(), sql_of(filter, *coded));
  int place = 0;
  rows->bind(++place, row_of(filter.from, 0));
  rows->bind(++place, row_of(filter.to, std::numeric_limits<std::int64_t>::max()));
  for (const std::int64_t type : coded->types) rows->bind(++place, type);
  for (const std::int64_t subject : coded->subjects) rows->bind(++place, subject);
  if (coded->actor) rows->bind(++place, *coded->actor);
  if (filter.correlation) {
    const Bytes16& bytes = filter.correlation->bytes;
    rows->bind(++place, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  return rows;
}

}  // namespace hal9::sqlite
