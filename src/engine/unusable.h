// Which of the ledger's errors mean that it cannot be used as a place, as against a refusal of one
// command.
// A way back then goes on without it and is spooled.
#pragma once

#include "base/result.h"

namespace hal9::engine {

inline bool ledger_unusable(Code code) {
  switch (code) {
    case Code::damaged:
    case Code::not_ours:
    case Code::newer:
    case Code::locked:
    case Code::full:
    case Code::read_only:
    case Code::missing:
    case Code::unreachable:
    case Code::failed:
      return true;
    case Code::usage:
    case Code::not_authorised:
    case Code::repeated:
    case Code::conflict:
    case Code::stale:
    case Code::gate:
    case Code::negative:
    case Code::partly_done:
    case Code::spooled:
    case Code::continues:
    case Code::interrupted:
      return false;
  }
  return true;
}

}  // namespace hal9::engine
