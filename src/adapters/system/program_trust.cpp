#include "adapters/system/program_trust.h"

#include "base/escape.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

namespace hal9::system {

namespace {

namespace fs = std::filesystem;

// As many as the kernel follows.
constexpr int kLinks = 40;

struct Trusted {
  std::uint32_t user;
  std::uint32_t owner;
};

std::optional<Replaceable> look_at(const fs::path& place, const Trusted& trusted) {
  struct stat found{};
  if (::stat(place.c_str(), &found) != 0) return {};
  const std::string name = escape_shell(place.string());
  if (found.st_uid != 0 && found.st_uid != trusted.user && found.st_uid != trusted.owner) {
    return Replaceable{
        place, fmt::format("{} belongs to user {}", name, found.st_uid), "ls -ld " + name
    };
  }
  if (S_ISDIR(found.st_mode) && (found.st_mode & S_ISVTX) != 0) return {};
  if ((found.st_mode & S_IWOTH) != 0) {
    return Replaceable{place, name + " may be written by everybody", "chmod o-w " + name};
  }
  if (trusted.user == 0 && found.st_gid != 0 && (found.st_mode & S_IWGRP) != 0) {
    return Replaceable{
        place, fmt::format("{} may be written by group {}", name, found.st_gid), "chmod g-w " + name
    };
  }
  return {};
}

// Whoever owns a link lets it lead elsewhere, also where its folder is sticky.
std::optional<Replaceable> look_at_link(const fs::path& link, const Trusted& trusted) {
  struct stat found{};
  if (::lstat(link.c_str(), &found) != 0 || !S_ISLNK(found.st_mode)) return {};
  if (found.st_uid == 0 || found.st_uid == trusted.user || found.st_uid == trusted.owner) return {};
  const std::string name = escape_shell(link.string());
  return Replaceable{
      link, fmt::format("the link {} belongs to user {}", name, found.st_uid), "ls -ld " + name
  };
}

// The folders from the root down to it, and it; of each link the way that it leads, too.
std::optional<Replaceable> look_along(const fs::path& path, const Trusted& trusted, int links) {
  fs::path place;
  for (const fs::path& part : path) {
    place /= part;
    if (auto found = look_at(place, trusted)) return found;
    std::error_code error;
    if (links == 0 || !fs::is_symlink(place, error)) continue;
    if (auto found = look_at_link(place, trusted)) return found;
    const fs::path target = place.parent_path() / fs::read_symlink(place, error);
    if (error) continue;
    if (auto found = look_along(target.lexically_normal(), trusted, links - 1)) return found;
  }
  return {};
}

}  // namespace

std::optional<Replaceable> replaceable_at(
    const std::vector<std::string>& arguments,
    std::uint32_t user,
    std::uint32_t owner,
    const fs::path& folder
) {
  const Trusted trusted{user, owner};
  for (const std::string& typed : arguments) {
    const fs::path argument = folder / typed;
    if (typed.empty() || !argument.is_absolute()) continue;
    std::error_code error;
    const fs::path target = fs::canonical(argument, error);
    if (error) continue;
    if (auto found = look_along(argument, trusted, kLinks)) return found;
    if (auto found = look_along(target, trusted, kLinks)) return found;
  }
  return {};
}

}  // namespace hal9::system
