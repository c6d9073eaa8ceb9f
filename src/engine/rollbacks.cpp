// Rollbacks as folds of their own events, found by type.
#include "engine/rollbacks.h"

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/incident.h"
#include "migration/phase.h"
#include "migration/rollback.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::RollbackStatus;

// What is known of rollbacks so far, newest first.
struct Fold {
  std::vector<RollbackView> started;
  struct End {
    RollbackStatus status = RollbackStatus::completed;
    Time time;
    ledger::Sequence sequence;
    std::optional<RollbackId> by;
    bool observed = true;
  };
  std::map<RollbackId, End> ends;
  std::map<RollbackId, migration::IncidentId> owners;

  // Read backwards: the first end that is seen is the last one that happened.
  void end(RollbackId id, End end) { ends.emplace(id, end); }

  static void put_end(RollbackView& view, const End& end) {
    view.rollback.status = end.status;
    view.rollback.ended = end.time;
    view.rollback.superseded_by = end.by;
    view.rollback.observed = end.observed;
    view.ended_at = end.sequence;
  }

  void take(const ledger::Event& event) {
    auto fact = migration::decode_fact(event.draft.type, event.draft.data);
    if (!fact) return;
    if (const auto* one = std::get_if<migration::RollbackCompleted>(&*fact)) {
      end(one->rollback,
          {RollbackStatus::completed, event.draft.time, event.sequence, {}, one->observed});
    } else if (const auto* over = std::get_if<migration::RollbackSuperseded>(&*fact)) {
      end(over->rollback,
          {RollbackStatus::superseded, event.draft.time, event.sequence, over->by, true});
    } else if (const auto* stop = std::get_if<migration::RollbackCancelled>(&*fact)) {
      end(stop->rollback, {RollbackStatus::cancelled, event.draft.time, event.sequence, {}, true});
    } else if (const auto* joined = std::get_if<migration::IncidentJoined>(&*fact)) {
      owners[joined->rollback] = joined->incident;
    } else if (const auto* opened = std::get_if<migration::IncidentOpened>(&*fact)) {
      if (opened->rollback) owners[*opened->rollback] = {event.sequence};
    } else if (auto* begun = std::get_if<migration::RollbackStarted>(&*fact)) {
      RollbackView view;
      view.begun = event.sequence;
      view.rollback.by = event.draft.author.auth_id;
      view.rollback.reason = event.draft.reason;
      view.rollback.plan = std::move(begun->plan);
      const auto found = ends.find(view.rollback.plan.id);
      if (found != ends.end()) put_end(view, found->second);
      const auto owner = owners.find(view.rollback.plan.id);
      if (owner != owners.end()) view.rollback.incident = owner->second;
      started.push_back(std::move(view));
    }
  }
};

ledger::Filter backward(std::optional<ledger::Sequence> to) {
  ledger::Filter filter;
  filter.to = to;
  filter.direction = ledger::Direction::backward;
  return filter;
}

ledger::Filter rollback_events(std::optional<ledger::Sequence> to) {
  ledger::Filter filter = backward(to);
  filter.types = {
      migration::type_of(migration::RollbackStarted{}),
      migration::type_of(migration::RollbackSuperseded{}),
      migration::type_of(migration::RollbackCompleted{}),
      migration::type_of(migration::RollbackCancelled{}),
      migration::type_of(migration::IncidentOpened{}),
      migration::type_of(migration::IncidentJoined{})
  };
  return filter;
}

ledger::Filter events_of(RollbackId id, std::optional<ledger::Sequence> to) {
  ledger::Filter filter = backward(to);
  filter.correlation = CorrelationId{id.bytes};
  return filter;
}

// Where none was given: the newest note on it.
Result<void> add_later_reason(
    ledger::Reader& reader, RollbackView& view, std::optional<ledger::Sequence> at
) {
  if (!view.rollback.reason.empty()) return {};
  static const std::string kNote = migration::type_of(migration::AnnotationAdded{});
  const RollbackId id = view.rollback.plan.id;
  return reader.scan(events_of(id, at), [&](ledger::Sequence, std::string_view line) {
    const auto event = ledger::decode(line);
    if (!event || event->draft.type != kNote) return true;
    const auto fact = migration::decode_fact(event->draft.type, event->draft.data);
    const auto* note = fact ? std::get_if<migration::AnnotationAdded>(&*fact) : nullptr;
    if (note == nullptr || note->rollback != id) return true;
    view.rollback.reason = note->text + " (added later by " + event->draft.author.auth_id + ")";
    return false;
  });
}

// Overtaken while it ran, or ended by one report with another: that stands among the other's events.
Result<void> add_end_elsewhere(
    ledger::Reader& reader, RollbackView& view, std::optional<ledger::Sequence> at
) {
  if (view.ended_at) return {};
  ledger::Filter filter;
  filter.types = {
      migration::type_of(migration::RollbackSuperseded{}),
      migration::type_of(migration::RollbackCompleted{}),
      migration::type_of(migration::RollbackCancelled{})
  };
  filter.from = view.begun;
  filter.to = at;
  Fold fold;
  auto scanned = reader.scan(filter, [&](ledger::Sequence, std::string_view line) {
    if (auto event = ledger::decode(line)) fold.take(*event);
    return !fold.ends.contains(view.rollback.plan.id);
  });
  const auto found = fold.ends.find(view.rollback.plan.id);
  if (found != fold.ends.end()) Fold::put_end(view, found->second);
  return scanned;
}

