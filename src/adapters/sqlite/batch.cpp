#include "adapters/sqlite/batch.h"

#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/ledger_file.h"
#include "adapters/sqlite/lock_file.h"
#include "adapters/sqlite/placing.h"
#include "adapters/sqlite/transaction.h"
#include "base/ahead.h"
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
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

using namespace ledger;

// Below that the thread costs more than it saves.
constexpr std::size_t kWorthAThread = 256;

constexpr const char* kNotRecorded = "it could not be recorded in the ledger";

std::string join(const std::vector<Digest>& digests) {
  std::string bytes;
  for (const Digest& digest : digests) bytes += as_bytes(digest);
  return bytes;
}

class SqliteBatch : public Batch {
 public:
  SqliteBatch(std::shared_ptr<LedgerFile> file, LockFile lock)
      : file_(std::move(file)), lock_(std::move(lock)) {
    transaction_.emplace(*file_);
  }
  SqliteBatch(const SqliteBatch&) = delete;
  SqliteBatch& operator=(const SqliteBatch&) = delete;
  ~SqliteBatch() override {
    transaction_.reset();
    file_->drop_codes();  // none are fresh after a commit
  }

  Result<void> read_head() {
    auto head = file_->read_head();
    if (!head) return pass_on(head);
    head_ = std::move(*head);
    return {};
  }

  // The root is a dozen hashes: made when it is asked for, not for every event.
  [[nodiscard]] const Head& head() const override {
    if (root_is_old_) head_.root = head_.frontier.root();
    root_is_old_ = false;
    return head_;
  }

  Result<std::optional<CommandRecord>> find_command(CommandId id) override {
    if (!transaction_) return unusable();
    return writing([&]() -> Result<std::optional<CommandRecord>> {
      return file_->find_command(id);
    });
  }

  Result<std::vector<Event>> append(
      std::span<const Draft> drafts, Time now, CommandId command, const Digest& command_digest
  ) override {
    if (!transaction_) return unusable();
    for (const Draft& draft : drafts) {
      auto checked = check_draft(draft);
      if (!checked) {
        give_up();
        return pass_on(checked);
      }
    }
    return writing([&]() -> Result<std::vector<Event>> {
      put_command({command, command_digest, {head_.sequence.value + 1}, drafts.size()});
      Placing placing(drafts, now, head_, source_of(file_->name()));
      if (drafts.size() < kWorthAThread) {
        PlacedBlock all;
        while (placing.fill(all)) put(all);
        put(all);
      } else {
        put_ahead(placing);
      }
      return placed(std::move(placing));
    });
  }

  Result<void> put_snapshot(const Snapshot& snapshot) override {
    if (!transaction_) return unusable();
    return writing([&]() -> Result<void> {
      auto put =
          file_->prepared("INSERT OR REPLACE INTO snapshot (sequence, fold, state) VALUES (?, ?, ?)"
          );
      put->bind(1, static_cast<std::int64_t>(snapshot.sequence.value));
      put->bind(2, snapshot.fold);
      put->bind(3, snapshot.state.data(), static_cast<int>(snapshot.state.size()));
      put->exec();
      return {};
    });
  }

  Result<void> thin_snapshots(std::string_view fold, std::uint64_t every) override {
    if (!transaction_) return unusable();
    return writing([&]() -> Result<void> {
      auto gone = file_->prepared(
          "DELETE FROM snapshot WHERE fold = ?1 "
          "AND sequence = (SELECT max(sequence) FROM snapshot WHERE fold = ?1) "
          "AND EXISTS (SELECT 1 FROM snapshot AS first WHERE first.fold = ?1 "
          "AND first.sequence >= snapshot.sequence - snapshot.sequence % ?2 "
          "AND first.sequence < snapshot.sequence)"
      );
      gone->bind(1, std::string(fold));
      gone->bind(2, static_cast<std::int64_t>(every));
      gone->exec();
      return {};
    });
  }

  Result<void> swap_snapshots(std::string_view from, std::string_view into) override {
    if (!transaction_) return unusable();
    return writing([&]() -> Result<void> {
      auto gone = file_->prepared("DELETE FROM snapshot WHERE fold = ?");
      gone->bind(1, std::string(into));
      gone->exec();
      auto swapped = file_->prepared("UPDATE snapshot SET fold = ? WHERE fold = ?");
      swapped->bind(1, std::string(into));
      swapped->bind(2, std::string(from));
      swapped->exec();
      return {};
    });
  }

  Result<void> commit() override {
    if (!transaction_) return unusable();
    auto committed = writing([&]() -> Result<void> {
      if (appended_) put_head();
      transaction_->commit();
      transaction_.reset();
      file_->keep_codes();
      lock_.reset();
      return {};
    });
    // What was written and could not be synced is mostly there when the file is opened again.
    if (!committed && committed.error().code == Code::failed) {
      committed.error().state = "it may be recorded or not: look before you type it again";
      committed.error().next = "hal9-migrate timeline";
    }
    return committed;
  }

 private:
  static tl::unexpected<Error> unusable() {
    return fail(
        Code::failed,
        "this batch cannot be used any more",
        "it was committed, or something in it was refused",
        "nothing more was recorded"
    );
  }

