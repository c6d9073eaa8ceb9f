// What is said when the wall clock has stepped: events behind one that was recorded by a clock which
// was ahead get times that go on from there, and a person has to know that they are not the hour.
#pragma once

#include "base/time.h"
#include "ledger/line.h"

#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

// A sentence if these events, just recorded, stand later than the clock does now by more than a
// second; nothing otherwise. A clock that is ahead cannot be told before it is put back.
std::optional<std::string> clock_note(const std::vector<ledger::Event>& events, Time now);

}  // namespace hal9::engine
