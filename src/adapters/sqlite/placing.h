// Drafts become events with a place, a line and a leaf hash: what of an append needs no database.
#pragma once

#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/store.h"

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
  std::array<Digest, kMost> leaves{};
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
  // All of them, once fill() has answered false.
  std::vector<ledger::Event> events() && { return std::move(events_); }

 private:
  std::span<const ledger::Draft> drafts_;
  Time now_;
  ledger::Sequence sequence_;
  Time recorded_;
  std::string source_;
  std::vector<ledger::Event> events_;  // never moves: blocks point into it
};

}  // namespace hal9::sqlite
