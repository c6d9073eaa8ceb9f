// SQLite's codes as ours, in words for a person: no SQL, no file offsets.
#pragma once

#include "base/result.h"

#include <filesystem>

#include <SQLiteCpp/Exception.h>

namespace hal9::sqlite {

// `doing`: what was being done, as in "the ledger cannot be read".
tl::unexpected<Error> explain(
    int extended_code, const std::filesystem::path& file, const char* doing
);
tl::unexpected<Error> explain(
    const SQLite::Exception& error, const std::filesystem::path& file, const char* doing
);

}  // namespace hal9::sqlite
