// Group commit: many threads, one writer. A commit costs a sync, whatever is in it; who comes while
// one is under way goes into the next one together.
//
// No thread of its own: the first of a group writes for all who joined it, then the next group's.
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
#include <memory>
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
  // Those who are written together. All are woken at once, on a lock of their own and behind it:
  // sixty threads that wanted the queue's lock to read their answers took longer than the commit.
  struct Group {
    std::vector<Asked> asked;  // by the queue's lock, until it is written
    std::mutex mutex;
    std::condition_variable turn;  // the first one waits here
    std::condition_variable done;
    bool has_turn = false;
    std::vector<Result<Recorded>> answers;  // empty until then
  };

  void lead(Group& group);
  void gather(Group& group);
  void pass_turn();

  Writer writer_;  // the leader's
  std::mutex mutex_;
  std::deque<std::shared_ptr<Group>> queue_;  // the last one still takes members
  bool led_ = false;
  std::atomic<std::size_t> waiting_ = 0;  // in the group that is next, to be read without the lock
  std::size_t last_ = 1;                  // how many were in the last group; the leader's
};

}  // namespace hal9::engine
