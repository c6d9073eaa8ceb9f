// The one writer: lock, transaction, fold what others appended, decide on a copy, append, commit,
// and only then the copy becomes the state.
//
// A command's id and the SHA-256 of its bytes are looked up before decide: the same one again gets
// its first events, other bytes under the same id are refused. Belongs to one thread.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/environment.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/state.h"

#include <chrono>
#include <optional>
#include <span>
#include <vector>

namespace hal9::engine {

// How long a command waits for another process's transaction.
inline constexpr std::chrono::milliseconds kLedgerWait{1000};

struct Recorded {
  std::vector<ledger::Event> events;  // empty: there was nothing to record
  bool repeated = false;              // the first answer of the same command, again
};

// A command that waits to be executed; what it points to outlives the call.
struct Asked {
  const migration::Command* command = nullptr;
  std::optional<migration::Via> via;
  std::optional<Digest> digest = {};  // digest_of(*command), by who has the time for it before
};

// SHA-256 of a command's bytes: what a repeated one is known by.
Digest digest_of(const migration::Command& command);

class Writer {
 public:
  // Both outlive the writer.
  Writer(ledger::Store& store, Environment& environment);

  // Errors: the store's; decide's refusals; repeated; damaged when the ledger is not the one that
  // was folded (an older file was put back, another root at the same sequence).
  // `via` stands in the lines instead of the command's own: the command's bytes, and with them its
  // digest, stay what they were when it was spooled.
  Result<Recorded> execute(
      const migration::Command& command, std::optional<migration::Via> via = std::nullopt
  );

  // Several in one transaction, each decided on what those before it left; an answer for each, in
  // their order. A refusal is its command's alone. What cannot be recorded together is executed one
  // by one; a commit that failed has failed for all whose events were in it.
  std::vector<Result<Recorded>> execute(std::span<const Asked> asked);

  // Whether a command of this id is recorded, without the lock.
  Result<bool> knows(const CommandId& id);

  // Folds what others appended, without the lock.
  Result<void> catch_up();

  [[nodiscard]] const migration::State& state() const { return state_; }

 private:
  // Answers that are there once the batch is committed.
  struct Group {
    std::vector<Result<Recorded>> answers;
    migration::State state;  // with what was appended; moved to state_ on commit
    bool broken = false;     // an append failed: the batch is of no use
  };

  Result<void> fold_to(const ledger::Head& head);
  Result<Recorded> take(ledger::Batch& batch, const Asked& asked, Group& group);
  Result<void> finish(ledger::Batch& batch, Group& group);
  Result<Recorded> first_answer(
      const ledger::CommandRecord& record, const migration::Command& command, const Digest& digest
  );
  std::vector<ledger::Draft> draft(
      const migration::Command& command,
      migration::Via via,
      const std::vector<migration::Decided>& decided
  );

  ledger::Store& store_;
  Environment& environment_;
  migration::State state_;
  Digest root_{};  // of the head that state_ was folded to
};

}  // namespace hal9::engine
