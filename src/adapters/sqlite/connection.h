// A connection to a ledger's file with the settings that its promises rest on.
#pragma once

#include "adapters/sqlite/header_look.h"
#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

// As evidence a file is read as it lies: no lock, no -shm; a WAL beside it is an error (read_only).
enum class Purpose : std::uint8_t { read, write, evidence };

struct Connection {
  std::filesystem::path file;
  // Looked at before it was opened: what was put in its place since then is another one.
  std::optional<FileIdentity> identity;
  std::unique_ptr<OpenFile> counted;  // outlives the database
  std::unique_ptr<SQLite::Database> database;
  Purpose looked_at = Purpose::read;  // how another connection reads the same
};

// Opens an existing ledger. A reader neither writes nor flushes, also not on close; on a medium
// that cannot be written it reads the file as immutable if there is no WAL to be read with it.
// Throws SQLite::Exception for what SQLite refuses; errors as header_look.h and schema.h.
Result<Connection> connect(const std::filesystem::path& file, Purpose purpose);

// The settings alone, for a file that is just being made.
void apply_settings(SQLite::Database& database, Purpose purpose);

}  // namespace hal9::sqlite
