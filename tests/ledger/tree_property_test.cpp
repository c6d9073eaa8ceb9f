// What has to hold for a tree of any size, beyond the eight leaves that are published.
#include "base/sha256.h"
#include "ledger/support.h"
#include "ledger/tree.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::ledger {

namespace {

std::vector<Digest> leaves_of(std::uint64_t size) {
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < size; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
  return leaves;
}

// RFC 9162 2.1.1 as it is written, without a frontier.
Digest root_by_definition(const std::vector<Digest>& leaves, std::size_t begin, std::size_t end) {
  if (begin == end) return empty_root();
  if (end - begin == 1) return leaves[begin];
  const std::size_t split = std::bit_floor(end - begin - 1);
  return node_hash(
      root_by_definition(leaves, begin, begin + split),
      root_by_definition(leaves, begin + split, end)
  );
}

RC_GTEST_PROP(TreeProperty, TheFrontiersRootIsTheDefinitions, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(0, 300);
  const auto leaves = leaves_of(size);
  Frontier frontier;
  for (const Digest& leaf : leaves) frontier.append(leaf);
  RC_ASSERT(frontier.root() == root_by_definition(leaves, 0, leaves.size()));
  RC_ASSERT(frontier.digests().size() == static_cast<std::size_t>(std::popcount(size)));
}

RC_GTEST_PROP(TreeProperty, EveryInclusionPathVerifiesAndNoChangedOneDoes, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(1, 200);
  const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
  const auto leaves = leaves_of(size);
  const Digest root = root_by_definition(leaves, 0, leaves.size());
  auto path = inclusion_path(index, size, nodes_over(leaves)).value();
  RC_ASSERT(verify_inclusion(leaves[index], index, size, path, root));
  RC_ASSERT(!verify_inclusion(leaf_hash("other"), index, size, path, root));
  const auto at = *rc::gen::inRange<std::size_t>(0, path.size() + 1);
  if (at == path.size()) {
    path.push_back(root);
  } else {
    path[at][*rc::gen::inRange<std::size_t>(0, 32)] ^= 1U;
  }
  RC_ASSERT(!verify_inclusion(leaves[index], index, size, path, root));
}

RC_GTEST_PROP(TreeProperty, EveryConsistencyPathVerifiesAndNoChangedOneDoes, ()) {
  const auto to = *rc::gen::inRange<std::uint64_t>(2, 200);
  const auto from = *rc::gen::inRange<std::uint64_t>(1, to);
  const auto leaves = leaves_of(to);
  const Digest before = root_by_definition(leaves, 0, from);
  const Digest after = root_by_definition(leaves, 0, to);
  auto path = consistency_path(from, to, nodes_over(leaves)).value();
  RC_ASSERT(verify_consistency(from, to, path, before, after));
  RC_ASSERT(!verify_consistency(from, to, path, after, after));
  const auto at = *rc::gen::inRange<std::size_t>(0, path.size() + 1);
  if (at == path.size()) {
    path.push_back(after);
  } else {
    path[at][*rc::gen::inRange<std::size_t>(0, 32)] ^= 1U;
  }
  RC_ASSERT(!verify_consistency(from, to, path, before, after));
}

}  // namespace

}  // namespace hal9::ledger
