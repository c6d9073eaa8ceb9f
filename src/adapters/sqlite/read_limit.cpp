#include "adapters/sqlite/read_limit.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

// Some seventy rows: the clock is not noticed, and no read is long without it.
constexpr int kStepsBetweenLooks = 1000;
// Of the WAL, which takes a system call.
constexpr std::chrono::milliseconds kBetweenSizes{50};

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
  next_look_ = began_ + kBetweenSizes;
}

int ReadWatch::look(void* watch) {
  return static_cast<ReadWatch*>(watch)->too_long() ? 1 : 0;
}

bool ReadWatch::too_long() {
  if (open_ == 0) return false;
  const auto now = limit_.now();
  const bool late = now - began_ > limit_.longest;
  if (!late && now < next_look_) return false;
  next_look_ = now + kBetweenSizes;
  const std::uintmax_t size = size_of(wal_);
  if (size <= wal_size_) return false;
  const std::uintmax_t growth = size - wal_size_;
  if (late) {
    why_ = fmt::format(
        "the ledger was read for longer than {} s while others wrote",
        std::chrono::duration_cast<std::chrono::seconds>(limit_.longest).count()
    );
  } else if (size > limit_.largest_wal && growth > limit_.most_growth) {
    why_ = fmt::format("others wrote {} MiB while the ledger was read", growth >> 20U);
  } else {
    return false;
  }
  return true;
}

}  // namespace hal9::sqlite
