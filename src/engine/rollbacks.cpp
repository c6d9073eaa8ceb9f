// Rollbacks as folds of their own events, found by type.
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
#include "migration/events.h"
#include "migration/rollback.h"

#include <cstddef>
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
  std::map<RollbackId, std::string> added;  // the newest note on each

  // Read backwards: the first end that is seen is the last one that happened.
  void end(RollbackId id, End end) { ends.emplace(id, end); }

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
    } else if (const auto* note = std::get_if<migration::AnnotationAdded>(&*fact)) {
      if (!note->rollback) return;
      added.emplace(
          *note->rollback, note->text + " (added later by " + event.draft.author.auth_id + ")"
      );
    } else if (auto* begun = std::get_if<migration::RollbackStarted>(&*fact)) {
      RollbackView view;
      view.begun = event.sequence;
      view.rollback.by = event.draft.author.auth_id;
      view.rollback.reason = event.draft.reason;
      view.rollback.plan = std::move(begun->plan);
      const auto later = added.find(view.rollback.plan.id);
      if (view.rollback.reason.empty() && later != added.end())
        view.rollback.reason = later->second;
      const auto found = ends.find(view.rollback.plan.id);
      if (found != ends.end()) {
        view.rollback.status = found->second.status;
        view.rollback.ended = found->second.time;
        view.rollback.superseded_by = found->second.by;
        view.rollback.observed = found->second.observed;
        view.ended_at = found->second.sequence;
      }
      started.push_back(std::move(view));
    }
  }
};

ledger::Filter rollback_events() {
  ledger::Filter filter;
  filter.types = {
      migration::type_of(migration::RollbackStarted{}),
      migration::type_of(migration::RollbackSuperseded{}),
      migration::type_of(migration::RollbackCompleted{}),
      migration::type_of(migration::RollbackCancelled{}),
      migration::type_of(migration::AnnotationAdded{})
  };
  filter.direction = ledger::Direction::backward;
  return filter;
}

}  // namespace

Result<std::vector<RollbackView>> Service::rollbacks(std::size_t limit) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  Fold fold;
  auto scanned = (*reader)->scan(rollback_events(), [&](ledger::Sequence, std::string_view line) {
    auto event = ledger::decode(line);
    if (event) fold.take(*event);
    return fold.started.size() < limit;
  });
  if (!scanned) return pass_on(scanned);
  return std::move(fold.started);
}

Result<RollbackView> Service::rollback(RollbackId id) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  return parts_->rollback_view(**reader, id);
}

Result<RollbackView> Service::Parts::rollback_view(
    ledger::Reader& reader, RollbackId id, std::optional<ledger::Sequence> at
) {
  Fold fold;
  ledger::Filter filter = rollback_events();
  filter.to = at;
  auto scanned = reader.scan(filter, [&](ledger::Sequence, std::string_view line) {
    auto event = ledger::decode(line);
    if (event) fold.take(*event);
    if (fold.started.empty() || fold.started.back().rollback.plan.id == id) {
      return fold.started.empty();
    }
    fold.started.clear();
    return true;
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
  return std::move(fold.started.front());
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
