#include "adapters/system/descriptor.h"

#include "adapters/system/system.h"
#include "base/result.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace hal9::system {

namespace {

// Short enough that nobody waits for us, long enough to cost nothing.
constexpr std::chrono::milliseconds kLockPause{5};

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Error system_error(int number, std::string what) {
  Code code = Code::failed;
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      code = Code::full;
      break;
    case EROFS:
    case EACCES:
    case EPERM:
      code = Code::read_only;
      break;
    case ENOENT:
    case ENOTDIR:
      code = Code::missing;
      break;
    default:
      break;
  }
  return {code, std::move(what), std::generic_category().message(number), {}, {}};
}

std::optional<Owner> owner_like(const std::filesystem::path& like) {
  struct stat status{};
  const bool there = ::lstat(like.c_str(), &status) == 0 && S_ISREG(status.st_mode);
  if (!there && ::stat(folder_of(like).c_str(), &status) != 0) return {};
  return Owner{status.st_uid, status.st_gid};
}

std::optional<std::uint32_t> owner_of(const std::filesystem::path& ledger) {
  const auto owner = owner_like(ledger);
  if (!owner) return {};
  return owner->user;
}

void give_like(int descriptor, const std::filesystem::path& like) {
  if (::geteuid() != 0) return;
  if (const auto owner = owner_like(like)) {
    std::ignore = ::fchown(descriptor, owner->user, owner->group);
  }
}

Descriptor open_or_make(
    const std::filesystem::path& file, int flags, const std::filesystem::path& like
) {
  flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  // Each round but the last lost against somebody who makes or removes it, which is seldom.
  for (int round = 0; round < 16; ++round) {
    Descriptor there(::open(file.c_str(), flags));
    if (there.open() || errno != ENOENT) return there;
    Descriptor made(::open(file.c_str(), flags | O_CREAT | O_EXCL, 0600));
    if (made.open()) give_like(made.get(), like);
    if (made.open() || errno != EEXIST) return made;
  }
  return {};
}

std::string wrong_owner(const struct stat& status, std::optional<uid_t> other) {
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  if (status.st_uid != 0 && status.st_uid != ::geteuid() && status.st_uid != other) {
    return "it belongs to the user with the number " + std::to_string(status.st_uid) +
           ", neither to us nor to root";
  }
  return {};
}

std::string not_trusted(const struct stat& status, std::optional<uid_t> other) {
  std::string wrong = wrong_owner(status, other);
  if (wrong.empty() && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    wrong = "its group or everybody may write to it";
  }
  return wrong;
}

bool write_all(int descriptor, std::string_view bytes, off_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
  return true;
}

bool read_all(int descriptor, std::size_t limit, std::string& bytes) {
  std::array<char, 16384> piece{};
  while (bytes.size() < limit) {
    const std::size_t room = std::min(piece.size(), limit - bytes.size());
    const auto offset = static_cast<off_t>(bytes.size());
    const ssize_t count = ::pread(descriptor, piece.data(), room, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
  }
  return true;
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

int sync_folder(const std::filesystem::path& file) {
  const Descriptor folder(::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() || ::fsync(folder.get()) != 0) return errno;
  return 0;
}

int lock_within(int descriptor, int operation, std::chrono::milliseconds wait) {
  const auto ends = std::chrono::steady_clock::now() + wait;
  while (::flock(descriptor, operation | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return errno;
    if (std::chrono::steady_clock::now() >= ends) return EWOULDBLOCK;
    std::this_thread::sleep_for(kLockPause);
  }
  return 0;
}

}  // namespace hal9::system
