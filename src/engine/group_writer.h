// Group commit: many threads, one writer. A commit costs a sync, whatever is in it; who comes while
// one is under way goes into the next one together.
//
// No thread of its own: the first in the queue writes for all who wait, then the next one leads.
// A caller is answered when its own events are durable, or when it is refused, as by Writer.
// Thread-safe, all of it.
#pragma once

#include "base/result.h"
#include "engine/environment.h"
#include "engine/writer.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/commands.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace hal9::engine {

class GroupWriter {
 public:
  // Both outlive it, and are nobody else's meanwhile: they are used by one caller at a time, though
  // not always from the same thread.
  GroupWriter(ledger::Store& store, Environment& environment);

  // As Writer::execute. Waits until its group is committed.
  Result<Recorded> execute(
      const migration::Command& command, std::optional<migration::Via> via = std::nullopt
  );

 private:
  // On the stack of the thread that waits.
  struct Waiting {
    Asked asked;
    std::optional<Result<Recorded>> answer;
    bool leads = false;
    std::condition_variable woken;
  };

  void lead(std::unique_lock<std::mutex>& guard);
  std::vector<Waiting*> gather(std::unique_lock<std::mutex>& guard);

  Writer writer_;  // the leader's
  std::mutex mutex_;
  std::deque<Waiting*> queue_;  // the leader stands in front
  bool led_ = false;
  std::size_t last_ = 1;  // how many were in the last group
};

}  // namespace hal9::engine
