#include "adapters/sqlite/indexes.h"

#include "adapters/sqlite/scan.h"
#include "base/id.h"
#include "base/unordered_sum.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

// In the order of Indexes::expected_. Each is read in its own order and from it alone.
struct Index {
  const char* name;
  const char* entries;
};
constexpr std::array<Index, 4> kIndexes{
    {{"event_by_type",
      "SELECT type, sequence FROM event INDEXED BY event_by_type ORDER BY type, sequence"},
     {"event_by_subject",
      "SELECT subject, sequence FROM event INDEXED BY event_by_subject WHERE subject IS NOT NULL "
      "ORDER BY subject, sequence"},
     {"event_by_actor",
      "SELECT actor, sequence FROM event INDEXED BY event_by_actor ORDER BY actor, sequence"},
     {"event_by_correlation",
      "SELECT correlation, sequence FROM event INDEXED BY event_by_correlation "
      "ORDER BY correlation, sequence"}}
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

}  // namespace

Indexes::Indexes()
    : key_(random_key()),
      expected_{UnorderedSum(key_), UnorderedSum(key_), UnorderedSum(key_), UnorderedSum(key_)} {}

void Indexes::expect(const IndexedRow& row) {
  add(expected_[kType], {row.type, {}, row.sequence}, true);
  if (row.subject) add(expected_[kSubject], {*row.subject, {}, row.sequence}, true);
  add(expected_[kActor], {row.actor, {}, row.sequence}, true);
  add(expected_[kCorrelation], {0, row.correlation, row.sequence}, false);
}

std::optional<std::string> Indexes::wrong_one(SQLite::Database& database) const {
  for (std::size_t i = 0; i < kIndexes.size(); ++i) {
    const bool is_code = i != kCorrelation;
    UnorderedSum found(key_);
    std::optional<Entry> before;
    for (Scan rows(database, kIndexes[i].entries); rows.step();) {
      const auto entry = entry_of(rows, is_code);
      if (!entry || (before && !(*before < *entry))) return kIndexes[i].name;
      add(found, *entry, is_code);
      before = entry;
    }
    if (found != expected_[i]) return kIndexes[i].name;
  }
  return {};
}

}  // namespace hal9::sqlite
