// Rollbacks as folds of their own events, found by type.
#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
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
  };
  std::map<RollbackId, End> ends;
  std::map<RollbackId, std::string> added;  // the newest note on each

  // Read backwards: the first end that is seen is the last one that happened.
  void end(RollbackId id, End end) { ends.emplace(id, end); }

  void take(const ledger::Event& event) {
    auto fact = migration::decode_fact(event.draft.type, event.draft.data);
    if (!fact) return;
    if (const auto* one = std::get_if<migration::RollbackCompleted>(&*fact)) {
      end(one->rollback, {RollbackStatus::completed, event.draft.time, event.sequence, {}});
    } else if (const auto* over = std::get_if<migration::RollbackSuperseded>(&*fact)) {
      end(over->rollback, {RollbackStatus::superseded, event.draft.time, event.sequence, over->by});
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

Result<RollbackView> Service::Parts::rollback_view(ledger::Reader& reader, RollbackId id) {
  Fold fold;
  auto scanned = reader.scan(rollback_events(), [&](ledger::Sequence, std::string_view line) {
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

}  // namespace hal9::engine
