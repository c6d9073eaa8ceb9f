#include "engine/group_writer.h"

#include "base/result.h"
#include "engine/environment.h"
#include "engine/writer.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/commands.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

// Bounds what one commit may hold, and with it how long the lock is held.
constexpr std::size_t kMostAtOnce = 256;
// How often a leader lets others run before it goes.
constexpr int kPatience = 256;

}  // namespace

GroupWriter::GroupWriter(ledger::Store& store, Environment& environment)
    : writer_(store, environment) {}

Result<Recorded> GroupWriter::execute(
    const migration::Command& command, std::optional<migration::Via> via
) {
  const Asked asked{&command, via, digest_of(command)};
  std::shared_ptr<Group> group;
  std::size_t place = 0;
  bool goes = false;
  {
    const std::scoped_lock guard(mutex_);
    if (queue_.empty() || queue_.back()->asked.size() == kMostAtOnce) {
      queue_.push_back(std::make_shared<Group>());
    }
    group = queue_.back();
    place = group->asked.size();
    group->asked.push_back(asked);
    waiting_ = queue_.front()->asked.size();
    goes = !std::exchange(led_, true);
  }
  if (place == 0) {
    if (!goes) {
      std::unique_lock guard(group->mutex);
      group->turn.wait(guard, [&] { return group->has_turn; });
    }
    lead(*group);
    return std::move(group->answers.front());
  }
  std::unique_lock guard(group->mutex);
  group->done.wait(guard, [&] { return !group->answers.empty(); });
  return std::move(group->answers[place]);
}

// Those who were just answered come again: whoever leads first would go alone, and all others would
// wait for two syncs. So it lets them run as long as they are fewer than last time.
void GroupWriter::gather(Group& group) {
  for (int i = 0; i < kPatience && waiting_ < last_; ++i) std::this_thread::yield();
  const std::scoped_lock guard(mutex_);
  last_ = group.asked.size();
  queue_.pop_front();  // nobody joins it any more
  waiting_ = queue_.empty() ? 0 : queue_.front()->asked.size();
}

void GroupWriter::lead(Group& group) {
  gather(group);
  auto answers = writer_.execute(group.asked);
  {
    const std::scoped_lock guard(group.mutex);
    group.answers = std::move(answers);
  }
  group.done.notify_all();
  pass_turn();
}

void GroupWriter::pass_turn() {
  std::shared_ptr<Group> next;
  {
    const std::scoped_lock guard(mutex_);
    led_ = !queue_.empty();
    if (led_) next = queue_.front();
  }
  if (!next) return;
  {
    const std::scoped_lock guard(next->mutex);
    next->has_turn = true;
  }
  next->turn.notify_one();
}

}  // namespace hal9::engine
