// The map files on disk that HAProxy reads at its start: after a reload or a restart they are all
// that it knows, so they follow every change of the maps in memory.
//
// Invariants: a file is replaced as a whole (temporary file beside it, synced, renamed, folder
// synced), so a reload sees the old one or the new one; lines that are not ours stay as they are.
#pragma once

#include "adapters/haproxy/answers.h"
#include "base/result.h"
#include "base/share.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::haproxy {

using Amounts = std::map<std::string, Share, std::less<>>;

struct Traffic {
  Amounts share;  // by route
  Amounts mirror;
};

enum class Merge : std::uint8_t {
  lower,    // the smaller of what the file says and what is asked; a missing key is 0
  replace,  // what is asked
};

// The text of a map file with these amounts in it; missing keys are appended. Pure.
std::string merge_map(std::string_view text, const Amounts& amounts, Merge how);
// The same with every key at 0. Pure.
std::string zero_map(std::string_view text);

// Its entries, as HAProxy would read them: comments and blank lines left out. Pure.
std::vector<MapEntry> entries_of(std::string_view text);

// Error: failed, with the reason; a file that does not exist is empty.
Result<std::string> read_map_file(const std::string& path);
struct MapText {
  std::string path;
  std::string text;
};
// Replaces each file, in order, and syncs their folder once; one result a file. Keeps mode and,
// where it is allowed to, owner; leaves a file alone that holds its text already. Precondition: all
// in one folder. Errors: full, read_only, failed; that old file is then still there.
std::vector<Result<void>> write_map_files(const std::vector<MapText>& files);
// Shows that these files could be replaced: reads each, then writes the first one's text to a file
// beside it, which goes again. Precondition: all in one folder. Errors as for reading and writing.
Result<void> prove_map_files(const std::vector<std::string>& paths);

}  // namespace hal9::haproxy
