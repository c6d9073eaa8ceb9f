#include "adapters/sqlite/schema.h"

#include "adapters/sqlite/embedded_migrations.h"
#include "adapters/sqlite/transaction.h"
#include "base/result.h"
#include "base/sha256.h"

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

namespace hal9::sqlite {

std::uint32_t newest_schema() {
  return std::rbegin(kMigrations)->number;
}

std::uint32_t schema_of(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getUInt();
}

Result<void> check_schema(SQLite::Database& database, const std::filesystem::path& file) {
  const std::uint32_t version = schema_of(database);
  SQLite::Statement seen(database, "SELECT number, digest FROM migration ORDER BY number");
  std::uint32_t checked = 0;
  for (const Migration& migration : kMigrations) {
    if (migration.number > version) break;
    const bool there = seen.executeStep() && seen.getColumn(0).getUInt() == migration.number;
    const std::string digest = there ? seen.getColumn(1).getString() : std::string();
    auto expected = parse_digest(migration.digest);
    if (!there || !expected || digest != as_bytes(*expected)) {
      return fail(
          Code::damaged,
          file.string() + " was made by another schema",
          fmt::format("migration {} is not the one that this program knows", migration.name),
          "it was not touched",
          "hal9-migrate version"
      );
    }
    ++checked;
  }
  if (checked == 0) return fail(Code::damaged, file.string() + " has no schema");
  return {};
}

void bring_forward(SQLite::Database& database) {
  const std::uint32_t version = schema_of(database);
  for (const Migration& migration : kMigrations) {
    if (migration.number <= version) continue;
    Transaction transaction(database);
    database.exec(std::string(migration.text));
    SQLite::Statement note(
        database, "INSERT INTO migration (number, name, digest) VALUES (?, ?, ?)"
    );
    note.bind(1, migration.number);
    note.bind(2, std::string(migration.name));
    const auto digest = parse_digest(migration.digest);
    note.bind(3, digest->data(), static_cast<int>(digest->size()));
    note.exec();
    database.exec(fmt::format("PRAGMA user_version = {}", migration.number));
    transaction.commit();
  }
}

}  // namespace hal9::sqlite
