#include "engine/group_writer.h"

#include "base/result.h"
#include "engine/environment.h"
#include "engine/writer.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/commands.h"

#include <algorithm>
#include <cstddef>
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
constexpr int kPatience = 64;

}  // namespace

GroupWriter::GroupWriter(ledger::Store& store, Environment& environment)
    : writer_(store, environment) {}

Result<Recorded> GroupWriter::execute(
    const migration::Command& command, std::optional<migration::Via> via
) {
  Waiting own;
  own.asked = {&command, via};
  std::unique_lock guard(mutex_);
  queue_.push_back(&own);
  if (std::exchange(led_, true)) {
    own.woken.wait(guard, [&] { return own.leads || own.answer.has_value(); });
  }
  if (!own.answer) lead(guard);
  return std::move(*own.answer);
}

// Those who were just answered come again: whoever leads first would go alone, and all others would
// wait for two syncs. So it lets them run as long as they are fewer than last time.
std::vector<GroupWriter::Waiting*> GroupWriter::gather(std::unique_lock<std::mutex>& guard) {
  for (int i = 0; i < kPatience && queue_.size() < last_; ++i) {
    guard.unlock();
    std::this_thread::yield();
    guard.lock();
  }
  last_ = std::min(queue_.size(), kMostAtOnce);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(last_);
  std::vector<Waiting*> group(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return group;
}

void GroupWriter::lead(std::unique_lock<std::mutex>& guard) {
  const std::vector<Waiting*> group = gather(guard);
  std::vector<Asked> asked;
  asked.reserve(group.size());
  for (const Waiting* one : group) asked.push_back(one->asked);
  guard.unlock();
  auto answers = writer_.execute(asked);
  guard.lock();
  for (std::size_t i = 0; i < group.size(); ++i) {
    group[i]->answer.emplace(std::move(answers[i]));
    // Under the lock: once it has its answer, it may be gone.
    if (i != 0) group[i]->woken.notify_one();
  }
  led_ = !queue_.empty();
  if (!led_) return;
  queue_.front()->leads = true;
  queue_.front()->woken.notify_one();
}

}  // namespace hal9::engine
