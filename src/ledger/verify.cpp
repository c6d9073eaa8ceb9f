#include "ledger/verify.h"

#include "base/id.h"
#include "base/result.h"
#include "base/unordered_sum.h"
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
  Verifier(
      Reader& reader,
      const std::function<void(const Event&, std::string_view)>& each,
      const Bytes16& secret
  )
      : reader_(reader), each_(each), recorded_(secret), happened_(secret) {}

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
    if (auto compared = compare_commands(); !compared) return compared;
    return read_structure();
  }

  // One for every 255 events: the memory that this takes is a four-thousandth of the ledger.
  Result<void> read_nodes() {
    return reader_.scan_nodes([&](const Node& node) {
      nodes_[{node.level, node.index}] = node.digest;
      return true;
    });
  }

  // Each run of events with one causation is the work of one command, and has its record; there are no
  // other records with events. Both lists are compared as wholes, since to look up each record would
  // take longer than to read all lines; only when they differ is the place looked for.
  Result<void> compare_commands() {
    end_command();
    Sequence last;
    auto scanned = reader_.scan_commands([&](const CommandRecord& record) {
      if (record.count == 0) return true;
      add(recorded_, record);
      last = std::max(last, record.first);
      return true;
    });
    verified_.commands = happened_.count();
    if (!scanned || recorded_ == happened_) return scanned;
    if (auto named = name_uncovered(); !named) return named;
    if (!verified_.finding) find(last, "a command record names events that are not its own");
    return {};
  }

  // The first event that no record covers.
  Result<void> name_uncovered() {
    CommandRecord command;
    Event event;
    Result<void> read;
    auto scanned = reader_.scan({}, [&](Sequence sequence, std::string_view line) {
      if (!decode(line, event)) return true;
      if (command.count == 0 || sequence.value >= command.first.value + command.count) {
        auto known = record_of(event);
        if (!known) read = pass_on(known);
        command = known ? *known : CommandRecord{};
      }
      const bool covered = command.count != 0 && event.draft.causation == command.id;
      if (!covered && read) find(sequence, "no command record covers this event");
      return covered;
    });
    return read ? scanned : read;
  }

  // The record that begins with this event; without one, none of its events.
  Result<CommandRecord> record_of(const Event& event) {
    if (!event.draft.causation) return CommandRecord{};
    auto known = reader_.find_command(*event.draft.causation);
    if (!known) return pass_on(known);
    const auto& record = *known;
    return record && record->first == event.sequence ? *record : CommandRecord{};
  }

  Result<void> read_structure() {
    auto structure = reader_.structure_finding();
    if (!structure) return pass_on(structure);
    const auto& found = *structure;
    verified_.lines_hold = !verified_.finding;
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
    note_command(event_);
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
    if (node.level < kStoredLevel) return;
    const auto stored = nodes_.find({node.level, node.index});
    if (stored == nodes_.end()) {
      find(first_under(node.level, node.index), "an interior node of the tree is missing");
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

  // Events of one command stand together.
  void note_command(const Event& event) {
    const auto& id = event.draft.causation;
    if (command_.count != 0 && id == command_.id) {
      ++command_.count;
      return;
    }
    end_command();
    if (id) {
      command_ = {*id, {}, event.sequence, 1};
    } else {
      find(event.sequence, "no command record covers this event");
    }
  }
  void end_command() {
    if (command_.count != 0) add(happened_, command_);
    command_ = {};
  }
  static void add(UnorderedSum& sum, const CommandRecord& record) {
    const Bytes16& id = record.id.bytes;
    sum.add({first_half(id), second_half(id), record.first.value, record.count});
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
    if (head.least_reader == 0) find(head.sequence, "the head names a format that there never was");
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
  CommandRecord command_;  // of the last event, as far as the events tell
  UnorderedSum recorded_;  // the records with events
  UnorderedSum happened_;  // what events stand together
};

}  // namespace

Result<Verified> verify(
    Reader& reader,
    const std::function<void(const Event&, std::string_view)>& each,
    const Bytes16& secret
) {
  return Verifier(reader, each, secret).run();
}

}  // namespace hal9::ledger
