#include "adapters/system/system.h"
#include "base/name.h"
#include "migration/actor.h"

#include <array>
#include <string>

#include <pwd.h>
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

}  // namespace hal9::system
