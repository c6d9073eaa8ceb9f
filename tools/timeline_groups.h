// The forms of a grouped timeline (engine/grouped.h): text with T+ times, or an array of groups.
//
// As text a group is written event by event. In the other forms a group is one element and is held until
// it ends: what one rollback or incident has, or kOutsideHeld events of neither, after which another such
// group begins.
// One thread.
#pragma once

#include "base/time.h"
#include "engine/grouped.h"
#include "engine/views.h"
#include "formats.h"
#include "output.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::tools {

inline constexpr std::size_t kOutsideHeld = 1000;

// "T+0:00.012", "T+1:02:03.004"; before it began: "T-0:00.001".
std::string since_text(Micros since);
// What a rollback was, in one line: kind, scope, from where to where, who, why, what became of it and how
// long it took.
std::string heading_text(const engine::RollbackView& view);
// What an incident was, of its opening, and what became of it.
std::string heading_text(const engine::IncidentView& view);
// "2 of 15 routes", "all 15 routes"; of a partial one below all: how many.
std::string scope_text(const engine::RollbackView& view);

// What an entry of a timeline may have, for the columns of a csv.
Json row_of_timeline();

// Text, written as it comes.
class GroupText : public engine::GroupSink {
 public:
  explicit GroupText(Output& output) : output_(output) {}
  bool begin(const engine::GroupOf& of) override;
  bool entry(const engine::TimelineEntry& entry, std::optional<Micros> since) override;
  bool end() override { return true; }
  [[nodiscard]] bool empty() const { return groups_ == 0; }

 private:
  Output& output_;
  std::uint64_t groups_ = 0;
  bool of_rollback_ = false;
};

// An element a group.
class GroupList : public engine::GroupSink {
 public:
  GroupList(Output& output, Format format);
  bool begin(const engine::GroupOf& of) override;
  bool entry(const engine::TimelineEntry& entry, std::optional<Micros> since) override;
  bool end() override;
  // Behind the last group.
  void finish() { output_.write(list_.end()); }

 private:
  Output& output_;
  Format format_;
  ListRenderer list_;
  Json group_;
  std::uint64_t number_ = 0;
};

// The events of one rollback, for `rollback show`: all of them as JSON, the first and the last as text.
class GroupEvents : public engine::GroupSink {
 public:
  bool begin(const engine::GroupOf& of) override;
  bool entry(const engine::TimelineEntry& entry, std::optional<Micros> since) override;
  bool end() override { return true; }
  [[nodiscard]] std::string text(bool all) const;
  [[nodiscard]] const Json& json() const { return events_; }

 private:
  std::vector<std::string> lines_;
  Json events_ = Json::array();
};

}  // namespace hal9::tools
