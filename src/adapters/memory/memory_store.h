// The store in memory: the same contract without a disk, for tests and for what-if folds.
#pragma once

#include "ledger/store.h"

#include <memory>
#include <string_view>

namespace hal9::memory {

// `name` is a Name's text. Several stores can be opened on one ledger by `share`: they see each
// other's commits and exclude each other's batches, as several processes do on a file. All of them
// belong to one thread.
std::unique_ptr<ledger::Store> make_store(std::string_view name);
std::unique_ptr<ledger::Store> share(const ledger::Store& store);

}  // namespace hal9::memory
