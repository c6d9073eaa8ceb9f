// Verifying a ledger without trusting what it says about itself: every line is hashed again, the
// root compared with the head, every column, command record and interior node with the lines.
// The fold's state against its snapshots is the engine's part (it knows the fold).
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::ledger {

struct Finding {
  Sequence sequence;  // the first bad one; 0 where no event can be named
  std::string what;   // "line is not what was hashed", "type column differs", ...
};

struct Verified {
  std::uint64_t events = 0;
  Digest root{};                   // recomputed
  std::optional<Finding> finding;  // empty: everything holds
  // Every line, column, node and command record holds; a finding, if there is one, is of the store's
  // structure (pages, indexes, schema).
  bool lines_hold = false;
  std::uint64_t nodes = 0;  // interior nodes compared
  std::uint64_t commands = 0;
};

// One pass over one state of the ledger, whoever writes meanwhile; memory is constant but for the
// interior nodes (one for 255 events). `each` sees every line that decoded (the engine folds
// there). An error means that it could not be read to the end; a contradiction is a finding, not an
// error. When the root differs while every line is well-formed, the finding narrows the place down
// by the stored interior nodes to the first differing subtree and names its first sequence.
// `secret`: random, unknown to whoever could have changed the ledger (base/unordered_sum.h).
Result<Verified> verify(
    Reader& reader,
    const std::function<void(const Event&, std::string_view)>& each,
    const Bytes16& secret = {}
);

}  // namespace hal9::ledger
