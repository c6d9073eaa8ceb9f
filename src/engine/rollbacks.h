// What a rollback was of, as the ledger had it then.
#pragma once

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstdint>

namespace hal9::engine {

// How many routes the configuration had that was in force after event `at`; 0: there was none.
Result<std::uint64_t> routes_at(ledger::Reader& reader, ledger::Sequence at);

}  // namespace hal9::engine
