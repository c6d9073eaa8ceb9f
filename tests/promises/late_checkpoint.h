// A hand on the WAL that is late at the one moment that matters.
//
// SQLite 3.40.1 loses committed transactions when a checkpoint has read the WAL's header, a writer begins
// the WAL anew, and the checkpoint then goes by what it had read. The moment between is some
// nanoseconds long; here it lasts until a writer has begun the WAL anew, `longest` at most. SQLite gives a
// mapped file's pages back in just that moment: what it calls for that is replaced, by the interface
// that SQLite has for tests (sqlite3_vfs.xSetSystemCall), in the process that asks for it alone.
#pragma once

#include <chrono>
#include <filesystem>

#include <SQLiteCpp/Database.h>

namespace hal9::promises {

// Before the ledger is opened. Throws std::runtime_error where this SQLite has no such call.
void be_late(const std::filesystem::path& ledger, std::chrono::milliseconds longest);

// Reads a page through the map, so that the next checkpoint has something to give back.
void look(SQLite::Database& database);

}  // namespace hal9::promises
