// A server behind one balancer, as the router calls it: what an emergency put into maintenance, and
// what a forward command may take out of it again.
#pragma once

#include "base/name.h"

#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <string>

namespace hal9::migration {

struct Server {
  Name balancer;
  std::string name;  // as the router calls it: backend/server
  auto operator<=>(const Server&) const = default;
};

}  // namespace hal9::migration
