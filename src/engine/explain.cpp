#include "engine/explain.h"

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/entry.h"
#include "engine/explain_changes.h"
#include "engine/explain_names.h"
#include "engine/fold.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"
#include "migration/events.h"
#include "migration/state.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using migration::State;

Result<std::vector<Change>> changes_of(ledger::Reader& reader, ledger::Sequence sequence) {
  auto before = state_at(reader, {sequence.value - 1});
  if (!before) return pass_on(before);
  State after = *before;
  auto folded = fold_tail(reader, after, sequence);
  if (!folded) return pass_on(folded);
  return changes_between(*before, after);
}

class Explainer {
 public:
  Explainer(ledger::Reader& reader, Entries entries)
      : reader_(reader), entries_(std::move(entries)) {}

  Result<ExplainView> explain(ledger::Sequence sequence) {
    ExplainView view;
    std::optional<Result<ledger::Event>> found;
    auto read = scan(at(sequence), [&](ledger::Sequence, std::string_view line) {
      view.leaf = to_hex(ledger::leaf_hash(line));
      found.emplace(ledger::decode(line));
      return false;
    });
    if (!read) return pass_on(read);
    if (!found) return no_such_event(sequence);
    view.entry = entries_.of(sequence, *found);
    if (!*found) return view;
    const ledger::Event& event = **found;
    view.id = to_text(event.draft.id);
    view.role = event.draft.author.role;
    view.data = event.draft.data;
    view.command = event.draft.causation ? to_text(*event.draft.causation) : "";
    auto told = tell(event, view);
    if (!told) return pass_on(told);
    auto changes = changes_of(reader_, sequence);
    if (!changes) return pass_on(changes);
    view.changes = std::move(*changes);
    return view;
  }

 private:
  static ledger::Filter at(ledger::Sequence sequence) {
    ledger::Filter filter;
    filter.from = filter.to = sequence;
    return filter;
  }

  Result<void> scan(const ledger::Filter& filter, const ledger::LineVisitor& visit) {
    return reader_.scan(filter, visit);
  }

  Result<ExplainView> no_such_event(ledger::Sequence sequence) {
    auto head = reader_.head();
    if (!head) return pass_on(head);
    const auto last = head->sequence.value;
    return fail(
        Code::usage,
        fmt::format("there is no event {}", sequence.value),
        last == 0 ? "the ledger is empty" : fmt::format("the ledger ends at {}", last),
        "nothing was changed",
        last == 0 ? "hal9-migrate status" : fmt::format("hal9-migrate explain {}", last)
    );
  }

  // The event of a command that says what was asked for; absent: the command is not of this ledger, or
  // recorded nothing.
  Result<std::optional<ledger::Event>> first_of(const CommandId& command) {
    auto record = reader_.find_command(command);
    if (!record) return pass_on(record);
    const auto& known = *record;
    std::optional<ledger::Event> best;
    if (!known || known->count == 0) return best;
    ledger::Filter filter;
    filter.from = known->first;
    filter.to = ledger::Sequence{known->first.value + known->count - 1};
    int rank = 0;
    auto read = scan(filter, [&](ledger::Sequence, std::string_view line) {
      auto event = ledger::decode(line);
      if (event && rank_of(event->draft.type) > rank) {
        rank = rank_of(event->draft.type);
        best = std::move(*event);
      }
      return true;
    });
    if (!read) return pass_on(read);
    return best;
  }

  // Of the events of one command: how much it says of what was asked for.
  static int rank_of(const std::string& type) {
    for (const auto& asked :
         {migration::type_of(migration::RollbackStarted{}),
          migration::type_of(migration::RaiseStarted{}),
          migration::type_of(migration::TrafficRequested{}),
          migration::type_of(migration::FeatureRequested{})}) {
      if (type == asked) return 3;
    }
    return type == migration::type_of(migration::ExecutorTaken{}) ? 1 : 2;
  }

  Result<std::optional<ledger::Event>> event_at(ledger::Sequence sequence) {
    std::optional<ledger::Event> found;
    auto read = scan(at(sequence), [&](ledger::Sequence, std::string_view line) {
      if (auto event = ledger::decode(line)) found = std::move(*event);
      return false;
    });
    if (!read) return pass_on(read);
    return found;
  }

  // What all of it began with: the command that the correlation is named after, else its oldest event.
  Result<std::optional<ledger::Event>> beginning_of(const CorrelationId& correlation) {
    auto first = first_of(CommandId{correlation.bytes});
    if (!first || *first) return first;
    ledger::Filter filter;
    filter.correlation = correlation;
    std::optional<ledger::Event> oldest;
    auto read = scan(filter, [&](ledger::Sequence, std::string_view line) {
      if (auto event = ledger::decode(line)) oldest = std::move(*event);
      return false;
    });
    if (!read) return pass_on(read);
    return oldest;
  }

