// `explain`: one event with everything it has, why it happened, what it led to, and what it changed.
//
// An event knows two others by name only: the command that it was recorded for (causation) and the
// command that all of it began with (correlation). Both are found by index, so that the answer costs
// the same at a million events: up by the command records, down by the index of correlations.
#pragma once

#include "engine/views.h"
#include "ledger/line.h"

#include <cstddef>
#include <string>
#include <vector>

namespace hal9::engine {

// Of what followed, so many are listed: a gradual rollback has an event a step.
inline constexpr std::size_t kExplained = 100;

// One step upward. `how` says what that event is to the one before it.
struct Cause {
  std::string how;
  TimelineEntry entry;
};

// What of the state is another after the event.
struct Change {
  std::string place;   // "phase", "halt", a route, a feature
  std::string what;    // "share observed"; empty: the place itself
  std::string before;  // as people read it: "50%", "canary"
  std::string after;
};

struct ExplainView {
  Whereabouts where;
  TimelineEntry entry;
  std::string id;             // the event's; like the four below empty where the line is damaged
  std::string role;           // empty: none
  std::string command;        // that it was recorded for
  std::string data;           // the line's, JSON
  std::string leaf;           // hash of the line, hexadecimal
  bool began = false;         // it belongs to the command that began all of it
  std::vector<Cause> causes;  // the nearest first; the last is what a person asked for
  std::vector<TimelineEntry> with_it;  // other events of the same command
  std::vector<TimelineEntry> after;    // later ones of the same beginning, and those that name it
  bool more = false;                   // there are more than `after` has
  std::vector<Change> changes;         // by place
};

}  // namespace hal9::engine
