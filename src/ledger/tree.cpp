#include "ledger/tree.h"

#include "base/result.h"
#include "base/sha256.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::ledger {

namespace {

constexpr std::string_view kLeafPrefix("\x00", 1);
constexpr std::string_view kNodePrefix("\x01", 1);

// The largest power of two below n (RFC 9162 2.1.1); n > 1.
std::uint64_t split_of(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

// The root of the leaves [begin, begin + size): complete subtrees come from `nodes`.
Result<Digest> range_root(std::uint64_t begin, std::uint64_t size, const NodeSource& nodes) {
  if (std::has_single_bit(size) && begin % size == 0) {
    const auto level = static_cast<std::uint32_t>(std::countr_zero(size));
    return nodes(level, begin / size);
  }
  const std::uint64_t split = split_of(size);
  auto left = range_root(begin, split, nodes);
  if (!left) return pass_on(left);
  auto right = range_root(begin + split, size - split, nodes);
  if (!right) return pass_on(right);
  return node_hash(*left, *right);
}

// SUBPROOF of RFC 9162 2.1.4.1 for the leaves [begin, begin + size); `whole` is its b.
Result<void> subproof(
    std::uint64_t old_size,
    std::uint64_t begin,
    std::uint64_t size,
    bool whole,
    const NodeSource& nodes,
    std::vector<Digest>& path
) {
  if (old_size == size) {
    if (whole) return {};
    auto root = range_root(begin, size, nodes);
    if (!root) return pass_on(root);
    path.push_back(*root);
    return {};
  }
  const std::uint64_t split = split_of(size);
  const bool in_left = old_size <= split;
  auto deeper = in_left
                    ? subproof(old_size, begin, split, whole, nodes, path)
                    : subproof(old_size - split, begin + split, size - split, false, nodes, path);
  if (!deeper) return deeper;
  auto other =
      in_left ? range_root(begin + split, size - split, nodes) : range_root(begin, split, nodes);
  if (!other) return pass_on(other);
  path.push_back(*other);
  return {};
}

}  // namespace

Digest leaf_hash(std::string_view line) {
  return sha256({kLeafPrefix, line});
}

Digest node_hash(const Digest& left, const Digest& right) {
  return sha256({kNodePrefix, as_bytes(left), as_bytes(right)});
}

Digest empty_root() {
  return sha256("");
}

Result<Frontier> Frontier::restore(std::uint64_t size, std::vector<Digest> digests) {
  if (digests.size() != static_cast<std::size_t>(std::popcount(size))) {
    return fail(Code::damaged, "the frontier does not fit the number of events");
  }
  Frontier frontier;
  frontier.size_ = size;
  frontier.digests_ = std::move(digests);
  return frontier;
}

void Frontier::append(const Digest& leaf, const std::function<void(const Node&)>& closed) {
  Digest digest = leaf;
  std::uint32_t level = 0;
  // Each bit that is set at the end of `size_` is a complete subtree that this leaf completes.
  for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
    digest = node_hash(digests_.back(), digest);
    digests_.pop_back();
    ++level;
    if (closed) closed({level, size_ >> level, digest});
  }
  digests_.push_back(digest);
  ++size_;
}

Digest Frontier::root() const {
  if (digests_.empty()) return empty_root();
  Digest root = digests_.back();
  for (std::size_t i = digests_.size() - 1; i-- > 0;) root = node_hash(digests_[i], root);
  return root;
}

Result<Digest> root_at(std::uint64_t size, const NodeSource& nodes) {
  return size == 0 ? Result<Digest>(empty_root()) : range_root(0, size, nodes);
}

Result<std::vector<Digest>> inclusion_path(
    std::uint64_t index, std::uint64_t size, const NodeSource& nodes
) {
  if (index >= size) return fail(Code::usage, "there is no such event in a tree of this size");
  std::vector<Digest> downward;  // root to leaf
  std::uint64_t begin = 0;
  while (size > 1) {
    const std::uint64_t split = split_of(size);
    const bool in_left = index - begin < split;
    auto sibling =
        in_left ? range_root(begin + split, size - split, nodes) : range_root(begin, split, nodes);
    if (!sibling) return pass_on(sibling);
    downward.push_back(*sibling);
    if (!in_left) begin += split;
    size = in_left ? split : size - split;
  }
  return std::vector<Digest>(downward.rbegin(), downward.rend());
}

Result<std::vector<Digest>> consistency_path(
    std::uint64_t old_size, std::uint64_t new_size, const NodeSource& nodes
) {
  if (old_size > new_size) return fail(Code::usage, "the older tree is larger than the newer one");
  std::vector<Digest> path;
  if (old_size == 0 || old_size == new_size) return path;
  auto made = subproof(old_size, 0, new_size, true, nodes, path);
  if (!made) return pass_on(made);
  return path;
}

bool verify_inclusion(
    const Digest& leaf,
    std::uint64_t index,
    std::uint64_t size,
    const std::vector<Digest>& path,
    const Digest& root
) {
  if (index >= size) return false;
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : path) {
    if (sn == 0) return false;
    if ((fn & 1U) != 0 || fn == sn) {
      hash = node_hash(sibling, hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && hash == root;
}

bool verify_consistency(
    std::uint64_t old_size,
    std::uint64_t new_size,
    const std::vector<Digest>& path,
    const Digest& old_root,
    const Digest& new_root
) {
  if (old_size == 0 || old_size > new_size) return false;
  if (old_size == new_size) return path.empty() && old_root == new_root;
  std::vector<Digest> hashes = path;
  if (std::has_single_bit(old_size)) hashes.insert(hashes.begin(), old_root);
  if (hashes.empty()) return false;
  std::uint64_t fn = old_size - 1;
  std::uint64_t sn = new_size - 1;
  while ((fn & 1U) != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
  Digest old_hash = hashes.front();
  Digest new_hash = hashes.front();
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1U) != 0 || fn == sn) {
      old_hash = node_hash(hashes[i], old_hash);
      new_hash = node_hash(hashes[i], new_hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      new_hash = node_hash(new_hash, hashes[i]);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && old_hash == old_root && new_hash == new_root;
}

}  // namespace hal9::ledger
