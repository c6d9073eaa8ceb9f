// Who acts, how we know, and through which door. Frozen words in the line.
#pragma once

#include <cstdint>
#include <string>

namespace hal9::migration {

// `unverified` is a local OS user: whoever can write the file can write its events. `user` is one who
// has proven it (a token, a signature).
enum class AuthType : std::uint8_t { user, unverified, system, unknown };
enum class Role : std::uint8_t { viewer, operator_, lead, manager, admin };
enum class Via : std::uint8_t { cli, server, spool };

struct Actor {
  AuthType auth = AuthType::unknown;
  std::string id;  // "os:alice", "system:executor"; never blank
  Role role = Role::operator_;
  Via via = Via::cli;
  bool operator==(const Actor&) const = default;
};

std::string to_text(AuthType auth);
std::string to_text(Role role);
std::string to_text(Via via);

}  // namespace hal9::migration
