// Whose the files beside a ledger are. SQLite gives its own -wal and -shm away by the same rule.
#pragma once

#include <filesystem>

namespace hal9::sqlite {

// What root makes for a ledger is given to its owner (where there is none yet, to the folder's), or
// his next command could not open it. For a file that was made by this process, before anything is
// written. Does nothing when we are not root; a failure is passed over, since it stops no emergency.
void give_to_owner_of(const std::filesystem::path& ledger, int descriptor);

}  // namespace hal9::sqlite
