#include "adapters/sqlite/lock_file.h"

#include "adapters/sqlite/header_look.h"
#include "adapters/sqlite/owner.h"
#include "base/result.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace hal9::sqlite {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr microseconds kFirstPause{200};
constexpr microseconds kLongestPause{1000};
// A file that comes or goes between two looks does not do so often.
constexpr int kRounds = 16;

void pause(microseconds duration) {
  timespec time{};
  time.tv_nsec = static_cast<long>(duration.count() * 1000);
  ::nanosleep(&time, nullptr);
}

// Opens the lock file, or makes it. Below 0: errno says why.
int open_or_make(const std::filesystem::path& file, const std::filesystem::path& ledger) {
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  for (int round = 0; round < kRounds; ++round) {
    const int there = ::open(file.c_str(), kFlags);
    if (there >= 0 || errno != ENOENT) return there;
    const int made = ::open(file.c_str(), kFlags | O_CREAT | O_EXCL, 0600);
    if (made >= 0) give_to_owner_of(ledger, made);
    if (made >= 0 || errno != EEXIST) return made;
  }
  return -1;
}

tl::unexpected<Error> cannot_make(const std::filesystem::path& file, int error) {
  const Code code = error == EROFS || error == EACCES || error == EPERM ? Code::read_only
                    : error == ENOSPC || error == EDQUOT                ? Code::full
                    : error == ENOENT                                   ? Code::missing
                                                                        : Code::failed;
  return fail(
      code,
      "the ledger cannot be locked: " + file.string(),
      std::strerror(error),
      "nothing was recorded",
      "ls -l " + file.parent_path().string()
  );
}

std::filesystem::path lock_of(const std::filesystem::path& ledger) {
  std::filesystem::path file = ledger;
  file += ".lock";
  return file;
}

std::optional<FileIdentity> identity_of_open(int descriptor) {
  struct stat found{};
  if (::fstat(descriptor, &found) != 0) return {};
  return FileIdentity{found.st_dev, found.st_ino};
}

tl::unexpected<Error> locked(const std::filesystem::path& ledger, milliseconds wait) {
  return fail(
      Code::locked,
      "the ledger is locked: " + ledger.string(),
      "another process has been writing for longer than " + std::to_string(wait.count()) + " ms",
      "nothing was recorded",
      "hal9-migrate status"
  );
}

// Locked when it returns without an error.
Result<void> lock(int descriptor, const std::filesystem::path& ledger, milliseconds wait) {
  const auto deadline = steady_clock::now() + wait;
  microseconds next = kFirstPause;
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return cannot_make(lock_of(ledger), errno);
    if (steady_clock::now() >= deadline) {
      return locked(ledger, wait);
    }
    pause(next);
    next = std::min(next * 2, kLongestPause);
  }
  return {};
}

}  // namespace

Result<LockFile> LockFile::acquire(const std::filesystem::path& ledger, milliseconds wait) {
  const int descriptor = open_or_make(lock_of(ledger), ledger);
  if (descriptor < 0) return cannot_make(lock_of(ledger), errno);
  LockFile file(descriptor, nullptr);
  if (auto taken = lock(descriptor, ledger, wait); !taken) return pass_on(taken);
  return file;
}

LockFile::LockFile(LockFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      kept_(std::exchange(other.kept_, nullptr)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(kept_, other.kept_);
  return *this;
}

LockFile::~LockFile() {
  if (descriptor_ < 0) return;
  if (kept_ != nullptr) {
    kept_->held_ = false;
    ::flock(descriptor_, LOCK_UN);
  } else {
    ::close(descriptor_);
  }
}

KeptLock::~KeptLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<LockFile> KeptLock::acquire(milliseconds wait) {
  const std::filesystem::path file = lock_of(ledger_);
  if (held_) return locked(ledger_, wait);
  // Whoever locks a file that nobody else opens any more locks nobody out.
  for (int round = 0; round < kRounds; ++round) {
    if (descriptor_ < 0) {
      descriptor_ = open_or_make(file, ledger_);
      if (descriptor_ < 0) return cannot_make(file, errno);
      identity_ = identity_of_open(descriptor_);
    }
    if (auto taken = lock(descriptor_, ledger_, wait); !taken) return pass_on(taken);
    if (identity_ && identity_of(file) == identity_) {
      held_ = true;
      return LockFile(descriptor_, this);
    }
    ::close(std::exchange(descriptor_, -1));
  }
  return cannot_make(file, ENOENT);
}

}  // namespace hal9::sqlite
