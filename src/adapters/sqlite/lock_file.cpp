#include "adapters/sqlite/lock_file.h"

#include "adapters/sqlite/owner.h"
#include "base/result.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

namespace hal9::sqlite {

namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr microseconds kFirstPause{200};
constexpr microseconds kLongestPause{1000};

void pause(microseconds duration) {
  timespec time{};
  time.tv_nsec = static_cast<long>(duration.count() * 1000);
  ::nanosleep(&time, nullptr);
}

// Opens the lock file, or makes it. Below 0: errno says why.
int open_or_make(const std::filesystem::path& file, const std::filesystem::path& ledger) {
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  // It may come or go between the two; nobody does that often.
  for (int round = 0; round < 16; ++round) {
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

}  // namespace

Result<LockFile> LockFile::acquire(
    const std::filesystem::path& ledger, std::chrono::milliseconds wait
) {
  std::filesystem::path file = ledger;
  file += ".lock";
  const int descriptor = open_or_make(file, ledger);
  if (descriptor < 0) return cannot_make(file, errno);
  LockFile lock(descriptor);
  const auto deadline = steady_clock::now() + wait;
  microseconds next = kFirstPause;
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return cannot_make(file, errno);
    if (steady_clock::now() >= deadline) {
      return fail(
          Code::locked,
          "the ledger is locked: " + ledger.string(),
          "another process has been writing for longer than " + std::to_string(wait.count()) +
              " ms",
          "nothing was recorded",
          "hal9-migrate status"
      );
    }
    pause(next);
    next = std::min(next * 2, kLongestPause);
  }
  return lock;
}

LockFile::LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

LockFile::~LockFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace hal9::sqlite
