#include "adapters/sqlite/structure.h"

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/indexes.h"
#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/scan.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/transaction.h"

#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

// What tells two states apart as far as events go: no event comes without another root.
std::string head_of(SQLite::Database& database) {
  Scan head(database, "SELECT sequence || ' ' || hex(root) FROM head");
  return head.step() ? std::string(head.bytes(0)) : std::string();
}

// SQLite says so where a page that it needs is not one.
bool is_corrupt(const SQLite::Exception& error) {
  return error.getErrorCode() == SQLITE_CORRUPT;
}

Connection connect_again(const LedgerFile& file) {
  auto connection = connect(file.path(), file.looked_at());
  if (!connection) throw SQLite::Exception("the ledger cannot be opened again", SQLITE_CANTOPEN);
  return std::move(*connection);
}

SecondLook::Seen look_again(SQLite::Database& database, const SumKey& key) {
  const SteadyLook look(database);
  SecondLook::Seen seen;
  seen.pages_hold = holds(database, "PRAGMA quick_check(1)");
  if (!seen.pages_hold) return seen;
  seen.head = head_of(database);
  seen.indexes = sums_of_indexes(database, key);
  return seen;
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

// What of the rows' own order and of the small tables is quick to compare.
bool contents_hold(SQLite::Database& database, const WholeLook& whole) {
  try {
    return holds(database, "PRAGMA integrity_check(term)") &&
           holds(database, "PRAGMA integrity_check(snapshot)") &&
           holds(database, "PRAGMA integrity_check(node)") &&
           (whole.commands_in_order ? *whole.commands_in_order : is_in_order(database));
  } catch (const SQLite::Exception& error) {
    if (!is_corrupt(error)) throw;
    return false;
  }
}

}  // namespace

SecondLook::SecondLook(const LedgerFile& file, const SumKey& key)
    : connection_(connect_again(file)),
      seen_(std::async(std::launch::async, [database = connection_.database.get(), key] {
        return look_again(*database, key);
      })) {}

SecondLook::~SecondLook() {
  if (!seen_.valid()) return;
  sqlite3_interrupt(connection_.database->getHandle());
  seen_.wait();
}

std::optional<std::string> structure_finding(LedgerFile& file, WholeLook* whole) {
  SQLite::Database& database = file.database();
  if (whole == nullptr) {
    if (!holds(database, "PRAGMA integrity_check(1)")) return kContradiction;
    return schema_finding(database);
  }
  // First of all: an index that is not there cannot be read.
  if (auto found = schema_finding(database)) return found;
  if (!contents_hold(database, *whole)) return kContradiction;
  auto seen = whole->second.seen();
  if (!seen.pages_hold) return kContradiction;
  // Events that came between the two looks have entries that no row of ours asks for.
  if (seen.head != head_of(database)) {
    seen.indexes = sums_of_indexes(database, whole->indexes.key());
  }
  return whole->indexes.hold(seen.indexes) ? std::optional<std::string>() : kContradiction;
}

}  // namespace hal9::sqlite
