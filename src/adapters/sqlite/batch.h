// The open transaction of the one writer: lock file, BEGIN IMMEDIATE, appends, one commit.
#pragma once

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/lock_file.h"
#include "adapters/sqlite/queries.h"
#include "adapters/sqlite/transaction.h"
#include "ledger/store.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hal9::sqlite {

// Statements of the append, prepared once a store.
struct Prepared {
  explicit Prepared(SQLite::Database& database);
  SQLite::Statement find_term, add_term, add_event, add_node, add_command, set_head, add_snapshot;
};

class SqliteBatch : public ledger::Batch {
 public:
  // Throws SQLite::Exception if the transaction cannot be begun. `poison` is called after a failed
  // append or commit: that connection is not used again.
  SqliteBatch(
      Connection& connection,
      Prepared& prepared,
      LockFile lock,
      std::string name,
      ledger::Head head,
      std::function<void()> poison
  );

  const ledger::Head& head() const override { return head_; }
  Result<std::optional<ledger::CommandRecord>> find_command(CommandId id) override;
  Result<std::vector<ledger::Event>> append(
      std::span<const ledger::Draft> drafts,
      Time now,
      CommandId command,
      const Digest& command_digest
  ) override;
  Result<void> put_snapshot(const ledger::Snapshot& snapshot) override;
  Result<void> commit() override;

 private:
  ledger::Event place(const ledger::Draft& draft, Time now);
  std::int64_t code_of(TermKind kind, const std::string& text);
  void write_head();
  tl::unexpected<Error> broken(const SQLite::Exception& error, const char* doing);

  Connection& connection_;
  Prepared& prepared_;
  LockFile lock_;  // destroyed after the transaction
  std::string source_;
  ledger::Head head_;
  std::function<void()> poison_;
  bool unusable_ = false;
  Transaction transaction_;
};

}  // namespace hal9::sqlite