// Whether it is of a selection only the configuration of then can say.
Result<void> add_scope(ledger::Reader& reader, RollbackView& view) {
  const auto& plan = view.rollback.plan;
  if (!plan.partial && plan.to_phase == migration::Phase::none) return {};
  auto all = routes_at(reader, view.begun);
  if (!all) return pass_on(all);
  if (plan.routes.size() < *all) view.of_routes = *all;
  return {};
}

}  // namespace

Result<std::uint64_t> routes_at(ledger::Reader& reader, ledger::Sequence at) {
  ledger::Filter filter = backward(at);
  filter.types = {migration::type_of(migration::ConfigurationAccepted{})};
  std::uint64_t routes = 0;
  auto read = reader.scan(filter, [&](ledger::Sequence, std::string_view line) {
    const auto event = ledger::decode(line);
    if (!event) return true;
    const auto fact = migration::decode_fact(event->draft.type, event->draft.data);
    const auto* accepted = fact ? std::get_if<migration::ConfigurationAccepted>(&*fact) : nullptr;
    if (accepted != nullptr) routes = migration::routes_of(accepted->configuration).size();
    return accepted == nullptr;
  });
  if (!read) return pass_on(read);
  return routes;
}

Result<std::vector<RollbackView>> Service::rollbacks(std::size_t limit) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  Fold fold;
  auto scanned = (*reader)->scan(rollback_events({}), [&](ledger::Sequence, std::string_view line) {
    auto event = ledger::decode(line);
    if (event) fold.take(*event);
    return fold.started.size() < limit;
  });
  if (!scanned) return pass_on(scanned);
  for (RollbackView& view : fold.started) {
    if (auto added = add_later_reason(**reader, view, {}); !added) return pass_on(added);
    if (auto added = add_scope(**reader, view); !added) return pass_on(added);
  }
  return std::move(fold.started);
}

Result<RollbackView> Service::rollback(RollbackId id) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  return parts_->rollback_view(**reader, id);
}

// Its own events have its id as their correlation, and there is an index of those.
Result<RollbackView> Service::Parts::rollback_view(
    ledger::Reader& reader, RollbackId id, std::optional<ledger::Sequence> at
) {
  Fold fold;
  auto scanned = reader.scan(events_of(id, at), [&](ledger::Sequence, std::string_view line) {
    auto event = ledger::decode(line);
    if (event) fold.take(*event);
    if (!fold.started.empty() && fold.started.back().rollback.plan.id != id) fold.started.clear();
    return fold.started.empty();
  });
  if (!scanned) return pass_on(scanned);
  if (fold.started.empty()) {
    return fail(
        Code::usage,
        "there is no rollback " + to_text(id),
        "",
        "nothing was changed",
        "hal9-migrate rollback list"
    );
  }
  RollbackView view = std::move(fold.started.front());
  if (auto added = add_later_reason(reader, view, at); !added) return pass_on(added);
  if (auto added = add_end_elsewhere(reader, view, at); !added) return pass_on(added);
  if (auto added = add_scope(reader, view); !added) return pass_on(added);
  return view;
}

RollbackView Service::Parts::placed(
    ledger::Reader& reader, const migration::Rollback& rollback, ledger::Sequence at
) {
  auto view = rollback_view(reader, rollback.plan.id, at);
  if (view) return std::move(*view);
  // Its events cannot be read; the state knows the rest.
  RollbackView known;
  known.rollback = rollback;
  return known;
}

// Overtaken by another one, which went as low or lower: what was asked for is observed, by somebody
// else's doing. The events from there on are the other's.
void Service::Parts::say_superseded(Outcome& outcome) {
  if (outcome.rollback &&
      outcome.rollback->rollback.status == migration::RollbackStatus::cancelled) {
    outcome.code = Code::conflict;
    outcome.headline = "cancelled by somebody: " + outcome.headline;
    outcome.next =
        "hal9-migrate timeline --rollback " + to_text(outcome.rollback->rollback.plan.id);
  }
  if (!outcome.rollback || !outcome.rollback->rollback.superseded_by) return;
  const auto& own = *outcome.rollback;
  const RollbackId by = *own.rollback.superseded_by;
  std::string who = "rollback " + to_text(by);
  auto reader = ports.open_reader();
  if (reader) {
    if (auto other = rollback_view(**reader, by)) {
      who = fmt::format(
          "the {} rollback {} of {}, which began with event {}",
          to_text(other->rollback.plan.kind),
          to_text(by),
          other->rollback.by,
          other->begun.value
      );
    }
  }
  outcome.notes.push_back(
      "this rollback, " + to_text(own.rollback.plan.id) + ", was superseded by " + who
  );
  if (outcome.state.halt) outcome.notes.emplace_back("the router is halted: kill switch on");
  if (own.ended_at) outcome.last = own.ended_at;
}

// The rollback that the command began or joined, and what became of it.
void Service::Parts::add_rollback(Outcome& outcome, const Recorded& recorded) {
  const auto asked = find_fact<migration::RollbackAsked>(recorded.events);
  const auto started = find_fact<migration::RollbackStarted>(recorded.events);
  const auto id =
      started ? std::optional(started->plan.id) : (asked ? asked->joined : std::nullopt);
  if (id) {
    auto store = ports.open_reader();
    if (store) {
      if (auto view = rollback_view(**store, *id)) outcome.rollback = std::move(*view);
    }
  }
  say_superseded(outcome);
  if (asked && asked->joined) {
    outcome.notes.push_back("joined rollback " + to_text(*asked->joined) + ", which was running");
  }
}

}  // namespace hal9::engine
