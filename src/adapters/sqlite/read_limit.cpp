#include "adapters/sqlite/read_limit.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

// Some seventy rows: the clock is not noticed, and no read is long without it.
constexpr int kStepsBetweenLooks = 1000;

std::uintmax_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

}  // namespace

ReadWatch::ReadWatch(
    SQLite::Database& database, const std::filesystem::path& ledger, ReadLimit limit
)
    : wal_(ledger), limit_(std::move(limit)) {
  wal_ += "-wal";
  if (!limit_.now) limit_.now = [] { return std::chrono::steady_clock::now(); };
  sqlite3_progress_handler(database.getHandle(), kStepsBetweenLooks, look, this);
}

void ReadWatch::begin() {
  if (++open_ != 1) return;
  began_ = limit_.now();
  wal_size_ = size_of(wal_);
}

int ReadWatch::look(void* watch) {
  return static_cast<const ReadWatch*>(watch)->too_long() ? 1 : 0;
}

bool ReadWatch::too_long() const {
  if (open_ == 0 || limit_.now() - began_ <= limit_.longest) return false;
  return size_of(wal_) > wal_size_;
}

}  // namespace hal9::sqlite
