#include "adapters/sqlite/sqlite_store.h"

#include "adapters/sqlite/batch.h"
#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/queries.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/values.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::sqlite {

namespace {

using namespace ledger;
using std::chrono::milliseconds;

constexpr milliseconds kOpenWait{1000};

// The Reader half of a store or reader, over one connection.
template <class Port>
class Reading : public Port {
 public:
  Reading(Connection connection, std::string name)
      : connection_(std::move(connection)), name_(std::move(name)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  Result<Head> head() override { return queries().head(); }
  Result<void> scan(const Filter& filter, const LineVisitor& visit) override {
    return queries().scan(filter, visit);
  }
  Result<void> scan_rows(Sequence from, const RowVisitor& visit) override {
    return queries().scan_rows(from, visit);
  }
  Result<Sequence> sequence_at(Time recorded) override { return queries().sequence_at(recorded); }
  Result<std::optional<CommandRecord>> find_command(CommandId id) override {
    return queries().find_command(id);
  }
  Result<void> scan_commands(const std::function<bool(const CommandRecord&)>& visit) override {
    return queries().scan_commands(visit);
  }
  Result<std::optional<Snapshot>> snapshot_before(std::string_view fold, Sequence at) override {
    return queries().snapshot_before(fold, at);
  }
  Result<void> scan_snapshots(const std::function<bool(const Snapshot&)>& visit) override {
    return queries().scan_snapshots(visit);
  }
  Result<Digest> node(std::uint32_t level, std::uint64_t index) override {
    return queries().node(level, index);
  }
  Result<void> scan_nodes(const std::function<bool(const Node&)>& visit) override {
    return queries().scan_nodes(visit);
  }

 protected:
  Connection& connection() { return connection_; }
  Queries queries() { return Queries(connection_); }

 private:
  Connection connection_;
  std::string name_;
};

class SqliteReader : public Reading<Reader> {
 public:
  using Reading<Reader>::Reading;
};

class SqliteStore : public Reading<Store> {
 public:
  using Reading<Store>::Reading;

  Result<std::unique_ptr<Batch>> begin(milliseconds wait) override {
    if (poisoned_) {
      return fail(
          Code::failed,
          "the ledger was left alone after a failed write",
          "what that write left behind shows only after opening it again",
          "nothing was recorded",
          "hal9-migrate ledger verify"
      );
    }
    auto lock = LockFile::acquire(connection().file, wait);
    if (!lock) return pass_on(lock);
    try {
      if (!prepared_) prepared_.emplace(*connection().database);
      // Between lock and BEGIN nobody else writes, so the head that is read is the transaction's.
      auto head = queries().head();
      if (!head) return pass_on(head);
      return std::unique_ptr<Batch>(std::make_unique<SqliteBatch>(
          connection(),
          *prepared_,
          std::move(*lock),
          name(),
          std::move(*head),
          [this] { poisoned_ = true; }
      ));
    } catch (const SQLite::Exception& error) {
      return explain(error, connection().file, "the ledger cannot be written");
    }
  }

 private:
  std::optional<Prepared> prepared_;
  bool poisoned_ = false;
};

template <class T>
Result<std::unique_ptr<T>> guarded(
    const std::filesystem::path& file,
    const char* doing,
    const std::function<Result<std::unique_ptr<T>>()>& open
) {
  try {
    return open();
  } catch (const SQLite::Exception& error) {
    return explain(error, file, doing);
  }
}

// Makes the file so that nobody else's is touched: exclusively, 0600.
Result<void> make_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const int error = errno;
    const Code code = error == EEXIST                     ? Code::conflict
                      : error == ENOENT                   ? Code::missing
                      : error == ENOSPC                   ? Code::full
                      : error == EROFS || error == EACCES ? Code::read_only
                                                          : Code::failed;
    return fail(
        code,
        "the ledger " + file.string() + " cannot be made",
        std::strerror(error),
        "nothing was made",
        error == EEXIST ? "hal9-migrate status" : "ls -ld " + file.parent_path().string()
    );
  }
  ::close(descriptor);
  return {};
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void fill(SQLite::Database& database, std::string_view name) {
  apply_settings(database, Purpose::write);
  database.exec("PRAGMA page_size = 4096");
  database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  bring_forward(database);
  Transaction transaction(database);
  SQLite::Statement named(database, "INSERT INTO ledger (one, name) VALUES (1, ?)");
  bind_text(named, 1, name);
  named.exec();
  SQLite::Statement head(
      database,
      "INSERT INTO head (one, sequence, root, frontier, recorded, least_reader) "
      "VALUES (1, 0, ?, x'', 0, ?)"
  );
  const Digest root = empty_root();
  bind_bytes(head, 1, root);
  head.bind(2, kFormatVersion);
  head.exec();
  transaction.commit();
  // Last: the file's own header is complete before there is a WAL beside it.
  database.exec("PRAGMA journal_mode = WAL");
}

void remove_made(const std::filesystem::path& file) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::error_code ignored;
    std::filesystem::path one = file;
    one += suffix;
    std::filesystem::remove(one, ignored);
  }
}

}  // namespace

Result<void> create(const std::filesystem::path& file, std::string_view name) {
  if (auto made = make_file(file); !made) return pass_on(made);
  try {
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
    fill(database, name);
  } catch (const SQLite::Exception& error) {
    remove_made(file);
    return explain(error, file, "the ledger cannot be made");
  }
  sync_folder(file.parent_path());
  return {};
}

Result<std::unique_ptr<Store>> open(const std::filesystem::path& file) {
  return guarded<Store>(
      file,
      "the ledger cannot be opened",
      [&]() -> Result<std::unique_ptr<Store>> {
        auto connection = connect(file, Purpose::write);
        if (!connection) return pass_on(connection);
        if (schema_of(*connection->database) < newest_schema()) {
          auto lock = LockFile::acquire(file, kOpenWait);
          if (!lock) return pass_on(lock);
          bring_forward(*connection->database);
          // The header in the file itself then says which schema this is.
          connection->database->exec("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        if (auto checked = check_schema(*connection->database, file); !checked) {
          return pass_on(checked);
        }
        auto name = Queries(*connection).name();
        if (!name) return pass_on(name);
        return std::unique_ptr<Store>(
            std::make_unique<SqliteStore>(std::move(*connection), std::move(*name))
        );
      }
  );
}

Result<std::unique_ptr<Reader>> open_to_read(const std::filesystem::path& file) {
  return guarded<Reader>(
      file,
      "the ledger cannot be opened",
      [&]() -> Result<std::unique_ptr<Reader>> {
        auto connection = connect(file, Purpose::read);
        if (!connection) return pass_on(connection);
        if (auto checked = check_schema(*connection->database, file); !checked) {
          return pass_on(checked);
        }
        auto name = Queries(*connection).name();
        if (!name) return pass_on(name);
        return std::unique_ptr<Reader>(
            std::make_unique<SqliteReader>(std::move(*connection), std::move(*name))
        );
      }
  );
}

std::string library_version() {
  return sqlite3_libversion();
}

}  // namespace hal9::sqlite
