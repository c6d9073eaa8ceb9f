// What is wrong with a ledger's file apart from what its rows hold: pages, indexes, schema.
#pragma once

#include "adapters/sqlite/indexes.h"
#include "adapters/sqlite/ledger_file.h"

#include <optional>
#include <string>

namespace hal9::sqlite {

// In words; nothing where nothing is wrong. `rows`: what the rows of `event` that were read in the same
// steady look ask of its indexes; without it SQLite looks every row up. Pages are looked at on a
// connection and a thread of their own. Throws SQLite::Exception.
std::optional<std::string> structure_finding(LedgerFile& file, const std::optional<Indexes>& rows);

}  // namespace hal9::sqlite
