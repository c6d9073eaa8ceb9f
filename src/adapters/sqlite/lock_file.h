// The lock file beside the ledger: an exclusive flock around a writer's transaction and WAL flush.
// flock is neither fair nor timed, so it is polled until a deadline.
#pragma once

#include "adapters/sqlite/header_look.h"
#include "base/result.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

namespace hal9::sqlite {

class KeptLock;

class LockFile {
 public:
  // Makes the file 0600 if it is not there. Errors: locked after `wait`, read_only, full, failed.
  static Result<LockFile> acquire(
      const std::filesystem::path& ledger, std::chrono::milliseconds wait
  );

  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();  // releases

 private:
  friend class KeptLock;
  LockFile(int descriptor, KeptLock* kept) : descriptor_(descriptor), kept_(kept) {}

  int descriptor_ = -1;
  KeptLock* kept_ = nullptr;  // closes it
};

// The lock file for one who takes it again and again: it stays open between, since opening and closing
// it takes longer than locking it. A file that was put in its place meanwhile is the one that counts.
class KeptLock {
 public:
  explicit KeptLock(std::filesystem::path ledger) : ledger_(std::move(ledger)) {}
  KeptLock(const KeptLock&) = delete;
  KeptLock& operator=(const KeptLock&) = delete;
  ~KeptLock();

  // As LockFile's; locked at once while what it gave before is held. That is gone before this is.
  Result<LockFile> acquire(std::chrono::milliseconds wait);

 private:
  friend class LockFile;

  std::filesystem::path ledger_;
  int descriptor_ = -1;
  std::optional<FileIdentity> identity_;  // of what is open
  bool held_ = false;                     // flock would let us in a second time
};

}  // namespace hal9::sqlite
