#include "adapters/sqlite/sqlite_store.h"

#include "adapters/sqlite/batch.h"
#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/lock_file.h"
#include "adapters/sqlite/read_limit.h"
#include "adapters/sqlite/reader.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/wal_flush.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

using namespace ledger;

constexpr const char* kCannotOpen = "the ledger cannot be opened";
// A schema is brought forward once in a file's life; whoever is in front of us is done by then.
constexpr std::chrono::seconds kForwardWait{10};

// Reader and store answer reads alike.
template <class Port>
class Answering : public Port {
 public:
  explicit Answering(std::shared_ptr<LedgerFile> file) : queries_(std::move(file)) {}

  [[nodiscard]] std::string name() const override { return queries_.name(); }
  Result<Head> head() override { return queries_.head(); }
  Result<void> scan(const Filter& filter, const LineVisitor& visit) override {
    return queries_.scan(filter, visit);
  }
  Result<void> scan_rows(Sequence from, const RowVisitor& visit) override {
    return queries_.scan_rows(from, visit);
  }
  Result<Sequence> sequence_at(Time recorded) override { return queries_.sequence_at(recorded); }
  Result<std::optional<CommandRecord>> find_command(CommandId id) override {
    return queries_.find_command(id);
  }
  Result<void> scan_commands(const std::function<bool(const CommandRecord&)>& visit) override {
    return queries_.scan_commands(visit);
  }
  Result<std::optional<Snapshot>> snapshot_before(std::string_view fold, Sequence at) override {
    return queries_.snapshot_before(fold, at);
  }
  Result<void> scan_snapshots(const std::function<bool(const Snapshot&)>& visit) override {
    return queries_.scan_snapshots(visit);
  }
  Result<Digest> node(std::uint32_t level, std::uint64_t index) override {
    return queries_.node(level, index);
  }
  Result<void> scan_nodes(const std::function<bool(const Node&)>& visit) override {
    return queries_.scan_nodes(visit);
  }
  Result<void> steady(const std::function<Result<void>()>& work) override {
    return queries_.steady(work);
  }
  Result<std::optional<std::string>> structure_finding() override {
    return queries_.structure_finding();
  }

 private:
  Queries queries_;
};

class SqliteStore : public Answering<Store> {
 public:
  explicit SqliteStore(const std::shared_ptr<LedgerFile>& file) : Answering(file), file_(file) {}
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;
  ~SqliteStore() override {
    if (written_ && !in_haste_) flush_wal(*file_);
  }

  Result<std::unique_ptr<Batch>> begin(std::chrono::milliseconds wait) override {
    written_ = true;
    return begin_batch(file_, wait);
  }
  void close_in_haste() override { in_haste_ = true; }

 private:
  std::shared_ptr<LedgerFile> file_;
  bool written_ = false;
  bool in_haste_ = false;
};

tl::unexpected<Error> newer(const std::filesystem::path& file, const char* what) {
  return fail(
      Code::newer,
      file.string() + " was written by a newer hal9-migrate",
      what,
      "it was not touched",
      "hal9-migrate version"
  );
}

// What the header alone cannot tell: a schema or format that is newer may still be in the WAL.
Result<std::shared_ptr<LedgerFile>> checked(Connection connection) {
  const std::filesystem::path path = connection.file;
  if (schema_of(*connection.database) > newest_schema()) {
    return newer(path, "its schema is newer than this version knows");
  }
  if (auto same = check_schema(*connection.database, path); !same) return pass_on(same);
  std::string name = connection.database->execAndGet("SELECT name FROM ledger").getString();
  auto file = std::make_shared<LedgerFile>(std::move(connection), std::move(name));
  auto head = file->read_head();
  if (!head) return pass_on(head);
  if (head->least_reader > kFormatVersion) {
    return newer(path, "its events are in a newer format than this version reads");
  }
  return file;
}

Result<void> forward(Connection& connection) {
  if (schema_of(*connection.database) >= newest_schema()) return {};
  if (auto same = check_schema(*connection.database, connection.file); !same) return same;
  auto lock = LockFile::acquire(connection.file, kForwardWait);
  if (!lock) return pass_on(lock);
  bring_forward(*connection.database);
  return {};
}

Result<std::shared_ptr<LedgerFile>> open_file(const std::filesystem::path& file, Purpose purpose) {
  auto connection = connect(file, purpose);
  if (!connection) return pass_on(connection);
  return checked(std::move(*connection));
}

}  // namespace

Result<std::unique_ptr<Store>> open(const std::filesystem::path& file) {
  try {
    auto connection = connect(file, Purpose::write);
    if (!connection) return pass_on(connection);
    if (auto done = forward(*connection); !done) return pass_on(done);
    auto ledger = checked(std::move(*connection));
    if (!ledger) return pass_on(ledger);
    return std::unique_ptr<Store>(std::make_unique<SqliteStore>(*ledger));
  } catch (const SQLite::Exception& error) {
    return explain(error, file, kCannotOpen);
  }
}

Result<std::unique_ptr<Reader>> open_to_read(const std::filesystem::path& file, ReadLimit limit) {
  try {
    auto ledger = open_file(file, Purpose::read);
    if (!ledger) return pass_on(ledger);
    (*ledger)->limit_reads(std::move(limit));
    return std::unique_ptr<Reader>(std::make_unique<Answering<Reader>>(*ledger));
  } catch (const SQLite::Exception& error) {
    return explain(error, file, kCannotOpen);
  }
}

Result<std::unique_ptr<Reader>> open_as_evidence(const std::filesystem::path& file) {
  try {
    auto ledger = open_file(file, Purpose::evidence);
    if (!ledger) return pass_on(ledger);
    return std::unique_ptr<Reader>(std::make_unique<Answering<Reader>>(*ledger));
  } catch (const SQLite::Exception& error) {
    return explain(error, file, kCannotOpen);
  }
}

std::string library_version() {
  return sqlite3_libversion();
}

}  // namespace hal9::sqlite
