#include "ledger/verify.h"

#include <map>
#include <utility>
#include <vector>

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
    auto head = reader_.head();
    if (!head) return pass_on(head);
    if (auto read = read_nodes(); !read) return pass_on(read);
    if (auto read = read_commands(); !read) return pass_on(read);
    source_ = source_of(reader_.name());
    auto scanned = reader_.scan_rows(
        Sequence{1},
        [&](Sequence sequence, std::string_view line, const Columns& columns) {
          take(sequence, line, columns);
          return true;
        }
    );
    if (!scanned) return pass_on(scanned);
    compare_head(*head);
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

  Result<void> read_nodes() {
    return reader_.scan_nodes([&](const Node& node) {
      nodes_[{node.level, node.index}] = node.digest;
      return true;
    });
  }

  Result<void> read_commands() {
    return reader_.scan_commands([&](const CommandRecord& record) {
      commands_.push_back(record);
      return true;
    });
  }

  void take(Sequence sequence, std::string_view line, const Columns& columns) {
    const Sequence expected{frontier_.size() + 1};
    if (sequence != expected) {
      find(expected, fmt::format("event {} is missing", expected.value));
    }
    ++verified_.events;
    frontier_.append(leaf_hash(line), [&](const Node& node) { compare_node(node); });
    auto event = decode(line);
    if (!event) {
      find(sequence, event.error().what);
      return;
    }
    check(*event, sequence, columns);
    last_recorded_ = event->recorded;
    compare_command(*event);
    if (each_) each_(*event, line);
  }

  void check(const Event& event, Sequence sequence, const Columns& columns) {
    const Draft& draft = event.draft;
    if (event.sequence != sequence) find(sequence, "the line has another sequence than its place");
    if (event.source != source_) find(sequence, "the line is of another ledger");
    if (event.recorded <= last_recorded_) find(sequence, "recorded time does not grow");
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
    // The lowest stored level closes first, so the narrowest subtree that differs is named.
    if (stored->second != node.digest) {
      find(
          first_under(node.level, node.index),
          fmt::format(
              "a line of {} to {} is not what was hashed",
              first_under(node.level, node.index).value,
              first_under(node.level, node.index + 1).value - 1
          )
      );
    }
    nodes_.erase(stored);
  }

  // Records stand in the order of their first event; each event of a command names it.
  void compare_command(const Event& event) {
    const std::uint64_t at = event.sequence.value;
    while (next_command_ < commands_.size()) {
      const CommandRecord& record = commands_[next_command_];
      if (record.count != 0 && at < record.first.value + record.count) break;
      ++next_command_;
    }
    const bool covered = next_command_ < commands_.size() &&
                         commands_[next_command_].first.value <= at &&
                         event.draft.causation == commands_[next_command_].id;
    if (!covered) find(event.sequence, "no command record covers this event");
    if (covered && at == commands_[next_command_].first.value) ++verified_.commands;
  }

  void compare_head(const Head& head) {
    if (head.sequence.value != frontier_.size()) {
      find(
          {frontier_.size() + 1},
          fmt::format(
              "the head says {} events, there are {}", head.sequence.value, frontier_.size()
          )
      );
    } else if (head.root != frontier_.root() || !(head.frontier == frontier_)) {
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
  std::string source_;
  Time last_recorded_{};
  std::map<NodeKey, Digest> nodes_;
  std::vector<CommandRecord> commands_;
  std::size_t next_command_ = 0;
};

}  // namespace

Result<Verified> verify(
    Reader& reader, const std::function<void(const Event&, std::string_view)>& each
) {
  return Verifier(reader, each).run();
}

}  // namespace hal9::ledger
