// A statement that is stepped a million times. SQLite::Column counts its references atomically, twice
// for each value that is looked at: a third of a long read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace hal9::sqlite {

// A connection for this thread alone, for a stretch of many steps. SQLite locks it for each step and each
// value; whose it is already, that costs a third.
class HeldConnection {
 public:
  explicit HeldConnection(SQLite::Database& database)
      : mutex_(sqlite3_db_mutex(database.getHandle())) {
    sqlite3_mutex_enter(mutex_);
  }
  HeldConnection(const HeldConnection&) = delete;
  HeldConnection& operator=(const HeldConnection&) = delete;
  ~HeldConnection() { sqlite3_mutex_leave(mutex_); }

 private:
  sqlite3_mutex* mutex_;
};

// Columns count from 0, parameters from 1. Views are valid until the next step. Not for a column that
// step() has not answered with true for.
class Scan {
 public:
  // Throws SQLite::Exception, as does step().
  Scan(SQLite::Database& database, const std::string& sql) : database_(&database) {
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v2(
        database.getHandle(), sql.c_str(), static_cast<int>(sql.size()), &made, nullptr
    );
    statement_.reset(made);
    check(code);
  }

  void bind(int place, std::int64_t value) {
    check(sqlite3_bind_int64(statement_.get(), place, value));
  }
  // A copy is bound.
  void bind(int place, std::string_view bytes) {
    const auto size = static_cast<int>(bytes.size());
    check(sqlite3_bind_blob(statement_.get(), place, bytes.data(), size, SQLITE_TRANSIENT));
  }

  // False: there was no further row.
  bool step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) throw SQLite::Exception(database_->getHandle(), code);
    return false;
  }

  [[nodiscard]] bool is(int column, int type) const {
    return sqlite3_column_type(statement_.get(), column) == type;
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
  }
  [[nodiscard]] std::string_view bytes(int column) const {
    const void* const begin = sqlite3_column_blob(statement_.get(), column);
    if (begin == nullptr) return {};
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {static_cast<const char*>(begin), static_cast<std::size_t>(size)};
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  void check(int code) const {
    if (code != SQLITE_OK) throw SQLite::Exception(database_->getHandle(), code);
  }

  SQLite::Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace hal9::sqlite
