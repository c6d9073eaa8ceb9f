#include "engine/explain_names.h"

#include "base/id.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/codec.h"
#include "migration/events.h"
#include "migration/incident.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hal9::engine {

namespace {

template <class T>
CorrelationId began(const Id<T>& id) {
  return {id.bytes};
}

Named by_rollback(const char* how, const std::optional<RollbackId>& rollback) {
  if (!rollback) return {};
  return {how, began(*rollback), {}};
}

struct Names {
  Named operator()(const migration::RollbackCompleted& fact) const {
    return by_rollback("the rollback that it ends", fact.rollback);
  }
  Named operator()(const migration::RollbackStalled& fact) const {
    return by_rollback("the rollback that stands still", fact.rollback);
  }
  Named operator()(const migration::RollbackSuperseded& fact) const {
    return by_rollback("the rollback that it overtakes", fact.rollback);
  }
  Named operator()(const migration::RollbackCancelled& fact) const {
    return by_rollback("the rollback that it stops", fact.rollback);
  }
  Named operator()(const migration::RollbackAsked& fact) const {
    return by_rollback("the rollback that was running already", fact.joined);
  }
  Named operator()(const migration::AnnotationAdded& fact) const {
    return by_rollback("the rollback that it is about", fact.rollback);
  }
  Named operator()(const migration::HaltReleased& fact) const {
    return {"the halt that may be cleared", {}, fact.up_to};
  }
  Named operator()(const migration::RaisePaused& fact) const {
    return {"the move forward that pauses", began(fact.raise), {}};
  }
  Named operator()(const migration::RaiseResumed& fact) const {
    return {"the move forward that goes on", began(fact.plan.id), {}};
  }
  Named operator()(const migration::RaiseEnded& fact) const {
    return {"the move forward that it ends", began(fact.raise), {}};
  }
  Named operator()(const migration::IncidentOpened& fact) const {
    return by_rollback("the rollback that opened it", fact.rollback);
  }
  Named operator()(const migration::IncidentJoined& fact) const {
    return {"the incident that owns it", {}, fact.incident.opened};
  }
  Named operator()(const migration::IncidentChanged& fact) const {
    return {"the incident", {}, fact.incident.opened};
  }
  Named operator()(const migration::IncidentClosed& fact) const {
    return {"the incident that it ends", {}, fact.incident.opened};
  }
  Named operator()(const migration::HookRan& fact) const {
    return {"what made it due", {}, fact.since};
  }
  Named operator()(const migration::HookDismissed& fact) const {
    return {"what made it due", {}, fact.since};
  }
  template <class T>
  Named operator()(const T& /*fact*/) const {
    return {};
  }
};

// Who joined it, what overtook it or ended it with another. That is while it runs.
Search for_rollback(
    const ledger::Event& event, const RollbackId& id, const std::vector<TimelineEntry>& after
) {
  static const std::string kAsked = migration::type_of(migration::RollbackAsked{});
  static const std::string kCompleted = migration::type_of(migration::RollbackCompleted{});
  Search search;
  search.filter.types = {kAsked, migration::type_of(migration::RollbackSuperseded{}), kCompleted};
  search.filter.from = event.sequence;
  for (const TimelineEntry& entry : after) {
    if (entry.type == kCompleted) search.filter.to = entry.sequence;
  }
  search.look = [began = CorrelationId{id.bytes}](const ledger::Event& other) {
    const auto named = named_by(other);
    if (!named || named->began != began) return Found::other;
    return other.draft.type == kAsked ? Found::one : Found::last;
  };
  return search;
}

// A move forward is alone until it ends, so that the next end is its own.
Search for_raise(const ledger::Event& event) {
  Search search;
  search.filter.types = {migration::type_of(migration::RaiseEnded{})};
  search.filter.from = event.sequence;
  search.look = [](const ledger::Event&) { return Found::last; };
  return search;
}

Search for_incident(const ledger::Event& event) {
  Search search;
  search.filter.subjects = {migration::subject_of(migration::IncidentId{event.sequence})};
  search.filter.from = ledger::Sequence{event.sequence.value + 1};
  search.look = [](const ledger::Event&) { return Found::one; };
  return search;
}

// Hooks that it made due.
Search for_hooks(const ledger::Event& event) {
  Search search;
  search.filter.types = {
      migration::type_of(migration::HookRan{}), migration::type_of(migration::HookDismissed{})
  };
  search.filter.from = event.sequence;
  search.look = [since = event.sequence](const ledger::Event& other) {
    const auto named = named_by(other);
    return named && named->event == since ? Found::one : Found::other;
  };
  return search;
}

}  // namespace

std::optional<Named> named_by(const ledger::Event& event) {
  const auto fact = migration::decode_fact(event.draft.type, event.draft.data);
  if (!fact) return {};
  Named named = std::visit(Names{}, *fact);
  if (!named.began && !named.event) return {};
  return named;
}

std::optional<Search> searched_for(
    const ledger::Event& event, const std::vector<TimelineEntry>& after
) {
  const auto fact = migration::decode_fact(event.draft.type, event.draft.data);
  if (!fact) return {};
  if (const auto* begun = std::get_if<migration::RollbackStarted>(&*fact)) {
    return for_rollback(event, begun->plan.id, after);
  }
  if (std::holds_alternative<migration::RaiseStarted>(*fact)) return for_raise(event);
  if (std::holds_alternative<migration::IncidentOpened>(*fact)) return for_incident(event);
  const bool ends = std::holds_alternative<migration::PhaseEntered>(*fact) ||
                    std::holds_alternative<migration::RollbackCompleted>(*fact);
  if (ends) return for_hooks(event);
  return {};
}

}  // namespace hal9::engine
