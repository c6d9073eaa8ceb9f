// The ledger's file by SQLite's own interface, as somebody would who goes round this program.
#pragma once

#include "conformance/store/store_support.h"

#include <filesystem>
#include <map>
#include <string>

#include <sqlite3.h>

namespace hal9::ledger {

// Opens, runs, closes. SQLITE_OK, or the extended code of what failed.
int raw(const std::filesystem::path& file, const std::string& sql);
// The first column of the first row as text.
std::string raw_value(const std::filesystem::path& file, const std::string& sql);
// `sql` without the triggers, which stand again afterwards; throws if that does not work.
void force(const std::filesystem::path& file, const std::string& sql);
// Brings the WAL into the file, which then is all there is.
void settle(const std::filesystem::path& file);

std::string bytes_of(const std::filesystem::path& file);
void put_bytes(const std::filesystem::path& file, const std::string& bytes);
// Every file's name and bytes.
std::map<std::string, std::string> contents(const Folder& folder);

}  // namespace hal9::ledger
