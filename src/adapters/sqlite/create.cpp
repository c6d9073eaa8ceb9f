// Making a ledger: under another name first, so that a file of the ledger's name is always whole.
#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/header_look.h"
#include "adapters/sqlite/owner.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/result.h"
#include "base/sha256.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::sqlite {

namespace {

tl::unexpected<Error> cannot_make(const std::filesystem::path& file, int error) {
  const Code code = error == EROFS || error == EACCES || error == EPERM ? Code::read_only
                    : error == ENOSPC || error == EDQUOT                ? Code::full
                    : error == ENOENT || error == ENOTDIR               ? Code::missing
                    : error == EEXIST                                   ? Code::conflict
                                                                        : Code::failed;
  return fail(
      code,
      "the ledger cannot be made: " + file.string(),
      error == EEXIST ? "something is there already" : std::strerror(error),
      "nothing was changed",
      code == Code::conflict ? "hal9-migrate status --ledger " + file.string() : ""
  );
}

std::filesystem::path beside(const std::filesystem::path& file, const std::string& suffix) {
  std::filesystem::path path = file;
  path += suffix;
  return path;
}

bool is_there(const std::filesystem::path& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0;
}

// A new name is durable once its folder is synced.
int sync_folder(const std::filesystem::path& file) {
  const auto folder = file.parent_path().empty() ? "." : file.parent_path().string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return error;
}

// The file under its first name; gone with everything beside it when it is dropped.
class Draft {
 public:
  explicit Draft(const std::filesystem::path& file)
      : path_(beside(file, fmt::format(".new-{}", ::getpid()))) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      ::unlink(beside(path_, suffix).c_str());
    }
  }

  [[nodiscard]] int make(const std::filesystem::path& ledger) const {
    const int descriptor = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return errno;
    give_to_owner_of(ledger, descriptor);
    ::close(descriptor);
    return 0;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void fill(const std::filesystem::path& path, std::string_view name) {
  SQLite::Database database(path.string(), SQLite::OPEN_READWRITE);
  database.exec(fmt::format("PRAGMA page_size = 4096; PRAGMA application_id = {}", kApplicationId));
  const auto mode = database.execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal") throw SQLite::Exception("no WAL here", SQLITE_CANTOPEN);
  apply_settings(database, Purpose::write);
  // Nobody else knows this file: closing it brings the WAL into it and removes it.
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  bring_forward(database);
  SQLite::Statement ledger(database, "INSERT INTO ledger (one, name) VALUES (1, ?)");
  ledger.bind(1, std::string(name));
  ledger.exec();
  SQLite::Statement head(
      database,
      "INSERT INTO head (one, sequence, root, frontier, recorded, least_reader) "
      "VALUES (1, 0, ?, x'', 0, ?)"
  );
  const Digest root = ledger::empty_root();
  head.bind(1, root.data(), static_cast<int>(root.size()));
  head.bind(2, ledger::kFormatVersion);
  head.exec();
}

}  // namespace

Result<void> create(const std::filesystem::path& file, std::string_view name) {
  // A WAL left over beside a new file would be read as the new file's.
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    if (is_there(beside(file, suffix))) return cannot_make(beside(file, suffix), EEXIST);
  }
  const Draft draft(file);
  if (const int error = draft.make(file); error != 0) return cannot_make(file, error);
  try {
    fill(draft.path(), name);
  } catch (const SQLite::Exception& error) {
    return explain(error, file, "the ledger cannot be made");
  }
  if (::link(draft.path().c_str(), file.c_str()) != 0) return cannot_make(file, errno);
  if (const int error = sync_folder(file); error != 0) return cannot_make(file, error);
  return {};
}

}  // namespace hal9::sqlite
