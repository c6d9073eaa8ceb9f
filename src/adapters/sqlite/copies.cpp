// A ledger's file as one file: copied while others write, or settled once nobody does.
#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/result.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace hal9::sqlite {

namespace {

constexpr const char* kCannotCopy = "the ledger cannot be copied";

// Ours alone from its first byte on.
Result<void> make_empty(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const Code code = errno == EEXIST                       ? Code::conflict
                      : errno == ENOSPC || errno == EDQUOT  ? Code::full
                      : errno == ENOENT || errno == ENOTDIR ? Code::missing
                                                            : Code::read_only;
    return fail(code, kCannotCopy, file.string() + ": " + std::strerror(errno), "nothing was made");
  }
  ::close(descriptor);
  return {};
}

}  // namespace

Result<void> copy(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (auto made = make_empty(to); !made) return made;
  try {
    auto source = connect(from, Purpose::read);
    if (!source) return pass_on(source);
    SQLite::Database target(to.string(), SQLite::OPEN_READWRITE);
    target.exec("PRAGMA synchronous = FULL");
    // In one step: between two of them a writer would make it begin again.
    SQLite::Backup backup(target, *source->database);
    if (const int code = backup.executeStep(-1); code != SQLITE_DONE) {
      return explain(code, from, kCannotCopy);
    }
    add_views(target);
  } catch (const SQLite::Exception& error) {
    auto failed = explain(error, to, kCannotCopy);
    failed.value().state = "nothing was made";
    return failed;
  }
  return {};
}

Result<void> settle(const std::filesystem::path& file) {
  try {
    auto connection = connect(file, Purpose::write);
    if (!connection) return pass_on(connection);
    SQLite::Database& database = *connection->database;
    sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    database.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const SQLite::Exception& error) {
    return explain(error, file, "the ledger cannot be made");
  }
  return {};
}

}  // namespace hal9::sqlite
