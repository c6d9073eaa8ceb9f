#include "raw_ledger.h"

#include "base/id.h"
#include "base/sha256.h"
#include "ledger/line.h"

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <sqlite3.h>

namespace hal9::bench {

RawLedger::RawLedger(const std::filesystem::path& file) {
  check(sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr));
  sqlite3_busy_timeout(database_, 1000);
  exec(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = "
      "67108864; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = "
      "ON; PRAGMA mmap_size = 0"
  );
  begin_ = prepare("BEGIN IMMEDIATE");
  insert_ = prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)");
  command_ = prepare("INSERT INTO command VALUES (?, ?, ?, 1)");
  head_ = prepare("UPDATE head SET sequence = ?, recorded = ?");
  commit_ = prepare("COMMIT");
}

RawLedger::~RawLedger() {
  for (sqlite3_stmt* statement : all_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

void RawLedger::append(const Prepared* first, const Prepared* end) {
  step(begin_);
  for (const Prepared* one = first; one != end; ++one) {
    const ledger::Event& event = one->event;
    const auto sequence = static_cast<sqlite3_int64>(event.sequence.value);
    const Bytes16& correlation = event.draft.correlation.bytes;
    sqlite3_bind_int64(insert_, 1, sequence);
    sqlite3_bind_int64(insert_, 2, code_of(1, event.draft.type));
    if (event.draft.subject.empty()) {
      sqlite3_bind_null(insert_, 3);
    } else {
      sqlite3_bind_int64(insert_, 3, code_of(2, event.draft.subject));
    }
    sqlite3_bind_int64(insert_, 4, code_of(3, event.draft.author.auth_id));
    sqlite3_bind_int64(insert_, 5, event.recorded.time_since_epoch().count());
    sqlite3_bind_blob(insert_, 6, correlation.data(), 16, SQLITE_STATIC);
    sqlite3_bind_text(
        insert_, 7, one->line.data(), static_cast<int>(one->line.size()), SQLITE_STATIC
    );
    step(insert_);
    if (one != first && event.draft.causation == (one - 1)->event.draft.causation) continue;
    static constexpr Digest kDigest{};
    sqlite3_bind_blob(command_, 1, event.draft.causation->bytes.data(), 16, SQLITE_STATIC);
    sqlite3_bind_blob(command_, 2, kDigest.data(), static_cast<int>(kDigest.size()), SQLITE_STATIC);
    sqlite3_bind_int64(command_, 3, sequence);
    step(command_);
  }
  const ledger::Event& last = (end - 1)->event;
  sqlite3_bind_int64(head_, 1, static_cast<sqlite3_int64>(last.sequence.value));
  sqlite3_bind_int64(head_, 2, last.recorded.time_since_epoch().count());
  step(head_);
  step(commit_);
}

std::uint64_t RawLedger::scan(std::uint64_t& rows) {
  sqlite3_stmt* const all = prepare("SELECT sequence, line FROM event ORDER BY sequence");
  std::uint64_t bytes = 0;
  std::int64_t before = 0;
  while (sqlite3_step(all) == SQLITE_ROW) {
    const std::int64_t sequence = sqlite3_column_int64(all, 0);
    if (sequence != ++before || sqlite3_column_text(all, 1) == nullptr) {
      throw std::runtime_error("a row is not in its place");
    }
    bytes += static_cast<std::uint64_t>(sqlite3_column_bytes(all, 1));
  }
  rows = static_cast<std::uint64_t>(before);
  return bytes;
}

void RawLedger::check(int code) const {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
    throw std::runtime_error(sqlite3_errmsg(database_));
  }
}

void RawLedger::exec(const char* sql) {
  check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr));
}

sqlite3_stmt* RawLedger::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr));
  all_.push_back(statement);
  return statement;
}

void RawLedger::step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  check(code);
}

std::int64_t RawLedger::code_of(int kind, const std::string& text) {
  for (const auto& [known, code] : codes_) {
    if (known == text) return code;
  }
  sqlite3_stmt* const add = prepare("INSERT OR IGNORE INTO term (kind, text) VALUES (?, ?)");
  sqlite3_bind_int(add, 1, kind);
  sqlite3_bind_text(add, 2, text.c_str(), -1, SQLITE_TRANSIENT);
  step(add);
  sqlite3_stmt* const find = prepare("SELECT code FROM term WHERE kind = ? AND text = ?");
  sqlite3_bind_int(find, 1, kind);
  sqlite3_bind_text(find, 2, text.c_str(), -1, SQLITE_TRANSIENT);
  if (sqlite3_step(find) != SQLITE_ROW) throw std::runtime_error("no term " + text);
  const std::int64_t code = sqlite3_column_int64(find, 0);
  sqlite3_reset(find);
  codes_.emplace_back(text, code);
  return code;
}

}  // namespace hal9::bench
