// A line as an entry of a timeline.
#pragma once

#include "base/result.h"
#include "engine/kept_objects.h"
#include "engine/views.h"
#include "ledger/line.h"

namespace hal9::engine {

// `event` is the line as it was decoded; of one that could not be, the entry says that it is damaged.
TimelineEntry entry_of(
    ledger::Sequence sequence, const Result<ledger::Event>& event, const NamedObjects& named
);

}  // namespace hal9::engine
