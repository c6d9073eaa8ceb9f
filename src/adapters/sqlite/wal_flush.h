// Flushing what a closing writer leaves in the WAL. Nobody else does it: readers never flush, and
// whoever opens a ledger that nobody has open reads its whole WAL first (6 ms for 1,000 pages).
#pragma once

#include "adapters/sqlite/ledger_file.h"

namespace hal9::sqlite {

// Moves the WAL into the file and empties it, if it is long enough to be felt by the next one who
// opens it and no other writer is there: that one does it when it closes. Never waits. What cannot be
// flushed stays where it is, durable as before, so nothing of this is an error.
void flush_wal(LedgerFile& file);

}  // namespace hal9::sqlite
