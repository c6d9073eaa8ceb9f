// The lock file beside the ledger: an exclusive flock around a writer's transaction and WAL flush.
// flock is neither fair nor timed, so it is polled until a deadline.
#pragma once

#include "base/result.h"

#include <chrono>
#include <filesystem>

namespace hal9::sqlite {

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
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace hal9::sqlite
