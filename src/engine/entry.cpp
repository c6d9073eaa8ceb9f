#include "engine/entry.h"

#include "base/id.h"
#include "base/result.h"
#include "engine/describe.h"
#include "engine/kept_objects.h"
#include "engine/views.h"
#include "ledger/line.h"

namespace hal9::engine {

TimelineEntry entry_of(
    ledger::Sequence sequence, const Result<ledger::Event>& event, const NamedObjects& named
) {
  TimelineEntry entry;
  entry.sequence = sequence;
  if (!event) {
    entry.text = "THIS LINE IS DAMAGED: " + event.error().what;
    return entry;
  }
  entry.time = event->draft.time;
  entry.recorded = event->recorded;
  entry.type = event->draft.type;
  entry.subject = event->draft.subject;
  entry.actor = event->draft.author.auth_id;
  entry.auth = event->draft.author.auth_type;
  entry.via = event->draft.author.via;
  entry.reason = event->draft.reason;
  entry.correlation = to_text(event->draft.correlation);
  entry.text = describe(*event);
  entry.objects = objects_of(*event, named);
  return entry;
}

}  // namespace hal9::engine
