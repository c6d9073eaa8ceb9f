// A lock file that is open and locked.
#pragma once

#include "adapters/system/descriptor.h"
#include "base/result.h"

#include <chrono>
#include <filesystem>

namespace hal9::system {

// flock(2), exclusive, tried until `wait` is over; the file is made 0600 where it is not there. Closing
// the last descriptor of this opening releases it. Not open, and no error: it lies on a medium that
// nobody writes, and is not there. Errors: locked, those of opening.
Result<Descriptor> open_locked(
    const std::filesystem::path& path,
    const std::filesystem::path& ledger,
    std::chrono::milliseconds wait
);

}  // namespace hal9::system
