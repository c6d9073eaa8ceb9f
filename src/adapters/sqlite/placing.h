// Drafts become events with a place, a line and their part of the tree: what of an append needs no database.
#pragma once

#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hal9::sqlite {

// Some events behind one another; their memory is used again for the next ones.
struct PlacedBlock {
  static constexpr std::size_t kMost = 32;

  std::size_t count = 0;
  std::array<const ledger::Event*, kMost> events{};  // of the Placing
  std::array<std::string, kMost> lines;
  std::vector<ledger::Node> nodes;  // to be stored: what these events have closed
};

class Placing {
 public:
  // The drafts outlive it. They come behind `head`; recorded time is `now` or what is just behind the
  // event before.
  Placing(
      std::span<const ledger::Draft> drafts, Time now, const ledger::Head& head, std::string source
  );

  // The next ones in order; false: there are none behind these.
  bool fill(PlacedBlock& block);
  // Once fill() has answered false: all of them, and the tree with them.
  std::vector<ledger::Event> events() && { return std::move(events_); }
  [[nodiscard]] const ledger::Frontier& frontier() const { return frontier_; }

 private:
  std::span<const ledger::Draft> drafts_;
  Time now_;
  ledger::Frontier frontier_;
  ledger::Sequence sequence_;
  Time recorded_;
  std::string source_;
  std::vector<ledger::Event> events_;  // never moves: blocks point into it
};

}  // namespace hal9::sqlite
