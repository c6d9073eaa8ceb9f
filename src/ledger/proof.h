// Proofs for somebody who trusts neither us nor the ledger: that an event is in it (RFC 9162 section
// 2.1.3), and that a later ledger continues an earlier one (section 2.1.4). Sha256 alone checks them.
//
// Invariant: a proof is checked against the head before it is handed out. Where what is stored does
// not lead to the head's root there is no proof, but Code::damaged.
#pragma once

#include "base/result.h"
#include "base/sha256.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::ledger {

// Event `sequence` is leaf sequence-1 of the tree of the first `size` events.
struct InclusionProof {
  Sequence sequence;
  std::uint64_t size = 0;
  std::string line;  // what was hashed: leaf = SHA-256(0x00 || line)
  Digest leaf{};
  std::vector<Digest> path;  // from the leaf to the root
  Digest root{};
};

struct ConsistencyProof {
  std::uint64_t old_size = 0, new_size = 0;
  std::vector<Digest> path;
  Digest old_root{}, new_root{};
};

// In the tree of the first `size` events; without one, of all of them. O(log n) digests, a few runs
// of at most 255 lines hashed again. Errors: usage (no such event, beyond the end), damaged, those of
// reading.
Result<InclusionProof> prove_inclusion(
    Reader& reader, Sequence sequence, std::optional<std::uint64_t> size
);

// From the first `old_size` events, at least one, to the first `new_size`; without one, to all of
// them. Errors as above.
Result<ConsistencyProof> prove_consistency(
    Reader& reader, std::uint64_t old_size, std::optional<std::uint64_t> new_size
);

}  // namespace hal9::ledger
