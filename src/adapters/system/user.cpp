#include "adapters/system/system.h"
#include "base/name.h"
#include "migration/actor.h"

#include <array>
#include <filesystem>
#include <string>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::system {

migration::Actor local_actor() {
  const uid_t uid = ::getuid();
  migration::Actor actor;
  actor.auth = migration::AuthType::unverified;
  actor.id = "os:uid-" + std::to_string(uid);
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, room.data(), room.size(), &found) == 0 && found != nullptr) {
    // A name from a directory service may hold anything; what is no Name stays a number.
    if (const auto name = Name::parse(found->pw_name)) actor.id = "os:" + name->text();
  }
  return actor;
}

std::string as_its_owner(const std::filesystem::path& file) {
  struct stat status{};
  if (::geteuid() != 0 || ::stat(file.c_str(), &status) != 0 || status.st_uid == 0) return {};
  if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return {};
  // His groups open what he may open, a balancer's socket among it; a number without a name has none.
  const char* groups = ::getpwuid(status.st_uid) != nullptr ? "--init-groups" : "--clear-groups";
  return "setpriv --reuid=" + std::to_string(status.st_uid) +
         " --regid=" + std::to_string(status.st_gid) + " " + groups;
}

}  // namespace hal9::system
