// Which of the ledger's errors mean that it cannot be used as a place, as against a refusal of one
// command.
// A rollback then goes on without it and is spooled.
#pragma once

#include "base/result.h"

namespace hal9::engine {

inline bool ledger_unusable(Code code) {
  return facts_of(code).kind == CodeKind::unusable;
}

}  // namespace hal9::engine
