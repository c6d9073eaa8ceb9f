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

#include <atomic>
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
  // On the stack of the thread that waits. It is woken on a lock of its own: sixty threads that all
  // wanted the queue's lock to read their answers took longer than the commit.
  struct Waiting {
    Asked asked;
    std::mutex mutex;
    std::condition_variable woken;
    Result<Recorded> answer;
    bool answered = false;
    bool leads = false;
  };

  void lead(Waiting& own);
  std::vector<Waiting*> gather();

  Writer writer_;  // the leader's
  std::mutex mutex_;
  std::deque<Waiting*> queue_;  // the leader stands in front
  bool led_ = false;
  std::atomic<std::size_t> waiting_ = 0;  // the queue's length, to be read without the lock
  std::size_t last_ = 1;                  // how many were in the last group; the leader's
};

}  // namespace hal9::engine
