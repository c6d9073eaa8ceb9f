// Reading on two threads: everything in order, nothing behind a stop, an error behind its rows.
#include "adapters/sqlite/read_ahead.h"

#include "adapters/sqlite/scan.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

namespace hal9::sqlite {

namespace {

using ledger::Columns;
using ledger::Sequence;

// More than are read before the thread is started.
constexpr std::uint64_t kMany = 10'000;

std::string line_of(std::uint64_t number) {
  return std::string(number % 97, 'x') + std::to_string(number);
}

std::function<bool(RowBlock&)> rows_up_to(std::uint64_t last, std::uint64_t& made) {
  return [&made, last](RowBlock& block) {
    if (made == last) return false;
    ++made;
    block.add(Sequence{made}, line_of(made)).type = std::to_string(made);
    return true;
  };
}

// Whose connection it is does not matter to rows that are made here.
void read_all(const std::function<bool(RowBlock&)>& next, const ledger::RowVisitor& visit) {
  SQLite::Database database(":memory:");
  read_ahead(database, next, visit);
}

TEST(ReadAhead, GivesEveryRowInOrderOnTheCallersThread) {
  for (const std::uint64_t last :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{512}, std::uint64_t{513}, kMany}) {
    std::uint64_t made = 0;
    std::uint64_t seen = 0;
    const auto caller = std::this_thread::get_id();
    read_all(
        rows_up_to(last, made),
        [&](Sequence sequence, std::string_view line, const Columns& columns) {
          EXPECT_EQ(sequence.value, ++seen);
          EXPECT_EQ(line, line_of(seen));
          EXPECT_EQ(columns.type, std::to_string(seen));
          EXPECT_EQ(std::this_thread::get_id(), caller);
          return true;
        }
    );
    EXPECT_EQ(seen, last);
  }
}

TEST(ReadAhead, StopsWhereItIsTold) {
  for (const std::uint64_t stop : {std::uint64_t{1}, std::uint64_t{3000}}) {
    std::uint64_t made = 0;
    std::uint64_t seen = 0;
    read_all(rows_up_to(kMany, made), [&](Sequence, std::string_view, const Columns&) {
      return ++seen < stop;
    });
    EXPECT_EQ(seen, stop);
    EXPECT_LT(made, kMany);
  }
}

TEST(ReadAhead, ReadsOneRowForWhoStopsAtTheFirst) {
  std::uint64_t made = 0;
  read_all(rows_up_to(kMany, made), [](Sequence, std::string_view, const Columns&) {
    return false;
  });
  EXPECT_EQ(made, 1U);
}

TEST(ReadAhead, ThrowsWhatEndedItBehindTheRowsBefore) {
  for (const std::uint64_t broken : {std::uint64_t{5}, std::uint64_t{3000}}) {
    std::uint64_t made = 0;
    std::uint64_t seen = 0;
    const auto rows = rows_up_to(kMany, made);
    const auto next = [&](RowBlock& block) {
      if (made + 1 == broken) throw std::runtime_error("the disk");
      return rows(block);
    };
    const auto visit = [&](Sequence, std::string_view, const Columns&) {
      ++seen;
      return true;
    };
    EXPECT_THROW(read_all(next, visit), std::runtime_error);
    EXPECT_EQ(seen, broken - 1);
  }
}

TEST(ReadAhead, LetsTheVisitorReadByTheConnectionThatIsReadAhead) {
  SQLite::Database database(":memory:");
  std::uint64_t made = 0;
  std::uint64_t seen = 0;
  Scan numbers(
      database,
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000) SELECT i FROM n"
  );
  const auto next = [&](RowBlock& block) {
    if (!numbers.step()) return false;
    block.add(Sequence{++made}, line_of(static_cast<std::uint64_t>(numbers.integer(0))));
    return true;
  };
  read_ahead(database, next, [&](Sequence sequence, std::string_view line, const Columns&) {
    EXPECT_EQ(line, line_of(sequence.value));
    const auto twice = database.execAndGet("SELECT 2 * " + std::to_string(++seen)).getInt64();
    EXPECT_EQ(static_cast<std::uint64_t>(twice), 2 * seen);
    return true;
  });
  EXPECT_EQ(seen, kMany);
}

TEST(ReadAhead, LeavesNoThreadBehindAVisitorThatThrows) {
  std::uint64_t made = 0;
  const auto visit = [](Sequence sequence, std::string_view, const Columns&) {
    if (sequence.value == 3000) throw std::runtime_error("the visitor");
    return true;
  };
  EXPECT_THROW(read_all(rows_up_to(kMany, made), visit), std::runtime_error);
}

}  // namespace

}  // namespace hal9::sqlite
