#include "ledger/verify.h"

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/lines_check.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace hal9::ledger {

namespace {

using NodeKey = std::pair<std::uint32_t, std::uint64_t>;

// The first sequence under an interior node.
Sequence first_under(std::uint32_t level, std::uint64_t index) {
  return {(index << level) + 1};
}

class Verifier {
 public:
  Verifier(Reader& reader, const std::function<void(const Event&, std::string_view)>& each)
      : reader_(reader), each_(each) {}

  Result<Verified> run() {
    auto read = reader_.steady([this] { return read_all(); });
    if (!read) return pass_on(read);
    verified_.root = frontier_.root();
    return std::move(verified_);
  }

 private:
  void find(Sequence sequence, std::string what) {
    // The earliest place is the one to name; a node's finding may come after a later line's.
    if (!verified_.finding || sequence < verified_.finding->sequence) {
      verified_.finding = Finding{sequence, std::move(what)};
    }
  }

  Result<void> read_all() {
    auto head = reader_.head();
    if (!head) return pass_on(head);
    source_ = source_of(reader_.name());
    if (auto read = read_nodes(); !read) return read;
    auto scanned = reader_.scan_rows(
        Sequence{1},
        [&](Sequence sequence, std::string_view line, const Columns& columns) {
          take(sequence, line, columns);
          return true;
        }
    );
    if (!scanned) return scanned;
    compare_head(*head);
    compare_last_command();
    if (auto counted = count_commands(); !counted) return counted;
    return read_structure();
  }

  // One for every 255 events: the memory that this takes is a four-thousandth of the ledger.
  Result<void> read_nodes() {
    return reader_.scan_nodes([&](const Node& node) {
      nodes_[{node.level, node.index}] = node.digest;
      return true;
    });
  }

  // Those that events named were compared then; more than these must have no events.
  Result<void> count_commands() {
    std::uint64_t with_events = 0;
    Sequence last;
    auto scanned = reader_.scan_commands([&](const CommandRecord& record) {
      if (record.count != 0) {
        ++with_events;
        last = record.first;
      }
      return true;
    });
    if (scanned && with_events != verified_.commands && !verified_.finding) {
      find(last, "a command record names events that are not its own");
    }
    return scanned;
  }

  Result<void> read_structure() {
    auto structure = reader_.structure_finding();
    if (!structure) return pass_on(structure);
    const auto& found = *structure;
    if (found && !verified_.finding) find(Sequence{}, *found);
    return {};
  }

  void take(Sequence sequence, std::string_view line, const Columns& columns) {
    const Sequence expected{frontier_.size() + 1};
    if (sequence != expected) {
      find(expected, fmt::format("event {} is missing", expected.value));
    }
    ++verified_.events;
    frontier_.append(columns.leaf, [&](const Node& node) { compare_node(node); });
    if (const auto decoded = decode(line, event_); !decoded) {
      find(sequence, decoded.error().what);
      return;
    }
    check(event_, sequence, columns);
    last_recorded_ = event_.recorded;
    compare_command(event_, columns);
    if (each_) each_(event_, line);
  }

  void check(const Event& event, Sequence sequence, const Columns& columns) {
    const Draft& draft = event.draft;
    std::string wrong = misplaced(event, sequence, source_, last_recorded_);
    if (!wrong.empty()) find(sequence, std::move(wrong));
    if (columns.type != draft.type) find(sequence, "the type column is not the line's");
    if (columns.subject != draft.subject) find(sequence, "the subject column is not the line's");
    if (columns.actor != draft.author.auth_id) find(sequence, "the actor column is not the line's");
    if (columns.recorded != event.recorded) {
      find(sequence, "the recorded column is not the line's");
    }
    if (columns.correlation != draft.correlation) {
      find(sequence, "the correlation column is not the line's");
    }
  }

  void compare_node(const Node& node) {
    const auto stored = nodes_.find({node.level, node.index});
    if (stored == nodes_.end()) {
      if (node.level >= kStoredLevel) {
        find(first_under(node.level, node.index), "an interior node of the tree is missing");
      }
      return;
    }
    ++verified_.nodes;
    const Sequence first = first_under(node.level, node.index);
    const Sequence last{first_under(node.level, node.index + 1).value - 1};
    // A finding inside explains it, and names a narrower place: children close before parents.
    const bool explained = verified_.finding && verified_.finding->sequence >= first &&
                           verified_.finding->sequence <= last;
    if (stored->second != node.digest && !explained) {
      find(
          first, fmt::format("a line of {} to {} is not what was hashed", first.value, last.value)
      );
    }
    nodes_.erase(stored);
  }

  // Each event names its command, whose record covers it; events of one command stand together.
  void compare_command(const Event& event, const Columns& columns) {
    const std::uint64_t at = event.sequence.value;
    const bool goes_on = command_.count != 0 && at < command_.first.value + command_.count;
    if (!goes_on) {
      command_ = {};
      const auto known = std::ranges::find_if(columns.begins, [&](const CommandRecord& record) {
        return record.id == event.draft.causation && record.first == event.sequence;
      });
      if (known != columns.begins.end()) command_ = *known;
      if (command_.count != 0) ++verified_.commands;
    }
    if (command_.count == 0 || event.draft.causation != command_.id) {
      find(event.sequence, "no command record covers this event");
    }
  }

  // Between commands the next event tells; behind the last one there is none.
  void compare_last_command() {
    const std::uint64_t ends = command_.first.value + command_.count;
    if (command_.count != 0 && ends != frontier_.size() + 1) {
      find(command_.first, "a command record names events that are not there");
    }
  }

  void compare_head(const Head& head) {
    if (head.sequence.value != frontier_.size()) {
      find(
          {std::min(head.sequence.value, frontier_.size()) + 1},
          fmt::format(
              "the head says {} events, there are {}", head.sequence.value, frontier_.size()
          )
      );
    } else if (!verified_.finding &&
               (head.root != frontier_.root() || !(head.frontier == frontier_))) {
      // Below the last stored node nothing narrows it down further.
      const std::uint64_t settled = frontier_.size() >> kStoredLevel << kStoredLevel;
      find(
          {settled + 1},
          fmt::format(
              "the root is not the head's: a line of {} to {} is not what was hashed",
              settled + 1,
              frontier_.size()
          )
      );
    }
    if (head.recorded != last_recorded_ && frontier_.size() != 0) {
      find(head.sequence, "the head's recorded time is not the last line's");
    }
    if (!nodes_.empty()) {
      const auto& [level, index] = nodes_.begin()->first;
      find(first_under(level, index), "an interior node stands beyond the lines");
    }
  }

  Reader& reader_;
  const std::function<void(const Event&, std::string_view)>& each_;
  Verified verified_;
  Frontier frontier_;
  Event event_;  // of the line that is looked at
  std::string source_;
  Time last_recorded_{};
  std::map<NodeKey, Digest> nodes_;
  CommandRecord command_;  // of the last event
};

}  // namespace

Result<Verified> verify(
    Reader& reader, const std::function<void(const Event&, std::string_view)>& each
) {
  return Verifier(reader, each).run();
}

}  // namespace hal9::ledger
