#include "adapters/system/descriptor.h"
#include "adapters/system/system.h"
#include "base/result.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace hal9::system {

namespace {

constexpr std::size_t kPiece = 64UL << 10U;

// 0, or errno's number.
int copy_bytes(int from, int to) {
  std::array<char, kPiece> piece{};
  off_t at = 0;
  for (;;) {
    const ssize_t got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return ::fsync(to) == 0 ? 0 : errno;
    if (!write_all(to, std::string_view(piece.data(), static_cast<std::size_t>(got)), at)) {
      return errno;
    }
    at += got;
  }
}

}  // namespace

Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!source.open()) {
    return tl::unexpected<Error>(system_error(errno, from.string() + " cannot be read"));
  }
  const Descriptor copy(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const int failed = copy.open() ? copy_bytes(source.get(), copy.get()) : errno;
  if (failed == 0) return {};
  return tl::unexpected<Error>(system_error(failed, to.string() + " cannot be written"));
}

Result<void> sync_folder_of(const std::filesystem::path& file) {
  const int failed = sync_folder(file);
  if (failed == 0) return {};
  return tl::unexpected<Error>(
      system_error(failed, file.string() + " is written, but its folder cannot be synced")
  );
}

}  // namespace hal9::system
