// From a Code to the number that the shell sees: the only place where the two meet.
//
// 0 done, 1 failed, 2 usage, 3 a check is negative or unknown, 4 not authorised, 5 conflict,
// 6 ledger or router unreachable or unusable, 7 goes on without us, 8 partly done, 9 traffic cut
// but the record is spooled, 130 interrupted. Scripts test for them: FROZEN.
#pragma once

#include "base/result.h"

namespace hal9::tools {

inline constexpr int kDone = 0;

// No default: a new Code does not compile until somebody decides its number (-Werror=switch).
constexpr int exit_code(Code code) {
  switch (code) {
    case Code::usage:
      return 2;
    case Code::gate:
    case Code::negative:
      return 3;
    case Code::not_authorised:
      return 4;
    case Code::repeated:
    case Code::conflict:
    case Code::stale:
      return 5;
    case Code::damaged:
    case Code::not_ours:
    case Code::newer:
    case Code::locked:
    case Code::full:
    case Code::read_only:
    case Code::missing:
    case Code::unreachable:
      return 6;
    case Code::continues:
      return 7;
    case Code::partly_done:
      return 8;
    case Code::spooled:
      return 9;
    case Code::interrupted:
      return 130;
    case Code::failed:
      return 1;
  }
  return 1;
}

}  // namespace hal9::tools
