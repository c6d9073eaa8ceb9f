// An open ledger as the reads and the writer's batch share it: the connection, its prepared
// statements, the codes of terms.
//
// Thread safety: none; one thread owns it.
#pragma once

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/header_look.h"
#include "adapters/sqlite/lock_file.h"
#include "adapters/sqlite/read_limit.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/store.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <SQLiteCpp/Statement.h>

namespace hal9::sqlite {

// What a term is (frozen: stored in term.kind).
enum class Kind : std::uint8_t { type = 1, subject = 2, actor = 3 };

// A prepared statement, taken for one use: reset when it is dropped, so that no read transaction
// stays open behind it.
class Lease {
 public:
  explicit Lease(SQLite::Statement& statement) : statement_(&statement) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  // tryReset repeats the code of a step that has already thrown.
  ~Lease() { statement_->tryReset(); }

  SQLite::Statement* operator->() { return statement_; }
  SQLite::Statement& operator*() { return *statement_; }

 private:
  SQLite::Statement* statement_;
};

class LedgerFile {
 public:
  LedgerFile(Connection connection, std::string name)
      : connection_(std::move(connection)), name_(std::move(name)), lock_(connection_.file) {}

  [[nodiscard]] SQLite::Database& database() { return *connection_.database; }
  [[nodiscard]] Purpose looked_at() const { return connection_.looked_at; }
  [[nodiscard]] const std::filesystem::path& path() const { return connection_.file; }
  // Whether the file under its name is still the one that is open.
  [[nodiscard]] bool is_in_place() const {
    return identity_of(path()) == connection_.identity && connection_.identity;
  }
  [[nodiscard]] const std::string& name() const { return name_; }

  // `sql` has to be a literal: its address is the key. Not for a statement that may be used again
  // before its lease ends.
  Lease prepared(const char* sql);

  // The code of a term that is there already. Throws SQLite::Exception.
  std::optional<std::int64_t> code_of(Kind kind, const std::string& text);
  // The same, made if it is not there; inside of a write transaction.
  std::int64_t code_for(Kind kind, const std::string& text);
  // Codes that a batch made are forgotten when it does not commit.
  void keep_codes() { fresh_.clear(); }
  void drop_codes();

  // Throws SQLite::Exception. Error: damaged.
  Result<ledger::Head> read_head();
  std::optional<ledger::CommandRecord> find_command(const CommandId& id);

  // The writer's lock, for everybody who writes or flushes through this.
  [[nodiscard]] KeptLock& lock() { return lock_; }

  // From here on reads are cut after their time; of a writer's file they are not.
  void limit_reads(ReadLimit limit) {
    watch_ = std::make_unique<ReadWatch>(database(), path(), std::move(limit));
  }
  [[nodiscard]] ReadWatch* watch() { return watch_.get(); }

  [[nodiscard]] bool poisoned() const { return poisoned_; }
  void poison() { poisoned_ = true; }

 private:
  struct Term {
    Kind kind;
    std::string text;
  };
  using Codes = std::unordered_map<std::string, std::int64_t>;

  Codes& codes_of(Kind kind) { return codes_.at(static_cast<std::size_t>(kind)); }

  std::unique_ptr<ReadWatch> watch_;  // outlives the connection, which looks at it
  Connection connection_;
  std::string name_;
  KeptLock lock_;
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
  std::array<Codes, 4> codes_;  // by kind; the first is nobody's
  std::vector<Term> fresh_;
  bool poisoned_ = false;
};

// Blobs of a fixed length; nothing for another length.
std::optional<Digest> digest_of(const SQLite::Column& column);
std::optional<Bytes16> bytes16_of(const SQLite::Column& column);
std::string_view text_of(const SQLite::Column& column);

inline std::int64_t to_micros(Time time) {
  return time.time_since_epoch().count();
}
inline Time from_micros(std::int64_t micros) {
  return Time(Micros(micros));
}

// The columns id, digest, first, count of a command row; nothing for one that cannot be.
std::optional<ledger::CommandRecord> command_of(SQLite::Statement& row);

}  // namespace hal9::sqlite
