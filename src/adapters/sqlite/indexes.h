// The indexes of `event` against its rows. An index that is wrong answers wrongly, so what each of them
// holds is compared with the rows while these are read anyway; SQLite's integrity_check looks every row
// up in every index instead, and took half of a verify.
#pragma once

#include "base/id.h"
#include "base/unordered_sum.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

// An event's row as the indexes have it.
struct IndexedRow {
  std::int64_t sequence = 0;
  std::int64_t type = 0;
  std::optional<std::int64_t> subject;
  std::int64_t actor = 0;
  Bytes16 correlation{};
};

inline constexpr std::size_t kIndexCount = 4;

// Random, of one comparison (base/unordered_sum.h).
using SumKey = Bytes16;

// What each index holds; nothing for one that holds what no index of ours does, or holds it in another
// order, in which it finds nothing.
using IndexSums = std::array<std::optional<UnorderedSum>, kIndexCount>;

// Reads each index once, each in its own order and from it alone. Throws SQLite::Exception, but not for
// an index whose pages are none.
IndexSums sums_of_indexes(SQLite::Database& database, const SumKey& key);

class Indexes {
 public:
  Indexes();

  [[nodiscard]] const SumKey& key() const { return key_; }

  // What every index has to hold because of this row.
  void expect(const IndexedRow& row);

  // Whether they hold that and nothing else. Precondition: the sums were made by the same key.
  [[nodiscard]] bool hold(const IndexSums& found) const;

 private:
  SumKey key_;
  std::array<UnorderedSum, kIndexCount> expected_;
};

}  // namespace hal9::sqlite
