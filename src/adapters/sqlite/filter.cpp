#include "adapters/sqlite/filter.h"

#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/scan.h"
#include "base/id.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <algorithm>
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

// What is asked for twice is there once.
void unite(std::vector<std::int64_t>& codes) {
  std::ranges::sort(codes);
  const auto again = std::ranges::unique(codes);
  codes.erase(again.begin(), again.end());
}

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
  unite(coded.types);
  unite(coded.subjects);
  if (filter.actor) {
    coded.actor = file.code_of(Kind::actor, *filter.actor);
    if (!coded.actor) return {};
  }
  return coded;
}

// One branch of the answer: rows of one type (or any) and one subject (or none, or any). Each is found
// by an index in the order of its rows, and SQLite merges the branches: nothing is sorted in memory, and
// whoever wants the newest twenty of a million reads twenty of each branch.
struct Branch {
  std::optional<std::int64_t> type, subject;
  bool no_subject = false;
};

std::vector<Branch> branches_of(const Coded& coded, bool any_subject) {
  std::vector<Branch> subjects;
  subjects.reserve(coded.subjects.size() + 1);
  for (const std::int64_t subject : coded.subjects) subjects.push_back({{}, subject, false});
  if (coded.no_subject) subjects.push_back({{}, {}, true});
  if (any_subject) subjects.emplace_back();
  if (coded.types.empty()) return subjects;
  std::vector<Branch> branches;
  for (const std::int64_t type : coded.types) {
    for (Branch branch : subjects) {
      branch.type = type;
      branches.push_back(branch);
    }
  }
  return branches;
}

// Of several conditions the index of the rarest is taken: a correlation has a few events, an actor or
// a type may have all of them. The plus keeps the other indexes out.
std::string sql_of(const ledger::Filter& filter, const Coded& coded, const Branch& branch) {
  const bool by_correlation = filter.correlation.has_value();
  const bool by_subject = !by_correlation && branch.subject;
  const bool by_type = !by_correlation && !by_subject && branch.type;
  std::string sql = "SELECT sequence, line FROM event WHERE sequence BETWEEN ? AND ?";
  if (branch.type) sql += by_type ? " AND type = ?" : " AND +type = ?";
  if (branch.subject) sql += by_subject ? " AND subject = ?" : " AND +subject = ?";
  if (branch.no_subject) sql += " AND subject IS NULL";
  if (coded.actor) {
    const bool free = !by_correlation && !by_subject && !by_type;
    sql += free ? " AND actor = ?" : " AND +actor = ?";
  }
  if (by_correlation) sql += " AND correlation = ?";
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
  const auto branches = branches_of(*coded, filter.subjects.empty());
  std::string sql;
  for (const Branch& branch : branches) {
    sql += (sql.empty() ? "" : " UNION ALL ") + sql_of(filter, *coded, branch);
  }
  sql += " ORDER BY sequence";
  if (filter.direction == ledger::Direction::backward) sql += " DESC";
  std::optional<Scan> rows(std::in_place, file.database(), sql);
  int place = 0;
  for (const Branch& branch : branches) {
    rows->bind(++place, row_of(filter.from, 0));
    rows->bind(++place, row_of(filter.to, std::numeric_limits<std::int64_t>::max()));
    if (branch.type) rows->bind(++place, *branch.type);
    if (branch.subject) rows->bind(++place, *branch.subject);
    if (coded->actor) rows->bind(++place, *coded->actor);
    if (filter.correlation) {
      const Bytes16& bytes = filter.correlation->bytes;
      rows->bind(++place, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
  }
  return rows;
}

}  // namespace hal9::sqlite
