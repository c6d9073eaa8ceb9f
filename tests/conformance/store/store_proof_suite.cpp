// Proofs out of every store, checked here by the lines alone: RFC 9162 sections 2.1.3 and 2.1.4.
#include "adapters/sqlite/sqlite_store.h"
#include "base/result.h"
#include "base/sha256.h"
#include "conformance/store/sqlite_raw.h"
#include "conformance/store/store_support.h"
#include "ledger/proof.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::ledger {

namespace {

class StoreProof : public StoreSuite {
 protected:
  // The root of the first `size` lines, by nothing but the lines.
  Digest root_of(std::uint64_t size) {
    Frontier frontier;
    for (std::uint64_t i = 0; i < size; ++i) {
      frontier.append(leaf_hash(lines_[static_cast<std::size_t>(i)]));
    }
    return frontier.root();
  }
  void fill(std::uint64_t count) {
    append_many(*store_, 1, count);
    lines_ = lines_of(*store_);
  }

  std::unique_ptr<Store> store_ = place_->store();
  std::vector<std::string> lines_;
};

TEST_P(StoreProof, EveryEventIsProvenInEverySmallTree) {
  fill(20);
  for (std::uint64_t size = 1; size <= 20; ++size) {
    const Digest root = root_of(size);
    for (std::uint64_t n = 1; n <= size; ++n) {
      const auto proof = must(prove_inclusion(*store_, {n}, size));
      EXPECT_EQ(proof.line, lines_[static_cast<std::size_t>(n - 1)]);
      EXPECT_EQ(proof.root, root);
      EXPECT_TRUE(verify_inclusion(leaf_hash(proof.line), n - 1, size, proof.path, root));
    }
  }
}

TEST_P(StoreProof, EverySmallTreeIsProvenToBeginEveryLaterOne) {
  fill(20);
  for (std::uint64_t from = 1; from <= 20; ++from) {
    for (std::uint64_t to = from; to <= 20; ++to) {
      const auto proof = must(prove_consistency(*store_, from, to));
      EXPECT_EQ(proof.old_root, root_of(from));
      EXPECT_TRUE(verify_consistency(from, to, proof.path, root_of(from), root_of(to)));
    }
  }
}

// Where nodes are stored (from 256 events up), at both sides of their borders.
TEST_P(StoreProof, HoldsAcrossStoredNodes) {
  fill(1100);
  const Digest root = root_of(1100);
  for (const std::uint64_t n : {1U, 255U, 256U, 257U, 511U, 512U, 513U, 1024U, 1025U, 1100U}) {
    const auto proof = must(prove_inclusion(*store_, {n}, std::nullopt));
    EXPECT_EQ(proof.size, 1100U);
    EXPECT_EQ(proof.root, root);
    EXPECT_TRUE(verify_inclusion(proof.leaf, n - 1, 1100, proof.path, root));
    const auto later = must(prove_consistency(*store_, n, std::nullopt));
    EXPECT_TRUE(verify_consistency(n, 1100, later.path, root_of(n), root));
  }
}

TEST_P(StoreProof, IsRefusedForWhatIsNotThere) {
  EXPECT_EQ(prove_inclusion(*store_, {1}, std::nullopt).error().code, Code::usage) << "empty";
  fill(5);
  EXPECT_EQ(prove_inclusion(*store_, {0}, std::nullopt).error().code, Code::usage);
  EXPECT_EQ(prove_inclusion(*store_, {6}, std::nullopt).error().code, Code::usage);
  EXPECT_EQ(prove_inclusion(*store_, {4}, 3).error().code, Code::usage);
  EXPECT_EQ(prove_inclusion(*store_, {4}, 6).error().code, Code::usage);
  EXPECT_EQ(prove_consistency(*store_, 0, 3).error().code, Code::usage);
  EXPECT_EQ(prove_consistency(*store_, 4, 3).error().code, Code::usage);
  EXPECT_EQ(prove_consistency(*store_, 4, 6).error().code, Code::usage);
}

INSTANTIATE_TEST_SUITE_P(Every, StoreProof, testing::ValuesIn(every_kind()), kind_name);

// No proof is given of what is not what was hashed: not of the line, and not of its neighbours.
TEST(StoreProofSqlite, IsRefusedWhereALineOrANodeWasChanged) {
  for (const char* sql :
       {"UPDATE event SET line = replace(line, 'specversion', 'specVersion') WHERE sequence = 5",
        "UPDATE event SET line = replace(line, 'specversion', 'specVersion') WHERE sequence = 590",
        "UPDATE node SET digest = zeroblob(32) WHERE level = 9 AND place = 0",
        "UPDATE head SET root = zeroblob(32)"}) {
    const Folder folder;
    must(sqlite::create(folder.file(), "demo"));
    append_many(*must(sqlite::open(folder.file())), 1, 600);
    force(folder.file(), sql);
    const auto reader = must(sqlite::open_to_read(folder.file()));
    const auto changed = prove_inclusion(*reader, {5}, std::nullopt);
    const auto other = prove_inclusion(*reader, {590}, std::nullopt);
    const auto later = prove_consistency(*reader, 7, std::nullopt);
    EXPECT_TRUE(!changed || !other || !later) << sql;
    for (const auto* error :
         {changed ? nullptr : &changed.error(),
          other ? nullptr : &other.error(),
          later ? nullptr : &later.error()}) {
      if (error != nullptr) EXPECT_EQ(error->code, Code::damaged) << sql;
    }
  }
}

}  // namespace
}  // namespace hal9::ledger