  // What failed on the way to the disk may be there or not: the connection is not used again.
  template <class Work>
  auto writing(const Work& work) -> decltype(work()) {
    try {
      return work();
    } catch (const SQLite::Exception& error) {
      file_->poison();
      give_up();
      return explain(error, file_->path(), kNotRecorded);
    }
  }

  void give_up() {
    transaction_.reset();
    lock_.reset();
  }

  // Lines and hashes are made while SQLite works on those before.
  void put_ahead(Placing& placing) {
    const Ahead<PlacedBlock>::Fill fill = [&placing](PlacedBlock& block) {
      return placing.fill(block);
    };
    Ahead<PlacedBlock> ahead(fill);
    while (const PlacedBlock* const block = ahead.next()) {
      put(*block);
      ahead.give_back();
    }
    ahead.settle();
  }

  void put(const PlacedBlock& block) {
    for (std::size_t i = 0; i < block.count; ++i) put_event(*block.events[i], block.lines[i]);
    for (const Node& node : block.nodes) put_node(node);
  }

  std::vector<Event> placed(Placing placing) {
    head_.frontier = placing.frontier();
    std::vector<Event> events = std::move(placing).events();
    if (events.empty()) return events;
    head_.sequence = events.back().sequence;
    head_.recorded = events.back().recorded;
    root_is_old_ = true;
    appended_ = true;
    return events;
  }

  void put_event(const Event& event, const std::string& line) {
    const std::int64_t type = file_->code_for(Kind::type, event.draft.type);
    const std::int64_t actor = file_->code_for(Kind::actor, event.draft.author.auth_id);
    std::optional<std::int64_t> subject;
    if (!event.draft.subject.empty()) {
      subject = file_->code_for(Kind::subject, event.draft.subject);
    }
    auto put = file_->prepared(
        "INSERT INTO event (sequence, type, subject, actor, recorded, correlation, line) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)"
    );
    put->bind(1, static_cast<std::int64_t>(event.sequence.value));
    put->bind(2, type);
    if (subject) {
      put->bind(3, *subject);
    } else {
      put->bind(3);
    }
    put->bind(4, actor);
    put->bind(5, to_micros(event.recorded));
    const Bytes16& correlation = event.draft.correlation.bytes;
    put->bindNoCopy(6, correlation.data(), static_cast<int>(correlation.size()));
    put->bindNoCopy(7, line);
    put->exec();
  }

  void put_node(const Node& node) {
    auto put = file_->prepared("INSERT INTO node (level, place, digest) VALUES (?, ?, ?)");
    put->bind(1, node.level);
    put->bind(2, static_cast<std::int64_t>(node.index));
    put->bind(3, node.digest.data(), static_cast<int>(node.digest.size()));
    put->exec();
  }

  void put_command(const CommandRecord& record) {
    auto put =
        file_->prepared("INSERT INTO command (id, digest, first, count) VALUES (?, ?, ?, ?)");
    put->bind(1, record.id.bytes.data(), static_cast<int>(record.id.bytes.size()));
    put->bind(2, record.digest.data(), static_cast<int>(record.digest.size()));
    put->bind(3, static_cast<std::int64_t>(record.first.value));
    put->bind(4, static_cast<std::int64_t>(record.count));
    put->exec();
  }

  void put_head() {
    const Digest root = head().root;
    const std::string frontier = join(head_.frontier.digests());
    auto put = file_->prepared(
        "UPDATE head SET sequence = ?, root = ?, frontier = ?, recorded = ?, least_reader = ?"
    );
    put->bind(1, static_cast<std::int64_t>(head_.sequence.value));
    put->bind(2, root.data(), static_cast<int>(root.size()));
    put->bind(3, frontier.data(), static_cast<int>(frontier.size()));
    put->bind(4, to_micros(head_.recorded));
    put->bind(5, std::max(head_.least_reader, kFormatVersion));
    put->exec();
  }

  std::shared_ptr<LedgerFile> file_;
  // The transaction goes before the lock, whatever ends the batch.
  std::optional<LockFile> lock_;
  std::optional<Transaction> transaction_;
  mutable Head head_;
  mutable bool root_is_old_ = false;
  bool appended_ = false;
};

}  // namespace

Result<std::unique_ptr<Batch>> begin_batch(
    std::shared_ptr<LedgerFile> file, std::chrono::milliseconds wait
) {
  if (file->poisoned()) {
    return fail(
        Code::failed,
        "the ledger is not written any more by this process",
        "an earlier write to " + file->path().string() + " failed",
        "what failed may or may not be recorded; the same command again is safe",
        "hal9-migrate ledger verify"
    );
  }
  auto lock = file->lock().acquire(wait);
  if (!lock) return pass_on(lock);
  if (!file->is_in_place()) {
    return fail(
        Code::damaged,
        "the ledger's file was replaced while it was open",
        file->path().string() + " is not the file that this process reads",
        "nothing was recorded",
        "hal9-migrate ledger verify"
    );
  }
  const auto path = file->path();
  try {
    auto batch = std::make_unique<SqliteBatch>(std::move(file), std::move(*lock));
    if (auto read = batch->read_head(); !read) return pass_on(read);
    return std::unique_ptr<Batch>(std::move(batch));
  } catch (const SQLite::Exception& error) {
    return explain(error, path, "the ledger cannot be written");
  }
}

}  // namespace hal9::sqlite
