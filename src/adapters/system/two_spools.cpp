// Two spools as one: the second place takes what the first cannot, as on a file system that was
// remounted read-only under the ledger. Reading and removing see both.
#include "adapters/system/system.h"
#include "base/result.h"
#include "engine/spool.h"
#include "migration/commands.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace hal9::system {

namespace {

class TwoSpools : public engine::Spool {
 public:
  TwoSpools(std::unique_ptr<engine::Spool> first, std::unique_ptr<engine::Spool> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  Result<void> append(const migration::Command& command) override {
    last_ = first_.get();
    auto appended = first_->append(command);
    if (appended) return appended;
    auto instead = second_->append(command);
    if (!instead) return appended;
    last_ = second_.get();
    return {};
  }

  Result<engine::Spooled> read() override {
    auto first = first_->read();
    if (!first) return pass_on(first);
    // Somebody else's file in the second place must not keep what stands in the first from being
    // taken in; nothing of it is used.
    auto second = second_->read();
    taken_first_ = *first;
    taken_second_ = second ? *second : engine::Spooled{};
    engine::Spooled both = std::move(*first);
    std::ranges::copy(taken_second_.commands, std::back_inserter(both.commands));
    std::ranges::copy(taken_second_.unreadable, std::back_inserter(both.unreadable));
    // One file has its own order, whatever the clock did; two of them only have the clock's.
    if (!taken_second_.commands.empty()) {
      std::ranges::sort(both.commands, {}, [](const migration::Command& command) {
        return std::pair(command.at, command.id);
      });
    }
    both.bytes += taken_second_.bytes;
    return both;
  }

  // Forgets what the last read() gave; `taken` is that.
  Result<void> remove(const engine::Spooled& /*taken*/) override {
    auto first = first_->remove(std::exchange(taken_first_, {}));
    auto second = second_->remove(std::exchange(taken_second_, {}));
    if (!first) return first;
    return second;
  }

  [[nodiscard]] std::string location() const override { return last_->location(); }

 private:
  std::unique_ptr<engine::Spool> first_;
  std::unique_ptr<engine::Spool> second_;
  engine::Spool* last_ = first_.get();  // that took the last command
  engine::Spooled taken_first_;
  engine::Spooled taken_second_;
};

}  // namespace

std::unique_ptr<engine::Spool> make_two_spools(
    std::unique_ptr<engine::Spool> first, std::unique_ptr<engine::Spool> second
) {
  return std::make_unique<TwoSpools>(std::move(first), std::move(second));
}

}  // namespace hal9::system
