// The store on SQLite: one ledger, one file, WAL, synchronous=FULL.
//
// A writer holds an exclusive flock on `<file>.lock` (never on the database file: opening and
// closing the live file would drop SQLite's own locks) around its transaction and its WAL flush;
// readers open read-only and never flush, also not on close. A writer that closes flushes a WAL that
// has become long, unless it is in haste or another one is writing. Without that lock Debian 12's SQLite
// 3.40.1 loses committed data when several connections write and flush. The lock is taken by
// polling with a deadline. Files are 0600.
#pragma once

#include "adapters/sqlite/read_limit.h"
#include "base/result.h"
#include "ledger/store.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hal9::sqlite {

// Makes a new, empty ledger with its schema. `name` is a Name's text. Errors: conflict if anything
// is there already (it is left untouched), missing (no such folder), full, read_only.
Result<void> create(const std::filesystem::path& file, std::string_view name);

// Opens for reading and writing and brings an older schema forward (numbered migrations, in a
// transaction, checked by hash). Errors: missing, not_ours, newer, damaged, locked, full,
// read_only; after an error the file is as it was.
Result<std::unique_ptr<ledger::Store>> open(const std::filesystem::path& file);

// Opens for reading alone: needs no lock and writes nothing. Errors as open; a read that is open for
// longer than the limit while others write ends with failed (read_limit.h).
Result<std::unique_ptr<ledger::Reader>> open_to_read(
    const std::filesystem::path& file, ReadLimit limit = {}
);

// Opens a file that nobody writes, on whatever medium: no lock, nothing made beside it, nothing looked
// for there. Errors as open; read_only where a WAL says that the file alone is not the ledger.
Result<std::unique_ptr<ledger::Reader>> open_as_evidence(const std::filesystem::path& file);

// One state of `from`, whoever writes meanwhile, as the new file `to`, synced; it is complete without
// a WAL, and has the views of schema/views.sql. Errors: conflict (`to` is there), full, those of reading.
Result<void> copy(const std::filesystem::path& from, const std::filesystem::path& to);

// Makes a ledger that nobody else knows of complete without a WAL. Errors as open.
Result<void> settle(const std::filesystem::path& file);

// The version of the SQLite in this process, for `status --detailed`.
std::string library_version();

}  // namespace hal9::sqlite
