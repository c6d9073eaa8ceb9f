#include "adapters/sqlite/structure.h"

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/indexes.h"
#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/scan.h"
#include "adapters/sqlite/schema.h"

#include <future>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

constexpr const char* kContradiction = "the database's pages contradict each other";

// One of SQLite's own checks: whether it says ok.
bool holds(SQLite::Database& database, const char* pragma) {
  Scan check(database, pragma);
  return check.step() && check.bytes(0) == "ok";
}

// Every page, on another connection: what it sees may be a later state, whose pages are the same
// matter. All of what integrity_check does but for the indexes.
bool pages_hold(const LedgerFile& file) {
  const auto connection = connect(file.path(), file.looked_at());
  if (!connection) throw SQLite::Exception("the ledger cannot be opened again", SQLITE_CANTOPEN);
  return holds(*connection->database, "PRAGMA quick_check(1)");
}

// A tree whose rows are its index: who searches it relies on their order.
bool is_in_order(SQLite::Database& database) {
  std::string before;
  for (Scan ids(database, "SELECT id FROM command ORDER BY id"); ids.step();) {
    const std::string_view id = ids.bytes(0);
    if (!before.empty() && before >= id) return false;
    before = id;
  }
  return true;
}

// What of the rows' own order and of the indexes is quick to compare.
bool contents_hold(SQLite::Database& database, const Indexes& rows) {
  try {
    return holds(database, "PRAGMA integrity_check(term)") &&
           holds(database, "PRAGMA integrity_check(snapshot)") &&
           holds(database, "PRAGMA integrity_check(node)") && is_in_order(database) &&
           !rows.wrong_one(database);
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() != SQLITE_CORRUPT) throw;
    return false;
  }
}

}  // namespace

std::optional<std::string> structure_finding(LedgerFile& file, const std::optional<Indexes>& rows) {
  SQLite::Database& database = file.database();
  if (!rows) {
    if (!holds(database, "PRAGMA integrity_check(1)")) return kContradiction;
    return schema_finding(database);
  }
  auto pages = std::async(std::launch::async, [&file] { return pages_hold(file); });
  // First of all: an index that is not there cannot be read.
  if (auto found = schema_finding(database)) return found;
  const bool sound = contents_hold(database, *rows);
  return pages.get() && sound ? std::optional<std::string>() : kContradiction;
}

}  // namespace hal9::sqlite
