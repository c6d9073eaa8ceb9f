// What an event says of others besides its command and its correlation: upward the one that it names,
// downward where to look for those that name it.
#pragma once

#include "base/id.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hal9::engine {

struct Named {
  std::string how;                     // what that one is to this: "the rollback that it ends"
  std::optional<CorrelationId> began;  // all of it began there
  std::optional<ledger::Sequence> event;
};

// Nothing where its fact names none, or cannot be read.
std::optional<Named> named_by(const ledger::Event& event);

// last: nothing behind it names the event any more.
enum class Found : std::uint8_t { other, one, last };

struct Search {
  ledger::Filter filter;  // found by index
  std::function<Found(const ledger::Event&)> look;
};

// `after`: what is known to be of the same beginning; a rollback that ended there is named by nobody
// behind that. Nothing where no event names one of this kind.
std::optional<Search> searched_for(
    const ledger::Event& event, const std::vector<TimelineEntry>& after
);

}  // namespace hal9::engine
