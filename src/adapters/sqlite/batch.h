// The one writer's open transaction on a ledger file.
#pragma once

#include "adapters/sqlite/ledger_file.h"
#include "base/result.h"
#include "ledger/store.h"

#include <chrono>
#include <memory>

namespace hal9::sqlite {

// Takes the lock file, then the database's write lock, and reads the head under both. Error: damaged
// if another file lies where the open one lay: what is appended to a file without a name is lost.
Result<std::unique_ptr<ledger::Batch>> begin_batch(
    std::shared_ptr<LedgerFile> file, std::chrono::milliseconds wait
);

}  // namespace hal9::sqlite
