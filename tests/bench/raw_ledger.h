// The least that somebody would write in C for the same rows: the same tables, indexes, triggers and
// settings, the same lines, by BEGIN IMMEDIATE ... COMMIT. No encoding, no checks, no hashes, no
// tree, no lock file. What ours is measured against. Closing flushes the WAL, as ours does: whichever
// side kept its file would write the next round without growing it, a tenth quicker.
#pragma once

#include "ledger/line.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace hal9::bench {

struct Prepared {
  ledger::Event event;
  std::string line;
};

class RawLedger {
 public:
  // On a file that sqlite::create made.
  explicit RawLedger(const std::filesystem::path& file);
  RawLedger(const RawLedger&) = delete;
  RawLedger& operator=(const RawLedger&) = delete;
  ~RawLedger();

  // In one transaction: the events, a row for each command, the head once.
  void append(const Prepared* first, const Prepared* end);

  // Every `sequence, line` in order; the sum of the lines' bytes. `rows`: how many there were.
  std::uint64_t scan(std::uint64_t& rows);

 private:
  void check(int code) const;
  void exec(const char* sql);
  sqlite3_stmt* prepare(const char* sql);
  void step(sqlite3_stmt* statement);
  std::int64_t code_of(int kind, const std::string& text);

  sqlite3* database_ = nullptr;
  std::vector<sqlite3_stmt*> all_;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* command_ = nullptr;
  sqlite3_stmt* head_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  std::vector<std::pair<std::string, std::int64_t>> codes_;
};

}  // namespace hal9::bench
