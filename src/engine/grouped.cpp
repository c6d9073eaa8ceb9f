#include "engine/grouped.h"

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/events.h"
#include "migration/incident.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

ledger::Filter events_of(RollbackId id) {
  ledger::Filter filter;
  filter.correlation = CorrelationId{id.bytes};
  return filter;
}

ledger::Filter events_of(migration::IncidentId id) {
  ledger::Filter filter;
  filter.subjects = {migration::subject_of(id)};
  return filter;
}

// "incident-71"; of anything else, none.
std::optional<migration::IncidentId> incident_of(const TimelineEntry& entry) {
  constexpr std::string_view kBefore = "incident-";
  if (!entry.subject.starts_with(kBefore)) return {};
  const char* const begin = entry.subject.data() + kBefore.size();
  const char* const end = entry.subject.data() + entry.subject.size();
  std::uint64_t number = 0;
  const auto read = std::from_chars(begin, end, number);
  if (read.ec != std::errc{} || read.ptr != end) return {};
  return migration::IncidentId{ledger::Sequence{number}};
}

// One report may end two rollbacks; its events belong to the first of them, and the other's end is
// brought here.
class EndFromElsewhere {
 public:
  EndFromElsewhere(Service& service, const RollbackView& view)
      : service_(service), at_(view.ended_at) {}

  // Its end, if it is due before `next`. An event that was met itself is due no more.
  Result<std::optional<TimelineEntry>> before(std::optional<ledger::Sequence> next) {
    std::optional<TimelineEntry> end;
    if (!at_ || (next && *next < *at_)) return end;
    const ledger::Sequence at = *at_;
    at_.reset();
    if (next == at) return end;
    ledger::Filter filter;
    filter.from = filter.to = at;
    auto read = service_.timeline(filter, [&](const TimelineEntry& entry) {
      end = entry;
      return false;
    });
    if (!read) return pass_on(read);
    return end;
  }

 private:
  Service& service_;
  std::optional<ledger::Sequence> at_;
};

// More than the events of one command that come before its rollback.started.
constexpr std::size_t kHeld = 64;

class Groups {
 public:
  Groups(Service& service, GroupSink& sink) : service_(service), sink_(sink) {}

  // With incidents in groups of their own, of which a rollback's events are then no part.
  void apart_from_incidents() { apart_ = true; }

  // False: the sink wants no more, or it failed.
  bool one(RollbackId id) {
    if (!shown_.insert(id).second) return true;
    if (!held_.empty() && held_.front().correlation == to_text(id)) held_.clear();
    if (!close()) return false;
    auto view = service_.rollback(id);
    if (!view) return failed(view.error());
    const auto owner = view->rollback.incident;
    if (apart_ && owner && !incident(*owner)) return false;
    if (!sink_.begin({&*view, nullptr})) return false;
    EndFromElsewhere end(service_, *view);
    const Time began = view->rollback.plan.started;
    bool wanted = true;
    const auto put = [&](const TimelineEntry& entry) {
      if (is_of_shown_incident(entry)) return true;
      wanted = sink_.entry(entry, entry.time - began);
      return wanted;
    };
    const auto put_end = [&](std::optional<ledger::Sequence> next) {
      auto due = end.before(next);
      if (!due) return failed(due.error());
      if (!*due) return true;
      shown_ends_.insert((**due).sequence);
      return put(**due);
    };
    auto read = service_.timeline(events_of(id), [&](const TimelineEntry& entry) {
      return put_end(entry.sequence) && (shown_ends_.contains(entry.sequence) || put(entry));
    });
    if (!read) return failed(read.error());
    if (error_ || !wanted || !put_end({})) return false;
    return sink_.end();
  }

  bool incident(migration::IncidentId id) {
    if (!incidents_.insert(id).second) return true;
    if (!close()) return false;
    auto view = service_.incident(id);
    if (!view) return failed(view.error());
    if (!sink_.begin({nullptr, &*view})) return false;
    bool wanted = true;
    auto read = service_.timeline(events_of(id), [&](const TimelineEntry& entry) {
      wanted = sink_.entry(entry, entry.time - view->incident.opened);
      return wanted;
    });
    if (!read) return failed(read.error());
    return wanted && sink_.end();
  }

