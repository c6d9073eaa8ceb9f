#include "adapters/system/file_lock.h"

#include "adapters/system/descriptor.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "engine/lock.h"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>

namespace hal9::system {

namespace {

// Closing the descriptor releases; a killed process releases by that too. The file stays: removing
// it would let two processes lock two files of one name.
class HeldFile : public engine::Lock::Held {
 public:
  explicit HeldFile(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;
};

class FileLock : public engine::Lock {
 public:
  FileLock(std::filesystem::path file, std::filesystem::path ledger)
      : file_(std::move(file)), ledger_(std::move(ledger)) {}

  Result<std::unique_ptr<Held>> acquire(std::chrono::milliseconds wait) override {
    auto file = open_locked(file_, ledger_, wait);
    if (!file) return pass_on(file);
    return std::unique_ptr<Held>(std::make_unique<HeldFile>(std::move(*file)));
  }

 private:
  std::filesystem::path file_;
  std::filesystem::path ledger_;
};

}  // namespace

Result<Descriptor> open_locked(
    const std::filesystem::path& path,
    const std::filesystem::path& ledger,
    std::chrono::milliseconds wait
) {
  // Anew each time: flock belongs to the open file, and two of one process must exclude as well.
  Descriptor file = open_or_make(path, O_RDWR, ledger);
  if (!file.open() && errno == EROFS) {
    // On a medium that nobody writes it can be held all the same, but not be made by anybody.
    file = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.open() && errno == ENOENT) return Descriptor();
  }
  if (!file.open()) {
    Error error = system_error(errno, "the lock file " + path.string() + " cannot be opened");
    if (error.code == Code::missing) error.code = Code::failed;
    return tl::unexpected<Error>(std::move(error));
  }
  const int failed = lock_within(file.get(), LOCK_EX, wait);
  if (failed == EWOULDBLOCK) {
    return fail(Code::locked, "another process holds " + path.string());
  }
  if (failed != 0) {
    return tl::unexpected<Error>(
        system_error(failed, "the lock file " + path.string() + " cannot be locked")
    );
  }
  return file;
}

std::unique_ptr<engine::Lock> make_file_lock(
    std::filesystem::path file, std::filesystem::path ledger
) {
  return std::make_unique<FileLock>(std::move(file), std::move(ledger));
}

}  // namespace hal9::system
