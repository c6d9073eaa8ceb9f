// A reader that stays open keeps what is written meanwhile from being brought into the file: the WAL
// grows behind it without bound. So a read that takes longer than its limit, while somebody writes,
// is ended by an error; and so is one behind which the WAL has grown by a quarter of what it may have.
// A ledger that nobody writes can be read for as long as it takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <SQLiteCpp/Database.h>

namespace hal9::sqlite {

struct ReadLimit {
  std::chrono::milliseconds longest{30'000};
  // Bytes. Together at most the 64 MiB that a WAL may have; one that was longer before this read began
  // is somebody else's.
  std::uintmax_t largest_wal = 48UL << 20U;
  std::uintmax_t most_growth = 16UL << 20U;
  std::function<std::chrono::steady_clock::time_point()> now;  // empty: the machine's
};

// Looks at the clock between a connection's steps. Belongs to the thread that owns the connection;
// steps may be made by another one while a read is open (read_ahead.h).
class ReadWatch {
 public:
  // The connection outlives its last step, and the watch that as well.
  ReadWatch(SQLite::Database& database, const std::filesystem::path& ledger, ReadLimit limit);
  ReadWatch(const ReadWatch&) = delete;
  ReadWatch& operator=(const ReadWatch&) = delete;
  ~ReadWatch() = default;

  // Reads inside of a read count from its beginning.
  void begin();
  void end() { --open_; }

  // What the read that was ended last has done, in words.
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  static int look(void* watch);
  bool too_long();

  std::filesystem::path wal_;
  ReadLimit limit_;
  int open_ = 0;
  std::chrono::steady_clock::time_point began_;
  std::uintmax_t wal_size_ = 0;  // when it began
  std::chrono::steady_clock::time_point next_look_;
  std::string why_;
};

// A read is open as long as this is there; of a file without a watch nothing is counted.
class OpenRead {
 public:
  explicit OpenRead(ReadWatch* watch) : watch_(watch) {
    if (watch_ != nullptr) watch_->begin();
  }
  OpenRead(const OpenRead&) = delete;
  OpenRead& operator=(const OpenRead&) = delete;
  ~OpenRead() {
    if (watch_ != nullptr) watch_->end();
  }

 private:
  ReadWatch* watch_;
};

}  // namespace hal9::sqlite
