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
constexpr int kPatience = 256;

}  // namespace

GroupWriter::GroupWriter(ledger::Store& store, Environment& environment)
    : writer_(store, environment) {}

Result<Recorded> GroupWriter::execute(
    const migration::Command& command, std::optional<migration::Via> via
) {
  Waiting own;
  own.asked = {&command, via, digest_of(command)};
  bool leads = false;
  {
    const std::scoped_lock guard(mutex_);
    queue_.push_back(&own);
    waiting_ = queue_.size();
    leads = !std::exchange(led_, true);
  }
  if (!leads) {
    std::unique_lock guard(own.mutex);
    own.woken.wait(guard, [&] { return own.leads || own.answered; });
    leads = own.leads;
  }
  if (leads) lead(own);
  return std::move(own.answer);
}

// Those who were just answered come again: whoever leads first would go alone, and all others would
// wait for two syncs. So it lets them run as long as they are fewer than last time.
std::vector<GroupWriter::Waiting*> GroupWriter::gather() {
  for (int i = 0; i < kPatience && waiting_ < last_; ++i) std::this_thread::yield();
  const std::scoped_lock guard(mutex_);
  last_ = std::min(queue_.size(), kMostAtOnce);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(last_);
  std::vector<Waiting*> group(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  waiting_ = queue_.size();
  return group;
}

void GroupWriter::lead(Waiting& own) {
  const std::vector<Waiting*> group = gather();
  std::vector<Asked> asked;
  asked.reserve(group.size());
  for (const Waiting* one : group) asked.push_back(one->asked);
  auto answers = writer_.execute(asked);
  for (std::size_t i = 0; i < group.size(); ++i) {
    Waiting& one = *group[i];
    if (&one == &own) {
      own.answer = std::move(answers[i]);
      continue;
    }
    // Told under its lock: once it has its answer, it is gone.
    const std::scoped_lock guard(one.mutex);
    one.answer = std::move(answers[i]);
    one.answered = true;
    one.woken.notify_one();
  }
  Waiting* next = nullptr;
  {
    const std::scoped_lock guard(mutex_);
    led_ = !queue_.empty();
    if (led_) next = queue_.front();
  }
  if (next == nullptr) return;
  const std::scoped_lock guard(next->mutex);
  next->leads = true;
  next->woken.notify_one();
}

}  // namespace hal9::engine
