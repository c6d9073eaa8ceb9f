// Several spools as one: the next place takes what the one before cannot, as on a file system that
// was remounted read-only under the ledger. Reading and removing see all of them.
#include "adapters/system/system.h"
#include "base/result.h"
#include "engine/spool.h"
#include "migration/commands.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hal9::system {

namespace {

using SpoolList = std::vector<std::unique_ptr<engine::Spool>>;

std::string in_a_sentence(const Error& error) {
  std::string text = error.what;
  if (!error.why.empty()) text += ": " + error.why;
  if (!error.next.empty()) text += "; " + error.next;
  return text;
}

class JoinedSpools : public engine::Spool {
 public:
  JoinedSpools(SpoolList own, SpoolList others)
      : all_(std::move(own)), own_(all_.size()), last_(all_.front().get()) {
    std::ranges::move(others, std::back_inserter(all_));
    taken_.resize(all_.size());
  }

  Result<void> append(const migration::Command& command) override {
    last_ = all_.front().get();
    auto first = last_->append(command);
    if (first) return first;
    for (std::size_t i = 1; i < own_; ++i) {
      if (!all_[i]->append(command)) continue;
      last_ = all_[i].get();
      return {};
    }
    return first;
  }

  Result<engine::Spooled> read() override {
    auto first = all_.front()->read();
    if (!first) return pass_on(first);
    taken_.assign(all_.size(), {});
    taken_.front() = *first;
    engine::Spooled joined = std::move(*first);
    bool several = false;
    for (std::size_t i = 1; i < all_.size(); ++i) {
      auto read = all_[i]->read();
      if (!read) {
        // It must not keep what stands in the others from being taken in.
        if (joined.unread.empty()) joined.unread = in_a_sentence(read.error());
        continue;
      }
      std::ranges::copy(read->commands, std::back_inserter(joined.commands));
      std::ranges::copy(read->unreadable, std::back_inserter(joined.unreadable));
      joined.bytes += read->bytes;
      several = several || !read->commands.empty();
      taken_[i] = std::move(*read);
    }
    // One file has its own order, whatever the clock did; several of them only have the clock's.
    if (several) {
      std::ranges::sort(joined.commands, {}, [](const migration::Command& command) {
        return std::pair(command.at, command.id);
      });
    }
    return joined;
  }

  // Forgets what the last read() gave; `taken` is that.
  Result<void> remove(const engine::Spooled& /*taken*/) override {
    Result<void> removed;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      auto one = all_[i]->remove(std::exchange(taken_[i], {}));
      if (removed && !one) removed = std::move(one);
    }
    return removed;
  }

  [[nodiscard]] std::string location() const override { return last_->location(); }

 private:
  SpoolList all_;
  std::size_t own_;      // so many of them take an append
  engine::Spool* last_;  // that took the last command
  std::vector<engine::Spooled> taken_;
};

}  // namespace

std::unique_ptr<engine::Spool> join_spools(SpoolList own, SpoolList others) {
  return std::make_unique<JoinedSpools>(std::move(own), std::move(others));
}

}  // namespace hal9::system
