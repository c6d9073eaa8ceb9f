#include "adapters/sqlite/indexes.h"

#include "adapters/sqlite/scan.h"
#include "base/id.h"
#include "base/unordered_sum.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

// In the order of Indexes::expected_.
constexpr std::array<const char*, kIndexCount> kEntries{
    "SELECT type, sequence FROM event INDEXED BY event_by_type ORDER BY type, sequence",
    "SELECT subject, sequence FROM event INDEXED BY event_by_subject WHERE subject IS NOT NULL "
    "ORDER BY subject, sequence",
    "SELECT actor, sequence FROM event INDEXED BY event_by_actor ORDER BY actor, sequence",
    "SELECT correlation, sequence FROM event INDEXED BY event_by_correlation "
    "ORDER BY correlation, sequence"
};
enum Place : std::uint8_t { kType, kSubject, kActor, kCorrelation };

// From SQLite, which has it from the kernel.
Bytes16 random_key() {
  Bytes16 key{};
  sqlite3_randomness(static_cast<int>(key.size()), key.data());
  return key;
}

std::uint64_t number(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

struct Entry {
  std::int64_t code = 0;
  Bytes16 bytes{};
  std::int64_t sequence = 0;
  auto operator<=>(const Entry&) const = default;
};

// Nothing for what no index of ours holds.
std::optional<Entry> entry_of(const Scan& rows, bool is_code) {
  Entry entry;
  entry.sequence = rows.integer(1);
  if (is_code) {
    if (!rows.is(0, SQLITE_INTEGER)) return {};
    entry.code = rows.integer(0);
    return entry;
  }
  const std::string_view bytes = rows.bytes(0);
  if (!rows.is(0, SQLITE_BLOB) || bytes.size() != entry.bytes.size()) return {};
  std::memcpy(entry.bytes.data(), bytes.data(), bytes.size());
  return entry;
}

void add(UnorderedSum& sum, const Entry& entry, bool is_code) {
  if (is_code) {
    sum.add({number(entry.code), number(entry.sequence)});
  } else {
    sum.add({first_half(entry.bytes), second_half(entry.bytes), number(entry.sequence)});
  }
}

// Nothing as IndexSums says. A wrong order is seen entry by entry.
std::optional<UnorderedSum> sum_of(
    SQLite::Database& database, std::size_t index, const SumKey& key
) {
  const HeldConnection held(database);
  const bool is_code = index != kCorrelation;
  UnorderedSum sum(key);
  std::optional<Entry> before;
  for (Scan rows(database, kEntries.at(index)); rows.step();) {
    const auto entry = entry_of(rows, is_code);
    if (!entry || (before && !(*before < *entry))) return {};
    add(sum, *entry, is_code);
    before = entry;
  }
  return sum;
}

}  // namespace

IndexSums sums_of_indexes(SQLite::Database& database, const SumKey& key) {
  IndexSums sums;
  for (std::size_t i = 0; i < kIndexCount; ++i) {
    try {
      sums.at(i) = sum_of(database, i, key);
    } catch (const SQLite::Exception& error) {
      if (error.getErrorCode() != SQLITE_CORRUPT) throw;
    }
  }
  return sums;
}

Indexes::Indexes()
    : key_(random_key()),
      expected_{UnorderedSum(key_), UnorderedSum(key_), UnorderedSum(key_), UnorderedSum(key_)} {}

void Indexes::expect(const IndexedRow& row) {
  add(expected_[kType], {row.type, {}, row.sequence}, true);
  if (row.subject) add(expected_[kSubject], {*row.subject, {}, row.sequence}, true);
  add(expected_[kActor], {row.actor, {}, row.sequence}, true);
  add(expected_[kCorrelation], {0, row.correlation, row.sequence}, false);
}

bool Indexes::hold(const IndexSums& found) const {
  for (std::size_t i = 0; i < kIndexCount; ++i) {
    if (found.at(i) != expected_.at(i)) return false;
  }
  return true;
}

}  // namespace hal9::sqlite
