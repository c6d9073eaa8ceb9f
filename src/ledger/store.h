// The store port: where lines live. One conformance suite (tests/conformance) holds every store to
// what is written here.
//
// Invariants: sequences run from 1 without gaps; what was committed is never changed or deleted;
// recorded time strictly grows, whatever the clock does; the head's root is the RFC 9162 root over
// all lines; a batch is there whole or not at all; the sequence moves on commit only.
//
// One writer: begin() takes the ledger's lock (across processes) and holds it over transaction and
// WAL flush. Readers never wait for it and never write. After any failed append or commit the store
// is poisoned: every further begin() fails with Code::failed until it is opened anew, because a
// commit that failed on sync may still be there after a restart. Ids make the retry safe.
//
// Thread safety: one Store belongs to one thread. Open a second one for a second thread.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/tree.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::ledger {

// The least version of this program's format that may read what this build writes.
inline constexpr std::uint32_t kFormatVersion = 1;

// Interior nodes are stored from this level up (a subtree of 256 leaves); below, lines are hashed
// again.
inline constexpr std::uint32_t kStoredLevel = 8;

struct Head {
  Sequence sequence;  // of the last event; 0 in an empty ledger
  Digest root{};
  Frontier frontier;
  Time recorded;  // of the last event; the epoch in an empty ledger
  std::uint32_t least_reader = kFormatVersion;
};

enum class Direction : std::uint8_t { forward, backward };

// All of it has to hold. `recorded_*` and `from`, `to` are inclusive. Empty: everything.
struct Filter {
  std::optional<Sequence> from, to;
  std::optional<Time> recorded_from, recorded_to;
  std::vector<std::string> types;     // any of these
  std::vector<std::string> subjects;  // any of these; "": of events without one
  std::optional<CorrelationId> correlation;
  std::optional<std::string> actor;  // the line's authid
  Direction direction = Direction::forward;
};

// Called for each event in order; false ends the reading without an error. The view is valid during
// the call only.
using LineVisitor = std::function<bool(Sequence, std::string_view line)>;

// A command that was executed: the same id again gets the first answer, if its bytes are the same.
struct CommandRecord {
  CommandId id;
  Digest digest{};  // SHA-256 of the command's bytes
  Sequence first;   // its events are first, first+1, ..., first+count-1; count may be 0
  std::uint64_t count = 0;
};

// What a store keeps beside the line to find it again; each is recomputed from the line by verify.
struct Columns {
  std::string type;
  std::string subject;
  std::string actor;
  Time recorded;
  CorrelationId correlation;
  // The leaf hash of the line as it was read now: never a stored one.
  Digest leaf{};
};
using RowVisitor = std::function<bool(Sequence, std::string_view line, const Columns&)>;

// A stored state: disposable, rebuilt from lines. `fold` names the version of the fold that made
// it.
struct Snapshot {
  Sequence sequence;
  std::string fold;
  std::string state;  // the fold's canonical bytes
};

// Memory stays constant whatever the number of events: nothing here returns a list of them.
class Reader {
 public:
  virtual ~Reader() = default;
  // The name in the lines' source, given when the ledger was made.
  [[nodiscard]] virtual std::string name() const = 0;
  virtual Result<Head> head() = 0;
  virtual Result<void> scan(const Filter& filter, const LineVisitor& visit) = 0;
  // Every row from `from` on with its columns, for verify.
  virtual Result<void> scan_rows(Sequence from, const RowVisitor& visit) = 0;
  // The last sequence with recorded <= time; 0 if there is none. O(log n).
  virtual Result<Sequence> sequence_at(Time recorded) = 0;
  virtual Result<std::optional<CommandRecord>> find_command(CommandId id) = 0;
  // Every command record, in no order, for verify.
  virtual Result<void> scan_commands(const std::function<bool(const CommandRecord&)>& visit) = 0;
  // The newest snapshot of this fold with sequence <= at.
  virtual Result<std::optional<Snapshot>> snapshot_before(std::string_view fold, Sequence at) = 0;
  virtual Result<void> scan_snapshots(const std::function<bool(const Snapshot&)>& visit) = 0;
  // The digest of the complete subtree (tree.h). Stored from level 8 up, hashed again below.
  virtual Result<Digest> node(std::uint32_t level, std::uint64_t index) = 0;
  // Every stored interior node, for verify.
  virtual Result<void> scan_nodes(const std::function<bool(const Node&)>& visit) = 0;
  // Runs `work`; every read that it makes through this reader sees one and the same state, whoever
  // commits meanwhile. Not to be nested, and not while a batch of the same store is open.
  virtual Result<void> steady(const std::function<Result<void>()>& work) = 0;
  // What the store's own check of its structure (indexes against rows, pages) finds, for verify;
  // nothing if nothing is wrong. It says nothing about what the lines hold. Behind a scan_rows over
  // every row, in the same steady look, it is several times quicker.
  virtual Result<std::optional<std::string>> structure_finding() = 0;
};

// An open transaction of the one writer. Destroyed without commit: nothing happened. It reads its
// own writes through head() and find_command(); its store's reads may or may not see them before
// commit, those of every other store and reader do not.
class Batch {
 public:
  virtual ~Batch() = default;
  [[nodiscard]] virtual const Head& head() const = 0;
  virtual Result<std::optional<CommandRecord>> find_command(CommandId id) = 0;
  // Gives the drafts their places and appends them as one; `command` is recorded with them
  // (its first and count are filled in here). `now` is a wall clock reading: each event's recorded
  // time is max(now, previous + 1 us). Returns the events as recorded.
  // Errors: Code::failed for a draft that check_draft refuses (nothing appended, batch unusable).
  virtual Result<std::vector<Event>> append(
      std::span<const Draft> drafts, Time now, CommandId command, const Digest& command_digest
  ) = 0;
  virtual Result<void> put_snapshot(const Snapshot& snapshot) = 0;
  // Takes the newest snapshot of this fold away, unless it is the first of its `every` sequences
  // (sequence / every). `every` is not 0.
  virtual Result<void> thin_snapshots(std::string_view fold, std::uint64_t every) = 0;
  // Every snapshot of `into` goes; those of `from` become its. With itself it is emptied.
  virtual Result<void> swap_snapshots(std::string_view from, std::string_view into) = 0;
  // Durable when it returns without an error.
  virtual Result<void> commit() = 0;
};

class Store : public Reader {
 public:
  // Waits at most `wait` for the lock. Errors: locked, full, read_only, damaged, failed (poisoned).
  virtual Result<std::unique_ptr<Batch>> begin(std::chrono::milliseconds wait) = 0;
  // A store that has written may tidy up when it is closed, so that the next one to open it has less
  // to read. After this it does not: for an emergency, which has no time for the next one.
  virtual void close_in_haste() {}
};

}  // namespace hal9::ledger
