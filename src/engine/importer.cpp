#include "engine/importer.h"

#include "base/result.h"
#include "base/sha256.h"
#include "ledger/line.h"
#include "ledger/lines_check.h"
#include "ledger/store.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

// So many events a transaction.
constexpr std::size_t kTogether = 1000;

tl::unexpected<Error> refused(std::uint64_t line, std::string why) {
  return fail(
      Code::damaged,
      fmt::format("line {} cannot be imported", line),
      std::move(why),
      "nothing was imported",
      ""
  );
}

}  // namespace

Result<void> Importer::take(std::string_view line) {
  ++lines_;
  if (ledger::leaf_of_redacted(line)) {
    return refused(lines_, "only its hash is there: what was hidden cannot be brought back");
  }
  auto event = ledger::decode(line);
  if (!event) return refused(lines_, event.error().what);
  const auto& causation = event->draft.causation;
  if (!causation) return refused(lines_, "it names no command");
  const bool another = !command_.empty() && command_.front().draft.causation != causation;
  if (another) {
    if (auto put = put_command(); !put) return put;
  }
  if (command_.empty()) command_begins_ = lines_;
  command_.push_back(std::move(*event));
  return {};
}

Result<void> Importer::put_command() {
  const ledger::Event& first = command_.front();
  const auto& id = first.draft.causation;
  if (!id) return {};
  if (!batch_) {
    auto begun = store_.begin(std::chrono::seconds(10));
    if (!begun) return pass_on(begun);
    batch_ = std::move(*begun);
  }
  auto known = batch_->find_command(*id);
  if (!known) return pass_on(known);
  const std::uint64_t line = command_begins_;
  if (known->has_value()) return refused(line, "events of one command do not stand together");
  std::vector<ledger::Draft> drafts;
  drafts.reserve(command_.size());
  for (const ledger::Event& event : command_) drafts.push_back(event.draft);
  auto recorded = batch_->append(drafts, first.recorded, *id, Digest{});
  if (!recorded) return refused(line, recorded.error().why);
  if (*recorded != command_) {
    const auto other = std::ranges::mismatch(*recorded, command_).in2;
    const auto before = static_cast<std::uint64_t>(other - command_.begin());
    return refused(line + before, "its sequence, source or recorded time is not that of its place");
  }
  in_batch_ += command_.size();
  command_.clear();
  return in_batch_ < kTogether ? Result<void>() : commit();
}

Result<void> Importer::commit() {
  if (!batch_) return {};
  auto committed = batch_->commit();
  batch_.reset();
  in_batch_ = 0;
  return committed;
}

Result<void> Importer::finish() {
  if (!command_.empty()) {
    if (auto put = put_command(); !put) return put;
  }
  return commit();
}

}  // namespace hal9::engine