  bool outside(const TimelineEntry& entry) {
    if (const auto about = incident_of(entry)) return incident(*about);
    const auto id = RollbackId::parse(entry.correlation);
    if (id && shown_.contains(*id)) return true;
    const bool other = !held_.empty() && held_.front().correlation != entry.correlation;
    if ((other || held_.size() == kHeld) && !put_held()) return false;
    held_.push_back(entry);
    return true;
  }

  bool close() { return put_held() && (!std::exchange(open_, false) || sink_.end()); }

  // Of the whole reading.
  Result<void> result(Result<void> read) {
    if (error_) return tl::unexpected<Error>(std::move(*error_));
    return read;
  }

 private:
  [[nodiscard]] bool is_of_shown_incident(const TimelineEntry& entry) const {
    const auto about = incident_of(entry);
    return about && incidents_.contains(*about);
  }
  bool put_held() {
    const auto held = std::exchange(held_, {});
    return std::ranges::all_of(held, [&](const auto& entry) { return put_outside(entry); });
  }
  bool put_outside(const TimelineEntry& entry) {
    if (!open_ && !sink_.begin({})) return false;
    open_ = true;
    return sink_.entry(entry, {});
  }
  bool failed(const Error& error) {
    error_ = error;
    return false;
  }

  Service& service_;
  GroupSink& sink_;
  std::set<RollbackId> shown_;
  std::set<migration::IncidentId> incidents_;  // shown
  std::set<ledger::Sequence> shown_ends_;      // of rollbacks that another one's command ended
  bool apart_ = false;
  bool open_ = false;  // a group of what stands between
  // Before a rollback begins its command may look at gates, end a raise and take the executor: what these
  // belong to is not known yet. All of one correlation.
  std::vector<TimelineEntry> held_;
  std::optional<Error> error_;
};

// What was open just before the range. Nothing where there was no event yet.
std::vector<RollbackId> open_before(Service& service, const ledger::Filter& range) {
  std::vector<RollbackId> open;
  AsOf before;
  if (range.from) before.sequence = ledger::Sequence{range.from->value - 1};
  if (range.recorded_from) before.recorded = *range.recorded_from - Micros{1};
  if (!range.from && !range.recorded_from) return open;
  if (range.from && range.from->value <= 1) return open;
  const auto view = service.status(before);
  if (!view) return open;
  for (const auto& running : view->running) open.push_back(running.rollback.plan.id);
  return open;
}

// Nothing where no rollback began in the range.
Result<std::optional<ledger::Filter>> from_the_newest(
    Service& service, ledger::Filter range, std::uint64_t newest
) {
  ledger::Filter starts = range;
  starts.types = {migration::type_of(migration::RollbackStarted{})};
  starts.direction = ledger::Direction::backward;
  std::uint64_t seen = 0;
  auto read = service.timeline(starts, [&](const TimelineEntry& entry) {
    range.from = entry.sequence;
    return ++seen < newest;
  });
  if (!read) return pass_on(read);
  return seen == 0 ? std::nullopt : std::optional(std::move(range));
}

}  // namespace

Result<void> read_group(Service& service, RollbackId id, GroupSink& sink) {
  Groups groups(service, sink);
  groups.one(id);
  return groups.result({});
}

Result<void> read_groups(
    Service& service,
    const ledger::Filter& range,
    std::optional<std::uint64_t> newest,
    GroupSink& sink
) {
  static const std::string kStarted = migration::type_of(migration::RollbackStarted{});
  ledger::Filter bounds;
  bounds.from = range.from;
  bounds.to = range.to;
  bounds.recorded_from = range.recorded_from;
  bounds.recorded_to = range.recorded_to;
  Groups groups(service, sink);
  groups.apart_from_incidents();
  if (newest) {
    auto narrowed = from_the_newest(service, bounds, *newest);
    if (!narrowed) return pass_on(narrowed);
    const auto& begun = *narrowed;
    if (!begun) return {};
    bounds = *begun;
  } else {
    for (const RollbackId& id : open_before(service, bounds)) {
      if (!groups.one(id)) return groups.result({});
    }
  }
  auto read = service.timeline(bounds, [&](const TimelineEntry& entry) {
    const auto id = RollbackId::parse(entry.correlation);
    if (entry.type == kStarted && id) return groups.one(*id);
    return groups.outside(entry);
  });
  if (read) groups.close();
  return groups.result(std::move(read));
}

}  // namespace hal9::engine
