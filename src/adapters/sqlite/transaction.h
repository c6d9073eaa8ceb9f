// A write transaction: IMMEDIATE (a deferred one that upgrades ignores the busy timeout), finished
// after commit or rollback, rolled back when it is dropped. A steady look: a read transaction, over
// when it is dropped.
#pragma once

#include "adapters/sqlite/ledger_file.h"

#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

class Transaction {
 public:
  explicit Transaction(SQLite::Database& database) : database_(database) {
    database_.exec("BEGIN IMMEDIATE");
  }
  // By statements that are prepared once: one event a transaction is much of what is written.
  explicit Transaction(LedgerFile& file) : database_(file.database()), file_(&file) {
    file.prepared("BEGIN IMMEDIATE")->exec();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    // tryExec answers with a code: a destructor must not throw, and SQLite may have rolled back.
    if (open_) database_.tryExec("ROLLBACK");
  }

  void commit() {
    if (file_ != nullptr) {
      file_->prepared("COMMIT")->exec();
    } else {
      database_.exec("COMMIT");
    }
    open_ = false;
  }

 private:
  SQLite::Database& database_;
  LedgerFile* file_ = nullptr;
  bool open_ = true;
};

class SteadyLook {
 public:
  explicit SteadyLook(SQLite::Database& database) : database_(database) { database_.exec("BEGIN"); }
  SteadyLook(const SteadyLook&) = delete;
  SteadyLook& operator=(const SteadyLook&) = delete;
  ~SteadyLook() { database_.tryExec("ROLLBACK"); }

 private:
  SQLite::Database& database_;
};

}  // namespace hal9::sqlite
