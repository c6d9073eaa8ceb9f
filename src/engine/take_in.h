// Taking the spool in: what was done while the ledger could not be written becomes events, once, in
// order, as facts of then. Every mutation does it first. Idempotent by the commands' ids, so that a
// process killed between commit and remove does no harm.
//
// A line that cannot be read has no id: it gets one out of its bytes and its place among the
// unreadable ones of that reading. So a later line that is equal to one of an earlier spool, at the
// same place, cannot be told from a repeat and is not kept a second time: its bytes are in the
// ledger, that it came twice is not. The other way round, lines of two spools of which one grew
// between a kill and the next taking in may be kept twice.
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
