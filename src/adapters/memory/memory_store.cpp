#include "adapters/memory/memory_store.h"

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::memory {

namespace {

using namespace ledger;

struct Row {
  std::string line;
  Columns columns;
};

using Snapshots = std::map<std::pair<std::string, Sequence>, std::string>;  // by fold

// What all stores opened on one ledger share.
struct Ledger {
  std::string name;
  Head head;
  std::vector<Row> rows;  // row i is sequence i + 1
  std::map<std::pair<std::uint32_t, std::uint64_t>, Digest> nodes;
  std::map<CommandId, CommandRecord> commands;
  Snapshots snapshots;
  bool locked = false;
};

bool matches(const Filter& filter, Sequence sequence, const Columns& columns) {
  if (filter.from && sequence < *filter.from) return false;
  if (filter.to && sequence > *filter.to) return false;
  if (filter.recorded_from && columns.recorded < *filter.recorded_from) return false;
  if (filter.recorded_to && columns.recorded > *filter.recorded_to) return false;
  if (!filter.types.empty() &&
      std::ranges::find(filter.types, columns.type) == filter.types.end()) {
    return false;
  }
  if (!filter.subjects.empty() &&
      std::ranges::find(filter.subjects, columns.subject) == filter.subjects.end()) {
    return false;
  }
  if (filter.correlation && columns.correlation != *filter.correlation) return false;
  return !filter.actor || columns.actor == *filter.actor;
}

// Everything that a batch would add; it goes into the ledger on commit.
struct Staged {
  Head head;
  std::vector<Row> rows;
  std::vector<Node> nodes;
  std::vector<CommandRecord> commands;
  Snapshots snapshots;  // all that would be there
};

class MemoryBatch : public Batch {
 public:
  explicit MemoryBatch(std::shared_ptr<Ledger> ledger) : ledger_(std::move(ledger)) {
    staged_.head = ledger_->head;
    staged_.snapshots = ledger_->snapshots;
  }
  MemoryBatch(const MemoryBatch&) = delete;
  MemoryBatch& operator=(const MemoryBatch&) = delete;
  ~MemoryBatch() override { unlock(); }

  [[nodiscard]] const Head& head() const override { return staged_.head; }

  Result<std::optional<CommandRecord>> find_command(CommandId id) override {
    for (const CommandRecord& record : staged_.commands) {
      if (record.id == id) return std::optional(record);
    }
    const auto found = ledger_->commands.find(id);
    if (found == ledger_->commands.end()) return std::optional<CommandRecord>();
    return std::optional(found->second);
  }

  Result<std::vector<Event>> append(
      std::span<const Draft> drafts, Time now, CommandId command, const Digest& command_digest
  ) override {
    if (broken_ || done_) return fail(Code::failed, "this batch cannot be used any more");
    for (const Draft& draft : drafts) {
      auto checked = check_draft(draft);
      if (!checked) {
        broken_ = true;
        return pass_on(checked);
      }
    }
    const Sequence first{staged_.head.sequence.value + 1};
    staged_.commands.push_back({command, command_digest, first, drafts.size()});
    std::vector<Event> events;
    for (const Draft& draft : drafts) events.push_back(place(draft, now));
    return events;
  }

  Result<void> put_snapshot(const Snapshot& snapshot) override {
    staged_.snapshots[{snapshot.fold, snapshot.sequence}] = snapshot.state;
    return {};
  }

  Result<void> thin_snapshots(std::string_view fold, std::uint64_t every) override {
    Snapshots& all = staged_.snapshots;
    const auto of_fold = [&](Snapshots::iterator at) { return at->first.first == fold; };
    auto newest =
        all.upper_bound({std::string(fold), Sequence{std::numeric_limits<std::uint64_t>::max()}});
    if (newest == all.begin()) return {};
    --newest;
    if (!of_fold(newest) || newest == all.begin()) return {};
    const auto before = std::prev(newest);
    const auto part = [&](Snapshots::iterator at) { return at->first.second.value / every; };
    if (of_fold(before) && part(before) == part(newest)) all.erase(newest);
    return {};
  }

  Result<void> swap_snapshots(std::string_view from, std::string_view into) override {
    Snapshots swapped;
    for (auto& [key, state] : staged_.snapshots) {
      const auto& [fold, sequence] = key;
      if (fold == into) continue;
      swapped[{fold == from ? std::string(into) : fold, sequence}] = std::move(state);
    }
    staged_.snapshots = std::move(swapped);
    return {};
  }

  Result<void> commit() override {
    if (broken_ || done_) return fail(Code::failed, "this batch cannot be used any more");
    done_ = true;
    ledger_->head = staged_.head;
    std::ranges::move(staged_.rows, std::back_inserter(ledger_->rows));
    for (const Node& node : staged_.nodes) ledger_->nodes[{node.level, node.index}] = node.digest;
    for (const CommandRecord& record : staged_.commands) ledger_->commands[record.id] = record;
    ledger_->snapshots = std::move(staged_.snapshots);
    unlock();
    return {};
  }

 private:
  // Once: after that the lock may be another batch's.
  void unlock() {
    if (std::exchange(holds_lock_, false)) ledger_->locked = false;
  }

  Event place(const Draft& draft, Time now) {
    Head& head = staged_.head;
    Event event;
    event.draft = draft;
    event.source = source_of(ledger_->name);
    event.sequence = Sequence{head.sequence.value + 1};
    event.recorded = std::max(now, head.recorded + Micros{1});
    Row row;
    row.line = encode(event);
    row.columns.type = draft.type;
    row.columns.subject = draft.subject;
    row.columns.actor = draft.author.auth_id;
    row.columns.recorded = event.recorded;
    row.columns.correlation = draft.correlation;
    head.frontier.append(leaf_hash(row.line), [&](const Node& node) {
      if (node.level >= kStoredLevel) staged_.nodes.push_back(node);
    });
    head.root = head.frontier.root();
    head.sequence = event.sequence;
    head.recorded = event.recorded;
    staged_.rows.push_back(std::move(row));
    return event;
  }

  std::shared_ptr<Ledger> ledger_;
  Staged staged_;
  bool holds_lock_ = true;
  bool broken_ = false;
  bool done_ = false;
};

class MemoryStore : public Store {
 public:
  explicit MemoryStore(std::shared_ptr<Ledger> ledger) : ledger_(std::move(ledger)) {}

  [[nodiscard]] std::string name() const override { return ledger_->name; }
  Result<Head> head() override { return ledger_->head; }

  Result<void> scan(const Filter& filter, const LineVisitor& visit) override {
    const std::size_t count = ledger_->rows.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = filter.direction == Direction::forward ? i : count - 1 - i;
      const Row& row = ledger_->rows[at];
      if (matches(filter, Sequence{at + 1}, row.columns) && !visit(Sequence{at + 1}, row.line)) {
        break;
      }
    }
    return {};
  }

  Result<void> scan_rows(Sequence from, const RowVisitor& visit) override {
    for (std::size_t at = from.value == 0 ? 0 : from.value - 1; at < ledger_->rows.size(); ++at) {
      const Row& row = ledger_->rows[at];
      Columns columns = row.columns;
      columns.leaf = leaf_hash(row.line);
      if (!visit(Sequence{at + 1}, row.line, columns)) break;
    }
    return {};
  }

  Result<Sequence> sequence_at(Time recorded) override {
    const auto after = std::ranges::upper_bound(ledger_->rows, recorded, {}, [](const Row& row) {
      return row.columns.recorded;
    });
    return Sequence{static_cast<std::uint64_t>(after - ledger_->rows.begin())};
  }

  Result<std::optional<CommandRecord>> find_command(CommandId id) override {
    const auto found = ledger_->commands.find(id);
    if (found == ledger_->commands.end()) return std::optional<CommandRecord>();
    return std::optional(found->second);
  }

  Result<void> scan_commands(const std::function<bool(const CommandRecord&)>& visit) override {
    for (const auto& [id, record] : ledger_->commands) {
      if (!visit(record)) break;
    }
    return {};
  }

  Result<std::optional<Snapshot>> snapshot_before(std::string_view fold, Sequence at) override {
    auto found = ledger_->snapshots.upper_bound({std::string(fold), at});
    if (found == ledger_->snapshots.begin()) return std::optional<Snapshot>();
    --found;
    if (found->first.first != fold) return std::optional<Snapshot>();
    return std::optional(Snapshot{found->first.second, found->first.first, found->second});
  }

  Result<void> scan_snapshots(const std::function<bool(const Snapshot&)>& visit) override {
    for (const auto& [key, state] : ledger_->snapshots) {
      if (!visit({key.second, key.first, state})) break;
    }
    return {};
  }

  Result<Digest> node(std::uint32_t level, std::uint64_t index) override {
    const auto stored = ledger_->nodes.find({level, index});
    if (stored != ledger_->nodes.end()) return stored->second;
    const std::uint64_t begin = index << level;
    const std::uint64_t size = std::uint64_t{1} << level;
    if (begin + size > ledger_->rows.size()) return fail(Code::usage, "no such subtree");
    Frontier frontier;
    for (std::uint64_t at = begin; at < begin + size; ++at) {
      frontier.append(leaf_hash(ledger_->rows[at].line));
    }
    return frontier.root();
  }

  Result<void> scan_nodes(const std::function<bool(const Node&)>& visit) override {
    for (const auto& [key, digest] : ledger_->nodes) {
      if (!visit({key.first, key.second, digest})) break;
    }
    return {};
  }

  Result<void> steady(const std::function<Result<void>()>& work) override { return work(); }

  Result<std::optional<std::string>> structure_finding() override {
    return std::optional<std::string>();
  }

  Result<std::unique_ptr<Batch>> begin(std::chrono::milliseconds) override {
    // One thread: whoever holds it will not let go while this one waits.
    if (ledger_->locked) {
      return fail(
          Code::locked, "the ledger is locked by another process", "", "nothing was changed"
      );
    }
    ledger_->locked = true;
    return std::unique_ptr<Batch>(std::make_unique<MemoryBatch>(ledger_));
  }

  [[nodiscard]] const std::shared_ptr<Ledger>& ledger() const { return ledger_; }

 private:
  std::shared_ptr<Ledger> ledger_;
};

}  // namespace

std::unique_ptr<Store> make_store(std::string_view name) {
  auto made = std::make_shared<Ledger>();
  made->name = name;
  made->head.root = empty_root();
  return std::make_unique<MemoryStore>(std::move(made));
}

std::unique_ptr<Store> share(const Store& store) {
  // Only make_store and share make stores of this kind.
  return std::make_unique<MemoryStore>(dynamic_cast<const MemoryStore&>(store).ledger());
}

}  // namespace hal9::memory
