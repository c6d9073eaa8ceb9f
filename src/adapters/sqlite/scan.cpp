// Reading events: filters become conditions, and a long reading is cut into short ones, so that the
// WAL does not grow behind somebody who reads slowly. Events never change, so that the pieces fit.
#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/queries.h"
#include "adapters/sqlite/values.h"

#include <algorithm>
#include <string>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

namespace hal9::sqlite {

namespace {

using namespace ledger;

constexpr int kPiece = 4096;

// The bounds of a reading: both inclusive, narrowed as pieces are read.
struct Bounds {
  std::uint64_t from = 1;
  std::uint64_t to = 0;
};

std::string placeholders(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
  return text;
}

std::string statement_of(const Filter& filter) {
  std::string text = "SELECT sequence, line FROM event WHERE sequence BETWEEN ? AND ?";
  const auto term = [](const char* column, TermKind kind) {
    return fmt::format(
        " AND {} = (SELECT code FROM term WHERE kind = {} AND text = ?)",
        column,
        static_cast<int>(kind)
    );
  };
  if (!filter.types.empty()) {
    text += fmt::format(
        " AND type IN (SELECT code FROM term WHERE kind = {} AND text IN ({}))",
        static_cast<int>(TermKind::type),
        placeholders(filter.types.size())
    );
  }
  if (filter.subject) text += term("subject", TermKind::subject);
  if (filter.actor) text += term("actor", TermKind::actor);
  if (filter.correlation) text += " AND correlation = ?";
  text += filter.direction == Direction::forward ? " ORDER BY sequence" : " ORDER BY sequence DESC";
  return text + fmt::format(" LIMIT {}", kPiece);
}

void bind_filter(SQLite::Statement& statement, const Filter& filter, const Bounds& bounds) {
  int at = 0;
  statement.bind(++at, to_sql(bounds.from));
  statement.bind(++at, to_sql(bounds.to));
  for (const std::string& type : filter.types) bind_text(statement, ++at, type);
  if (filter.subject) bind_text(statement, ++at, *filter.subject);
  if (filter.actor) bind_text(statement, ++at, *filter.actor);
  if (filter.correlation) bind_bytes(statement, ++at, filter.correlation->bytes);
}

// One piece; false when the reading is over (the visitor ended it, or nothing is left).
bool read_piece(
    SQLite::Statement& statement, Direction direction, Bounds& bounds, const LineVisitor& visit
) {
  int rows = 0;
  bool goes_on = true;
  while (goes_on && statement.executeStep()) {
    ++rows;
    const Sequence sequence = to_sequence(statement.getColumn(0));
    if (direction == Direction::forward) {
      bounds.from = sequence.value + 1;
    } else {
      bounds.to = sequence.value - 1;
    }
    goes_on = visit(sequence, to_view(statement.getColumn(1)));
  }
  return goes_on && rows == kPiece;
}

}  // namespace

Result<void> Queries::scan(const Filter& filter, const LineVisitor& visit) {
  Bounds bounds;
  try {
    bounds.to = to_number(database().execAndGet("SELECT sequence FROM head WHERE one = 1"));
  } catch (const SQLite::Exception& error) {
    return explain(error, connection_.file, "the ledger cannot be read");
  }
  if (filter.from) bounds.from = std::max(bounds.from, filter.from->value);
  if (filter.to) bounds.to = std::min(bounds.to, filter.to->value);
  if (filter.recorded_from) {
    auto before = sequence_at(*filter.recorded_from - Micros{1});
    if (!before) return pass_on(before);
    bounds.from = std::max(bounds.from, before->value + 1);
  }
  if (filter.recorded_to) {
    auto last = sequence_at(*filter.recorded_to);
    if (!last) return pass_on(last);
    bounds.to = std::min(bounds.to, last->value);
  }
  try {
    SQLite::Statement statement(database(), statement_of(filter));
    while (bounds.from <= bounds.to) {
      bind_filter(statement, filter, bounds);
      if (!read_piece(statement, filter.direction, bounds, visit)) break;
      statement.reset();
    }
  } catch (const SQLite::Exception& error) {
    return explain(error, connection_.file, "the ledger cannot be read");
  }
  return {};
}

Result<void> Queries::scan_rows(Sequence from, const RowVisitor& visit) {
  try {
    SQLite::Statement row(
        database(),
        "SELECT e.sequence, e.line, t.text, s.text, a.text, e.recorded, e.correlation "
        "FROM event e LEFT JOIN term t ON t.code = e.type AND t.kind = 1 "
        "LEFT JOIN term s ON s.code = e.subject AND s.kind = 2 "
        "LEFT JOIN term a ON a.code = e.actor AND a.kind = 3 "
        "WHERE e.sequence >= ? ORDER BY e.sequence"
    );
    row.bind(1, to_sql(from.value));
    Columns columns;
    while (row.executeStep()) {
      columns.type = to_view(row.getColumn(2));
      columns.subject = to_view(row.getColumn(3));
      columns.actor = to_view(row.getColumn(4));
      columns.recorded = to_time(row.getColumn(5));
      // A correlation of another length compares as another one.
      if (!take_bytes(row.getColumn(6), columns.correlation.bytes)) columns.correlation = {};
      if (!visit(to_sequence(row.getColumn(0)), to_view(row.getColumn(1)), columns)) break;
    }
  } catch (const SQLite::Exception& error) {
    return explain(error, connection_.file, "the ledger cannot be read");
  }
  return {};
}

}  // namespace hal9::sqlite
