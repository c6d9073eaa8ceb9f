#include "adapters/sqlite/owner.h"

#include <filesystem>
#include <tuple>

#include <sys/stat.h>
#include <unistd.h>

namespace hal9::sqlite {

void give_to_owner_of(const std::filesystem::path& ledger, int descriptor) {
  if (::geteuid() != 0) return;
  const std::filesystem::path folder =
      ledger.has_parent_path() ? ledger.parent_path() : std::filesystem::path(".");
  struct stat status{};
  // A link in the ledger's place says nothing about whose it is.
  const bool there = ::lstat(ledger.c_str(), &status) == 0 && S_ISREG(status.st_mode);
  if (!there && ::stat(folder.c_str(), &status) != 0) return;
  std::ignore = ::fchown(descriptor, status.st_uid, status.st_gid);
}

}  // namespace hal9::sqlite
