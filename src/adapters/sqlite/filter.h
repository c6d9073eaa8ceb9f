// A filter as a statement: only bound values, never text of a caller's in it.
#pragma once

#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/scan.h"
#include "ledger/store.h"

#include <optional>

namespace hal9::sqlite {

// Sequence and line of what the filter lets through, in its order; nothing if nothing can match.
// `recorded_*` are not looked at: they are turned into sequences before. Throws SQLite::Exception.
std::optional<Scan> select(LedgerFile& file, const ledger::Filter& filter);

}  // namespace hal9::sqlite
