// Reading a line as nearly all lines are, from its beginning to its end without looking back. Internal
// to this folder.
//
// It takes a part of the grammar only (line.h): text of printable ASCII without escapes. What it takes,
// the reader in line.cpp takes as the same event; whatever else there is, it gives up and says nothing,
// and that reader judges, so that a refusal reads the same on both roads.
#pragma once

#include "base/result.h"
#include "ledger/line.h"

#include <string_view>

namespace hal9::ledger {

// False: it gave up, and `into` is of no use. `data` is not looked into.
bool scan_line(std::string_view line, Event& into);

// The reader of the whole grammar: decode without the quick road before it.
Result<void> read_line(std::string_view line, bool check_data, Event& into);

}  // namespace hal9::ledger
