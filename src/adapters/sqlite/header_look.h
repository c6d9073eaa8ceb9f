// A look at a file's first bytes before SQLite opens it: a file that is not ours, or of a newer
// version, is refused untouched, without so much as a `-shm` beside it.
//
// Closing any descriptor of a file drops the POSIX locks that this process holds on it, SQLite's
// own among them. So files that this process has open are counted, and not looked at again.
#pragma once

#include "base/result.h"

#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace hal9::sqlite {

inline constexpr std::uint32_t kApplicationId = 0x48414C39;  // "HAL9"

// Which file it is, whatever it is called.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  auto operator<=>(const FileIdentity&) const = default;
};
// Of what is there under this name now; nothing where nothing is.
std::optional<FileIdentity> identity_of(const std::filesystem::path& file);

// Kept for as long as a connection is open on the file.
class OpenFile {
 public:
  virtual ~OpenFile() = default;
};

// Errors: missing, not_ours, newer (user_version above `newest`), unreachable.
Result<std::unique_ptr<OpenFile>> look(const std::filesystem::path& file, std::uint32_t newest);

}  // namespace hal9::sqlite
