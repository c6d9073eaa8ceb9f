// Between SQLite's values and ours.
#pragma once

#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"

#include <cstdint>
#include <cstring>
#include <string_view>

#include <SQLiteCpp/Statement.h>

namespace hal9::sqlite {

inline std::int64_t to_sql(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}
inline std::int64_t to_sql(Time time) {
  return time.time_since_epoch().count();
}
inline std::uint64_t to_number(const SQLite::Column& column) {
  return static_cast<std::uint64_t>(column.getInt64());
}
inline ledger::Sequence to_sequence(const SQLite::Column& column) {
  return {to_number(column)};
}
inline Time to_time(const SQLite::Column& column) {
  return Time(Micros(column.getInt64()));
}

// Valid until the statement steps or ends.
inline std::string_view to_view(const SQLite::Column& column) {
  const auto* bytes = static_cast<const char*>(column.getBlob());
  return bytes == nullptr ? std::string_view{}
                          : std::string_view(bytes, static_cast<std::size_t>(column.getBytes()));
}

// False if the column does not hold exactly as many bytes.
template <class Array>
bool take_bytes(const SQLite::Column& column, Array& into) {
  const std::string_view bytes = to_view(column);
  if (bytes.size() != into.size()) return false;
  std::memcpy(into.data(), bytes.data(), bytes.size());
  return true;
}

// The bytes are not copied: they have to live until the statement was reset.
template <class Array>
void bind_bytes(SQLite::Statement& statement, int at, const Array& bytes) {
  statement.bindNoCopy(at, static_cast<const void*>(bytes.data()), static_cast<int>(bytes.size()));
}
inline void bind_text(SQLite::Statement& statement, int at, std::string_view text) {
  // SQLiteCpp has no string_view; a copy here is a few dozen bytes.
  statement.bind(at, std::string(text));
}

}  // namespace hal9::sqlite
