#include "adapters/sqlite/wal_flush.h"

#include "adapters/sqlite/ledger_file.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

// 64 pages: read in 0.4 ms. A command writes about ten, so one in several pays for a sync more.
constexpr std::uintmax_t kWorthFlushing = 256UL * 1024;

std::uintmax_t size_of_wal(const std::filesystem::path& ledger) {
  std::filesystem::path wal = ledger;
  wal += "-wal";
  std::error_code error;
  const auto size = std::filesystem::file_size(wal, error);
  return error ? 0 : size;
}

}  // namespace

void flush_wal(LedgerFile& file) {
  if (file.poisoned() || size_of_wal(file.path()) < kWorthFlushing) return;
  const auto lock = file.lock().acquire(std::chrono::milliseconds{0});
  if (!lock || !file.is_in_place()) return;
  sqlite3* const handle = file.database().getHandle();
  // Readers that still need the WAL keep it; they are not waited for.
  sqlite3_busy_timeout(handle, 0);
  sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

}  // namespace hal9::sqlite
