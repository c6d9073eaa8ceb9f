#include "adapters/sqlite/placing.h"

#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace hal9::sqlite {

using namespace ledger;

Placing::Placing(std::span<const Draft> drafts, Time now, const Head& head, std::string source)
    : drafts_(drafts),
      now_(now),
      frontier_(head.frontier),
      sequence_(head.sequence),
      recorded_(head.recorded),
      source_(std::move(source)) {
  events_.reserve(drafts.size());
}

bool Placing::fill(PlacedBlock& block) {
  block.count = 0;
  block.nodes.clear();
  while (block.count < PlacedBlock::kMost && events_.size() < drafts_.size()) {
    Event& event = events_.emplace_back();
    event.draft = drafts_[events_.size() - 1];
    event.source = source_;
    event.sequence.value = ++sequence_.value;
    event.recorded = recorded_ = std::max(now_, recorded_ + Micros{1});
    block.events[block.count] = &event;
    block.lines[block.count] = encode(event);
    frontier_.append(leaf_hash(block.lines[block.count]), [&block](const Node& node) {
      if (node.level >= kStoredLevel) block.nodes.push_back(node);
    });
    ++block.count;
  }
  return events_.size() < drafts_.size();
}

}  // namespace hal9::sqlite