  Result<void> tell(const ledger::Event& event, ExplainView& view) {
    if (auto siblings = add_siblings(event, view); !siblings) return siblings;
    auto beginning = beginning_of(event.draft.correlation);
    if (!beginning) return pass_on(beginning);
    const auto& first = *beginning;
    view.began = !first || first->draft.causation == event.draft.causation;
    if (auto named = named_by(event)) {
      if (auto added = add_named(*named, event, view); !added) return added;
    }
    if (first && !view.began) add_cause("what it was done for", *first, event, view);
    return add_after(event, view);
  }

  // Nothing is its own cause, and nothing is one twice.
  void add_cause(
      std::string how, const ledger::Event& cause, const ledger::Event& of, ExplainView& view
  ) {
    const auto sequence = cause.sequence;
    const auto same = [&](const Cause& one) { return one.entry.sequence == sequence; };
    if (sequence == of.sequence || std::ranges::any_of(view.causes, same)) return;
    view.causes.push_back({std::move(how), entries_.of(sequence, cause)});
  }

  Result<void> add_named(const Named& named, const ledger::Event& event, ExplainView& view) {
    Result<std::optional<ledger::Event>> found = std::optional<ledger::Event>{};
    if (named.began) {
      found = beginning_of(*named.began);
    } else if (named.event) {
      found = event_at(*named.event);
    }
    if (!found) return pass_on(found);
    const auto& cause = *found;
    if (cause) add_cause(named.how, *cause, event, view);
    return {};
  }

  // Of its own command; a command's events lie side by side.
  Result<void> add_siblings(const ledger::Event& event, ExplainView& view) {
    if (!event.draft.causation) return {};
    auto record = reader_.find_command(*event.draft.causation);
    if (!record) return pass_on(record);
    const auto& known = *record;
    if (!known || known->count == 0) return {};
    ledger::Filter filter;
    filter.from = known->first;
    filter.to = ledger::Sequence{known->first.value + known->count - 1};
    last_ = *filter.to;
    return scan(filter, [&](ledger::Sequence sequence, std::string_view line) {
      if (sequence == event.sequence) return true;
      view.with_it.push_back(entries_.of(sequence, ledger::decode(line)));
      return view.with_it.size() < kExplained;
    });
  }

  Result<void> add_after(const ledger::Event& event, ExplainView& view) {
    // It says whose the rollback is; what follows is the rollback's, and not its doing.
    static const std::string kJoined = migration::type_of(migration::IncidentJoined{});
    if (event.draft.type == kJoined) return {};
    last_ = std::max(last_, event.sequence);
    ledger::Filter filter;
    filter.from = ledger::Sequence{last_.value + 1};
    filter.correlation = event.draft.correlation;
    auto read = scan(filter, [&](ledger::Sequence sequence, std::string_view line) {
      return add_one(sequence, ledger::decode(line), view);
    });
    if (!read || view.more) return read;
    return add_by_name(event, view);
  }

  bool add_one(ledger::Sequence sequence, const Result<ledger::Event>& event, ExplainView& view) {
    view.more = view.after.size() == kExplained;
    if (view.more) return false;
    view.after.push_back(entries_.of(sequence, event));
    return true;
  }

  // Others that name what this event began: who joined a rollback and what overtook it, what became of a
  // move forward, of an incident, of a hook.
  Result<void> add_by_name(const ledger::Event& event, ExplainView& view) {
    auto search = searched_for(event, view.after);
    if (!search) return {};
    auto read = scan(search->filter, [&](ledger::Sequence sequence, std::string_view line) {
      auto other = ledger::decode(line);
      if (!other || other->draft.correlation == event.draft.correlation) return true;
      const Found found = search->look(*other);
      return found == Found::other || (add_one(sequence, other, view) && found != Found::last);
    });
    std::ranges::sort(view.after, {}, &TimelineEntry::sequence);
    return read;
  }

  ledger::Reader& reader_;
  Entries entries_;
  ledger::Sequence last_;  // of its own command
};

}  // namespace

Result<ExplainView> Service::explain(ledger::Sequence sequence) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto entries = Entries::make(**reader, parts_->ports.open_reader);
  if (!entries) return pass_on(entries);
  Explainer explainer(**reader, std::move(*entries));
  Result<ExplainView> view = fail(Code::failed, "nothing was read");
  auto read = (*reader)->steady([&]() -> Result<void> {
    view = explainer.explain(sequence);
    if (!view) return pass_on(view);
    return {};
  });
  if (!read) return pass_on(read);
  view->where = whereabouts();
  return view;
}

}  // namespace hal9::engine
