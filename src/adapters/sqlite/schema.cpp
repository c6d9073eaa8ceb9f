#include "adapters/sqlite/schema.h"

#include "adapters/sqlite/embedded_migrations.h"
#include "adapters/sqlite/transaction.h"
#include "base/result.h"
#include "base/sha256.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

namespace hal9::sqlite {

namespace {

// Kind and name of an object ("trigger event_keeps_lines") to the words that made it.
using Objects = std::map<std::string, std::string>;

Objects objects_of(SQLite::Database& database) {
  SQLite::Statement rows(
      database,
      "SELECT type || ' ' || name, tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master "
      "WHERE NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4'))"
  );
  Objects objects;
  while (rows.executeStep()) {
    objects[rows.getColumn(0).getString()] += rows.getColumn(1).getString();
  }
  return objects;
}

// From this schema on views are what copies have, and no ledger of its own.
constexpr std::uint32_t kViewsInCopies = 3;

// What a ledger of this schema has; a `copy` of it has views as well.
Objects objects_at(std::uint32_t version, bool copy) {
  SQLite::Database made(":memory:", SQLite::OPEN_READWRITE);
  for (const Migration& migration : kMigrations) {
    if (migration.number <= version) made.exec(std::string(migration.text));
  }
  if (copy && version >= kViewsInCopies) made.exec(kViews);
  return objects_of(made);
}

// By any one of the views that a copy has: the others have to be there as well.
bool is_copy(const Objects& there, std::uint32_t version) {
  return std::ranges::any_of(objects_at(version, true), [&](const auto& object) {
    return object.first.starts_with("view ") && there.contains(object.first);
  });
}

}  // namespace

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

namespace {

// The digests were compared when it was opened; a name alone keeps nobody from that.
std::optional<std::string> migrations_finding(SQLite::Database& database) {
  const std::uint32_t version = schema_of(database);
  SQLite::Statement seen(database, "SELECT name FROM migration ORDER BY number");
  for (const Migration& migration : kMigrations) {
    if (migration.number > version) break;
    if (!seen.executeStep()) return fmt::format("migration {} is missing", migration.name);
    if (seen.getColumn(0).getString() != migration.name) {
      return fmt::format("migration {} has another name", migration.name);
    }
  }
  if (seen.executeStep()) return "a migration is recorded that was not made";
  return {};
}

}  // namespace

std::optional<std::string> schema_finding(SQLite::Database& database) {
  if (auto found = migrations_finding(database)) return found;
  Objects there = objects_of(database);
  const std::uint32_t version = schema_of(database);
  for (const auto& [object, words] : objects_at(version, is_copy(there, version))) {
    const auto found = there.find(object);
    if (found == there.end()) return fmt::format("the schema's {} is missing", object);
    if (found->second != words) return fmt::format("the schema's {} was changed", object);
    there.erase(found);
  }
  if (there.empty()) return {};
  return fmt::format("the schema has a {} that no migration made", there.begin()->first);
}

void add_views(SQLite::Database& database) {
  const std::uint32_t version = schema_of(database);
  if (version < kViewsInCopies || is_copy(objects_of(database), version)) return;
  Transaction transaction(database);
  database.exec(kViews);
  transaction.commit();
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
