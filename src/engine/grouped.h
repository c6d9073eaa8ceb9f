// A timeline by what goes together: what one rollback did, and what was noted of one incident (opened,
// joined, changed, closed), each with the time since it began; what is of neither stands between them.
// Made of the service's own answers; decides nothing.
//
// Memory: a group is handed on event by event, so that nothing of it is held here; of each rollback and
// incident in the range its id is kept, to leave its events out between the groups. One thread.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/views.h"
#include "ledger/store.h"

#include <cstdint>
#include <optional>

namespace hal9::engine {

// What a group is of; neither: what stands between.
struct GroupOf {
  const RollbackView* rollback = nullptr;
  const IncidentView* incident = nullptr;
};

class GroupSink {
 public:
  virtual ~GroupSink() = default;
  // False from any of these ends the reading without an error.
  virtual bool begin(const GroupOf& of) = 0;
  // `since`: from the beginning of what the group is of to when the event happened; absent between.
  virtual bool entry(const TimelineEntry& entry, std::optional<Micros> since) = 0;
  virtual bool end() = 0;
};

// One rollback's events, whatever became of it since. Error: usage (there is none of this id).
Result<void> read_group(Service& service, RollbackId id, GroupSink& sink);

// All that happened in the range, a group after the other by their first events; an incident stands before
// the first rollback that it owns. A rollback that began in the range, or was open when the range begins,
// is there whole, and so is an incident of which something is. Of `range` its bounds count alone.
// `newest`: from the beginning of the newest so many rollbacks on; nothing where there is none.
Result<void> read_groups(
    Service& service,
    const ledger::Filter& range,
    std::optional<std::uint64_t> newest,
    GroupSink& sink
);

}  // namespace hal9::engine
