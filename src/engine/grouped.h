// A timeline rollback by rollback: what one did stands together, with the time since it began, and what
// is of none stands between them. Made of the service's own answers; decides nothing.
//
// Memory: a group is handed on event by event, so that nothing of it is held here; of each rollback in the
// range its id is kept, to leave its events out between the groups. Belongs to one thread.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/views.h"
#include "ledger/store.h"

#include <cstdint>
#include <optional>

namespace hal9::engine {

class GroupSink {
 public:
  virtual ~GroupSink() = default;
  // null: events of no rollback follow. False from any of these ends the reading without an error.
  virtual bool begin(const RollbackView* rollback) = 0;
  // `since`: from the rollback's start to when the event happened; absent outside of one.
  virtual bool entry(const TimelineEntry& entry, std::optional<Micros> since) = 0;
  virtual bool end() = 0;
};

// One rollback's events, whatever became of it since. Error: usage (there is none of this id).
Result<void> read_group(Service& service, RollbackId id, GroupSink& sink);

// All that happened in the range, a group after the other by their first events. A rollback that began in
// the range, or was open when the range begins, is there whole. Of `range` its bounds count alone.
// `newest`: from the beginning of the newest so many rollbacks on; nothing where there is none.
Result<void> read_groups(
    Service& service,
    const ledger::Filter& range,
    std::optional<std::uint64_t> newest,
    GroupSink& sink
);

}  // namespace hal9::engine
