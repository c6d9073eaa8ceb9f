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
#include <string>

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

class Indexes {
 public:
  Indexes();

  // What every index has to hold because of this row.
  void expect(const IndexedRow& row);

  // The name of an index that holds anything else than what was expected, or holds it in another
  // order, in which it finds nothing; nothing where all is well. Reads each index once. Throws
  // SQLite::Exception.
  [[nodiscard]] std::optional<std::string> wrong_one(SQLite::Database& database) const;

 private:
  static constexpr std::size_t kCount = 4;

  Bytes16 key_;
  std::array<UnorderedSum, kCount> expected_;
};

}  // namespace hal9::sqlite
