// The published vectors of RFC 6962/9162 trees, valid and invalid.
#include "ledger/tree.h"

#include "base/result.h"
#include "base/sha256.h"
#include "ledger/support.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::ledger {

namespace {

std::vector<Digest> published_leaves() {
  std::vector<Digest> leaves;
  for (const auto& input : vectors()["rfc6962"]["leaf_inputs_hex"]) {
    leaves.push_back(leaf_hash(from_hex(input)));
  }
  return leaves;
}

// 2^64-1 stands in the published file as a double that rounds up to 2^64.
std::uint64_t number_of(const nlohmann::json& value) {
  return value.is_number_float() ? UINT64_MAX : value.get<std::uint64_t>();
}

TEST(Tree, HashesAsThePublishedHasher) {
  int checked = 0;
  for (const auto& item : vectors()["rfc6962"]["hasher"]) {
    const std::string what = item["desc"];
    if (what == "empty tree") {
      EXPECT_EQ(empty_root(), digest_from(item["hex"]));
      ++checked;
    } else if (item.contains("input_hex")) {
      EXPECT_EQ(leaf_hash(from_hex(item["input_hex"])), digest_from(item["hex"])) << what;
      ++checked;
    }
  }
  EXPECT_GE(checked, 3);
}

TEST(Tree, HasThePublishedRootsAndCompactRanges) {
  const auto& published = vectors()["rfc6962"];
  const auto leaves = published_leaves();
  Frontier frontier;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    if (size > 0) frontier.append(leaves[size - 1]);
    EXPECT_EQ(frontier.root(), digest_from(published["roots_by_size"][size])) << size;
    EXPECT_EQ(frontier.digests(), digests_from(published["compact_ranges_by_size"][size])) << size;
  }
}

TEST(Tree, ClosesThePublishedInteriorNodes) {
  const auto& levels = vectors()["rfc6962"]["node_hashes_by_level"];
  Frontier frontier;
  int closed = 0;
  for (const Digest& leaf : published_leaves()) {
    frontier.append(leaf, [&](const Node& node) {
      EXPECT_EQ(node.digest, digest_from(levels[node.level][node.index])) << node.level;
      ++closed;
    });
  }
  EXPECT_EQ(closed, 7);  // 4 + 2 + 1
  EXPECT_EQ(published_leaves(), digests_from(levels[0]));
}

TEST(Tree, RestoresAFrontierAndRefusesOneThatDoesNotFit) {
  const auto leaves = published_leaves();
  Frontier whole;
  for (const Digest& leaf : leaves) whole.append(leaf);
  for (std::size_t cut = 0; cut <= leaves.size(); ++cut) {
    Frontier first;
    for (std::size_t i = 0; i < cut; ++i) first.append(leaves[i]);
    auto again = Frontier::restore(first.size(), first.digests());
    ASSERT_TRUE(again);
    for (std::size_t i = cut; i < leaves.size(); ++i) again->append(leaves[i]);
    EXPECT_EQ(again->root(), whole.root());
  }
  EXPECT_FALSE(Frontier::restore(3, {empty_root()}));
  EXPECT_FALSE(Frontier::restore(0, {empty_root()}));
}

// Some probes hold hashes that are not 32 bytes, which a Digest cannot be. Another digest stands for
// each of them, and no other hash is equal to it; `where` tells two odd ones apart.
Digest stand_in(const nlohmann::json& hex, std::string_view where = {}) {
  const std::string text = hex;
  return parse_digest(text).value_or(sha256({"not a digest: ", where, text}));
}

std::vector<Digest> stand_ins(const nlohmann::json& list) {
  std::vector<Digest> digests;
  for (const auto& hex : list) digests.push_back(stand_in(hex));
  return digests;
}

TEST(Tree, AcceptsAndRefusesThePublishedInclusionProbes) {
  int valid = 0;
  for (const auto& probe : vectors()["inclusion_probes"]["cases"]) {
    const bool holds = verify_inclusion(
        stand_in(probe["leaf_hash"], "leaf"),
        number_of(probe["leaf_index"]),
        number_of(probe["tree_size"]),
        stand_ins(probe["proof"]),
        stand_in(probe["root"], "root")
    );
    EXPECT_EQ(holds, probe["valid"].get<bool>()) << probe["file"];
    valid += holds ? 1 : 0;
  }
  EXPECT_EQ(valid, 6);
}

TEST(Tree, AcceptsAndRefusesThePublishedConsistencyProbes) {
  int valid = 0;
  for (const auto& probe : vectors()["consistency_probes"]["cases"]) {
    const bool holds = verify_consistency(
        number_of(probe["size1"]),
        number_of(probe["size2"]),
        stand_ins(probe["proof"]),
        stand_in(probe["root1"]),
        stand_in(probe["root2"])
    );
    EXPECT_EQ(holds, probe["valid"].get<bool>()) << probe["file"];
    valid += holds ? 1 : 0;
  }
  EXPECT_EQ(valid, 6);
}

TEST(Tree, MakesEveryDerivedInclusionProof) {
  const auto& roots = vectors()["rfc6962"]["roots_by_size"];
  const auto leaves = published_leaves();
  for (const auto& item : vectors()["derived_all_inclusion_proofs_1_to_8"]["cases"]) {
    const std::uint64_t index = item["leaf_index"];
    const std::uint64_t size = item["tree_size"];
    const auto path = inclusion_path(index, size, nodes_over(leaves));
    ASSERT_TRUE(path);
    EXPECT_EQ(*path, digests_from(item["proof"])) << index << " of " << size;
    EXPECT_TRUE(verify_inclusion(leaves[index], index, size, *path, digest_from(roots[size])));
  }
}

TEST(Tree, MakesEveryDerivedConsistencyProof) {
  const auto& roots = vectors()["rfc6962"]["roots_by_size"];
  const auto leaves = published_leaves();
  for (const auto& item : vectors()["derived_all_consistency_proofs_1_to_8"]["cases"]) {
    const std::uint64_t from = item["size1"];
    const std::uint64_t to = item["size2"];
    const auto path = consistency_path(from, to, nodes_over(leaves));
    ASSERT_TRUE(path);
    EXPECT_EQ(*path, digests_from(item["proof"])) << from << " to " << to;
    EXPECT_TRUE(
        verify_consistency(from, to, *path, digest_from(roots[from]), digest_from(roots[to]))
    );
  }
}

TEST(Tree, RefusesProofsOfWhatIsNotThere) {
  const auto nodes = nodes_over(published_leaves());
  EXPECT_EQ(inclusion_path(8, 8, nodes).error().code, Code::usage);
  EXPECT_EQ(inclusion_path(0, 0, nodes).error().code, Code::usage);
  EXPECT_EQ(consistency_path(8, 7, nodes).error().code, Code::usage);
  EXPECT_TRUE(consistency_path(0, 8, nodes).value().empty());
}

TEST(Tree, HandsOnWhatTheNodeSourceFailsWith) {
  const auto broken = [](std::uint32_t, std::uint64_t) -> Result<Digest> {
    return fail(Code::damaged, "gone");
  };
  EXPECT_EQ(inclusion_path(2, 7, broken).error().code, Code::damaged);
  EXPECT_EQ(consistency_path(3, 7, broken).error().code, Code::damaged);
}

}  // namespace

}  // namespace hal9::ledger
