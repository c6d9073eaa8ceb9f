// The Merkle tree over the lines: RFC 9162 section 2.1. Event n is leaf n-1.
//
// leaf hash = SHA-256(0x00 || line), node hash = SHA-256(0x01 || left || right), the empty tree is
// SHA-256 of nothing; a tree of n leaves splits at the largest power of two below n.
// Pure; values only.
#pragma once

#include "base/result.h"
#include "base/sha256.h"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace hal9::ledger {

Digest leaf_hash(std::string_view line);
Digest node_hash(const Digest& left, const Digest& right);
Digest empty_root();

// A complete subtree that has just been closed: `level` 0 is a leaf, `index` counts subtrees of
// that level from the left.
struct Node {
  std::uint32_t level = 0;
  std::uint64_t index = 0;
  Digest digest{};
};

// The roots of the complete subtrees that make up a tree of `size` leaves, largest first: all that
// an append needs to know, one digest for each bit set in `size`.
class Frontier {
 public:
  Frontier() = default;
  // Error (Code::damaged) if the number of digests is not the number of bits set in size.
  static Result<Frontier> restore(std::uint64_t size, std::vector<Digest> digests);

  // Adds a leaf. Each complete interior node that this closes (level >= 1) is handed to `closed`.
  void append(const Digest& leaf, const std::function<void(const Node&)>& closed = {});

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Digest>& digests() const { return digests_; }
  [[nodiscard]] Digest root() const;
  bool operator==(const Frontier&) const = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> digests_;
};

// Gives the digest of the complete subtree at (level, index) of a tree.
using NodeSource = std::function<Result<Digest>(std::uint32_t level, std::uint64_t index)>;

// The root of the first `size` leaves. Error: whatever `nodes` fails with.
Result<Digest> root_at(std::uint64_t size, const NodeSource& nodes);

// RFC 9162 2.1.3.1: the inclusion path of leaf `index` in the tree of `size` leaves, leaf to root.
// Error: Code::usage if index >= size; whatever `nodes` fails with.
Result<std::vector<Digest>> inclusion_path(
    std::uint64_t index, std::uint64_t size, const NodeSource& nodes
);
// RFC 9162 2.1.4.1: from the tree of `old_size` to the tree of `new_size`; empty if they are equal
// or old_size is 0. Error: Code::usage if old_size > new_size.
Result<std::vector<Digest>> consistency_path(
    std::uint64_t old_size, std::uint64_t new_size, const NodeSource& nodes
);

// RFC 9162 2.1.3.2 and 2.1.4.2. False for anything that does not prove it: excess hashes, and an
// old size of 0 (every tree continues the empty one, so there is nothing to prove; a caller with a
// head of size 0 compares it with empty_root()).
bool verify_inclusion(
    const Digest& leaf,
    std::uint64_t index,
    std::uint64_t size,
    const std::vector<Digest>& path,
    const Digest& root
);
bool verify_consistency(
    std::uint64_t old_size,
    std::uint64_t new_size,
    const std::vector<Digest>& path,
    const Digest& old_root,
    const Digest& new_root
);

}  // namespace hal9::ledger
