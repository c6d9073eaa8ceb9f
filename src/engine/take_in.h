// Taking the spool in: what was done while the ledger could not be written becomes events, once, in
// order, as facts of then. Every mutation does it first. Idempotent by the commands' ids, so that a
// process killed between commit and remove does no harm.
#pragma once

#include "base/result.h"
#include "engine/environment.h"
#include "engine/service.h"
#include "engine/spool.h"
#include "engine/writer.h"

#include <cstdint>

namespace hal9::engine {

// Returns how many commands and unreadable lines were taken in; 0 too if the spool cannot be read.
// An error is the ledger's, and leaves the spool as it is.
Result<std::uint64_t> take_spool_in(
    Writer& writer, Spool& spool, Environment& environment, const Asker& asker
);

}  // namespace hal9::engine
