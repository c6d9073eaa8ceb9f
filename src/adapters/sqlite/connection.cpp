#include "adapters/sqlite/connection.h"

#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/header_look.h"
#include "adapters/sqlite/schema.h"
#include "base/escape.h"
#include "base/result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace hal9::sqlite {

namespace {

// The lock file orders writers; this covers a foreign tool that holds the database for a moment.
constexpr int kBusyMilliseconds = 1000;
// Larger than any line with its columns, far below SQLite's 1 GB.
constexpr int kLongestValue = 16 << 20;

bool has_wal(const std::filesystem::path& file) {
  std::filesystem::path wal = file;
  wal += "-wal";
  std::error_code error;
  const auto size = std::filesystem::file_size(wal, error);
  return !error && size > 0;
}

// A path as the inside of a file: URI.
std::string uri_of(const std::filesystem::path& file) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : file.string()) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

// SQLite's own count of its memory: a lock at each allocation, for numbers that nobody asks for. Only
// before the first connection of the process; afterwards it changes nothing.
void count_no_memory() {
  static const int kOnce = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(kOnce);
}

std::unique_ptr<SQLite::Database> open_for(const std::filesystem::path& file, Purpose purpose) {
  const int flags = purpose == Purpose::write ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY;
  return std::make_unique<SQLite::Database>(file.string(), flags);
}

// WAL needs a -shm beside the file even to read. On a read-only medium without a WAL the file is
// complete in itself.
std::unique_ptr<SQLite::Database> open_immutable(const std::filesystem::path& file) {
  auto database =
      std::make_unique<SQLite::Database>(uri_of(file), SQLite::OPEN_READONLY | SQLite::OPEN_URI);
  apply_settings(*database, Purpose::read);
  return database;
}

// SQLite says CANTOPEN for some of these, so they are looked at first.
bool can_be_written(const std::filesystem::path& file) {
  const std::string folder = file.parent_path().empty() ? "." : file.parent_path().string();
  return ::faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) == 0 &&
         ::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) == 0;
}

tl::unexpected<Error> cannot_share(const std::filesystem::path& file) {
  return fail(
      Code::read_only,
      "the ledger cannot be read where it lies: " + file.string(),
      "its newest events are in " + file.string() +
          "-wal, and reading that needs a folder that can be written",
      "nothing was changed",
      "cp " + file.string() + "* /tmp"
  );
}

tl::unexpected<Error> not_alone(const std::filesystem::path& file) {
  return fail(
      Code::read_only,
      file.string() + " is not the whole ledger",
      "its newest events are in " + file.string() + "-wal, and as evidence a file is read alone",
      "nothing was changed",
      // By SQLite, which needs no configuration; what it makes can be looked at alone.
      fmt::format(
          "sqlite3 {} {}",
          escape_shell(file.string()),
          escape_shell(fmt::format(".backup '{}.whole'", file.string()))
      )
  );
}

}  // namespace

void apply_settings(SQLite::Database& database, Purpose purpose) {
  sqlite3* const handle = database.getHandle();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kLongestValue);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
  if (purpose != Purpose::write) {
    database.exec("PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -1000"
    );
    return;
  }
  database.exec(
      "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; "
      "PRAGMA journal_size_limit = 67108864"
  );
}

Result<Connection> connect(const std::filesystem::path& file, Purpose purpose) {
  count_no_memory();
  auto counted = look(file, newest_schema());
  if (!counted) return pass_on(counted);
  if (purpose == Purpose::write && !can_be_written(file)) {
    return explain(SQLITE_READONLY, file, "the ledger cannot be written");
  }
  Connection connection{file, identity_of(file), std::move(*counted), nullptr, Purpose::read};
  if (purpose == Purpose::evidence) {
    if (has_wal(file)) return not_alone(file);
    connection.database = open_immutable(file);
    connection.looked_at = Purpose::evidence;
    return connection;
  }
  try {
    connection.database = open_for(file, purpose);
    apply_settings(*connection.database, purpose);
    connection.database->execAndGet("SELECT count(*) FROM migration");
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode();
    const bool medium = code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    if (purpose == Purpose::write || !medium) throw;
    if (has_wal(file)) return cannot_share(file);
    connection.database = open_immutable(file);
  }
  if (purpose == Purpose::write) {
    // SQLite falls back to reading without a word.
    if (sqlite3_db_readonly(connection.database->getHandle(), "main") != 0) {
      throw SQLite::Exception("read-only", SQLITE_READONLY);
    }
    const auto mode = connection.database->execAndGet("PRAGMA journal_mode").getString();
    if (mode != "wal") {
      return fail(
          Code::damaged,
          file.string() + " is not in WAL mode",
          "some other program has changed how it is written",
          "nothing was recorded",
          "hal9-migrate ledger verify"
      );
    }
  }
  return connection;
}

}  // namespace hal9::sqlite
