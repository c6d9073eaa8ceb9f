// The schema's migrations: numbered, each in a transaction, known by their SHA-256.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

struct Migration {
  std::uint32_t number;
  std::string_view name;    // the file's, without its ending
  std::string_view digest;  // hexadecimal SHA-256 of the text
  std::string_view text;
};

// The number of the newest migration of this program: user_version of a file that it brought
// forward.
std::uint32_t newest_schema();

// The schema version that the open database says it has.
std::uint32_t schema_of(SQLite::Database& database);

// Compares what the file has seen with this program's migrations. Error: damaged on another hash or
// a number that is missing.
Result<void> check_schema(SQLite::Database& database, const std::filesystem::path& file);

// What differs between the file's tables, indexes, triggers and views and those that its migrations
// make: a trigger that was dropped no longer refuses, a view that was changed hides rows. Nothing
// where all is as it has to be. A copy has the views of schema/views.sql besides, all or none;
// SQLite's own statistics (ANALYZE) may be there. Throws SQLite::Exception.
std::optional<std::string> schema_finding(SQLite::Database& database);

// Gives a copy the views of schema/views.sql, in a transaction. One of a schema whose migrations make
// views, or of one before them, stays as it is. Throws SQLite::Exception.
void add_views(SQLite::Database& database);

// Brings the file forward, each migration in a transaction of its own. Precondition: the lock is
// held. Throws SQLite::Exception; what was done of the failing migration is undone.
void bring_forward(SQLite::Database& database);

}  // namespace hal9::sqlite
