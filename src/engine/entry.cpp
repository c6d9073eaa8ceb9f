#include "engine/entry.h"

#include "base/id.h"
#include "base/result.h"
#include "engine/describe.h"
#include "engine/kept_objects.h"
#include "engine/rollbacks.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/codec.h"
#include "migration/events.h"
#include "migration/phase.h"

#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace hal9::engine {

Result<Entries> Entries::make(ledger::Reader& reader, Open open) {
  auto named = named_objects(reader);
  if (!named) return pass_on(named);
  return Entries(std::move(*named), std::move(open));
}

TimelineEntry Entries::of(ledger::Sequence sequence, const Result<ledger::Event>& event) {
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
  entry.text = describe(*event) + scope_of(*event);
  entry.objects = objects_of(*event, named_);
  return entry;
}

// Of a rollback of all routes nothing is said: its words are those that they always were.
std::string Entries::scope_of(const ledger::Event& event) {
  static const std::string kStarted = migration::type_of(migration::RollbackStarted{});
  if (event.draft.type != kStarted) return {};
  const auto fact = migration::decode_fact(event.draft.type, event.draft.data);
  const auto* begun = fact ? std::get_if<migration::RollbackStarted>(&*fact) : nullptr;
  if (begun == nullptr) return {};
  if (!begun->plan.partial && begun->plan.to_phase == migration::Phase::none) return {};
  if (!other_) {
    auto opened = open_();
    if (!opened) return {};
    other_ = std::move(*opened);
  }
  const auto all = routes_at(*other_, event.sequence);
  const auto routes = begun->plan.routes.size();
  return all && routes < *all ? fmt::format(", {} of {} routes", routes, *all) : std::string();
}

}  // namespace hal9::engine
