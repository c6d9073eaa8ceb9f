// The head, recorded time, the tree and its nodes, and one answer on every store.
#include "base/result.h"
#include "base/sha256.h"
#include "conformance/store/store_support.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"
#include "ledger/verify.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::ledger {

namespace {

class StoreHead : public StoreSuite {};

TEST_P(StoreHead, OfAnEmptyLedgerIsTheEmptyTree) {
  const Head head = must(place_->reader()->head());
  EXPECT_EQ(head.sequence, Sequence{0});
  EXPECT_EQ(head.root, empty_root());
  EXPECT_EQ(head.frontier, Frontier{});
  EXPECT_EQ(head.recorded, Time{});
  EXPECT_EQ(head.least_reader, kFormatVersion);
  EXPECT_EQ(place_->reader()->name(), "demo");
}

TEST_P(StoreHead, HoldsTheRootOverAllLines) {
  auto store = place_->store();
  append_many(*store, 1, 13);
  Frontier frontier;
  for (const std::string& line : lines_of(*store)) frontier.append(leaf_hash(line));
  const Head head = must(store->head());
  EXPECT_EQ(head.root, frontier.root());
  EXPECT_EQ(head.frontier, frontier);
}

TEST_P(StoreHead, RecordedTimeGrowsWhileTheClockStandsStill) {
  auto store = place_->store();
  append(*store, 1, {draft_of(1), draft_of(2)}, kNoon);
  const auto events = append(*store, 2, {draft_of(3)}, kNoon);
  EXPECT_EQ(events[0].recorded, kNoon + Micros{2});
  EXPECT_EQ(must(store->head()).recorded, kNoon + Micros{2});
}

TEST_P(StoreHead, RecordedTimeGrowsWhenTheClockGoesBackAYear) {
  auto store = place_->store();
  append(*store, 1, {draft_of(1)}, kNoon);
  const auto behind = append(*store, 2, {draft_of(2)}, kNoon - std::chrono::hours{24 * 365});
  EXPECT_EQ(behind[0].recorded, kNoon + Micros{1});
  const auto ahead = append(*store, 3, {draft_of(3)}, kNoon + std::chrono::seconds{1});
  EXPECT_EQ(ahead[0].recorded, kNoon + std::chrono::seconds{1});
  EXPECT_FALSE(must(verify(*store, {})).finding);
}

TEST_P(StoreHead, SequenceAtIsTheLastRecordedByThen) {
  auto store = place_->store();
  for (std::uint64_t n = 1; n <= 9; ++n) {
    append(*store, n, {draft_of(n)}, kNoon + std::chrono::seconds{n});
  }
  EXPECT_EQ(must(store->sequence_at(kNoon)), Sequence{0});
  EXPECT_EQ(must(store->sequence_at(kNoon + std::chrono::seconds{1})), Sequence{1});
  EXPECT_EQ(must(store->sequence_at(kNoon + std::chrono::milliseconds{4999})), Sequence{4});
  EXPECT_EQ(must(store->sequence_at(kNoon + std::chrono::hours{1})), Sequence{9});
  EXPECT_EQ(must(place_->store()->sequence_at(Time{})), Sequence{0});
}

TEST_P(StoreHead, NodesOfEveryLevelProveEveryKindOfLeaf) {
  auto store = place_->store();
  append_many(*store, 1, 600);
  const Head head = must(store->head());
  const auto nodes = [&](std::uint32_t level, std::uint64_t index) {
    return store->node(level, index);
  };
  const auto lines = lines_of(*store);
  for (const std::uint64_t index : {0U, 1U, 255U, 256U, 511U, 512U, 599U}) {
    const auto path = must(inclusion_path(index, 600, nodes));
    EXPECT_TRUE(verify_inclusion(leaf_hash(lines[index]), index, 600, path, head.root)) << index;
  }
  Frontier older;
  for (std::size_t i = 0; i < 300; ++i) older.append(leaf_hash(lines[i]));
  const auto path = must(consistency_path(300, 600, nodes));
  EXPECT_TRUE(verify_consistency(300, 600, path, older.root(), head.root));
}

TEST_P(StoreHead, StoresInteriorNodesFromLevelEightUp) {
  auto store = place_->store();
  append_many(*store, 1, 511);
  std::vector<std::pair<std::uint32_t, std::uint64_t>> places;
  const auto note = [&](const Node& node) {
    places.emplace_back(node.level, node.index);
    return true;
  };
  must(store->scan_nodes(note));
  EXPECT_EQ(places, (std::vector<std::pair<std::uint32_t, std::uint64_t>>{{8, 0}}));
  append_many(*store, 512, 1);
  places.clear();
  must(store->scan_nodes(note));
  EXPECT_EQ(places, (std::vector<std::pair<std::uint32_t, std::uint64_t>>{{8, 0}, {8, 1}, {9, 0}}));
}

TEST_P(StoreHead, ANodeBeyondTheLinesIsAUsageError) {
  auto store = place_->store();
  append_many(*store, 1, 5);
  EXPECT_TRUE(store->node(2, 0));
  for (const auto& [level, index] :
       {std::pair<std::uint32_t, std::uint64_t>{0, 5}, {2, 1}, {8, 0}}) {
    auto refused = store->node(level, index);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::usage);
  }
}

TEST_P(StoreHead, VerifyFindsNothingInWhatWasAppended) {
  auto store = place_->store();
  append_many(*store, 1, 300);
  std::uint64_t seen = 0;
  const auto verified = must(verify(*store, [&](const Event& event, std::string_view line) {
    EXPECT_EQ(encode(event), line);
    ++seen;
  }));
  EXPECT_FALSE(verified.finding);
  EXPECT_EQ(verified.events, 300U);
  EXPECT_EQ(seen, 300U);
  EXPECT_EQ(verified.commands, 300U);
  EXPECT_EQ(verified.root, must(store->head()).root);
}

TEST_P(StoreHead, VerifySeesOneStateWhileAnotherStoreAppends) {
  auto store = place_->store();
  auto reader = place_->reader();
  append_many(*store, 1, 10);
  if (GetParam().name == "Memory") return;  // one thread, one state: nothing can come between
  const auto verified = must(verify(*reader, [&](const Event& event, std::string_view) {
    append_many(*store, 100 + event.sequence.value, 1);
  }));
  EXPECT_FALSE(verified.finding);
  EXPECT_EQ(verified.events, 10U);
}

TEST_P(StoreHead, SnapshotsAreFoundByFoldAndSequence) {
  auto store = place_->store();
  append_many(*store, 1, 9);
  auto batch = must(store->begin(kNoWait));
  must(batch->put_snapshot({{3}, "fold/1", "three"}));
  must(batch->put_snapshot({{7}, "fold/1", std::string("se\0ven", 6)}));
  must(batch->put_snapshot({{5}, "fold/2", "five"}));
  must(batch->put_snapshot({{3}, "fold/1", "three again"}));
  must(batch->commit());
  EXPECT_FALSE(must(store->snapshot_before("fold/1", {2})));
  EXPECT_EQ(must(store->snapshot_before("fold/1", {6}))->state, "three again");
  EXPECT_EQ(must(store->snapshot_before("fold/1", {7}))->state, std::string("se\0ven", 6));
  EXPECT_EQ(must(store->snapshot_before("fold/2", {99}))->sequence, Sequence{5});
  EXPECT_FALSE(must(store->snapshot_before("fold/3", {99})));
  int count = 0;
  must(store->scan_snapshots([&](const Snapshot&) { return ++count > 0; }));
  EXPECT_EQ(count, 3);
}

// Sequences of the fold's snapshots, in order.
std::vector<std::uint64_t> snapshots_of(Store& store, std::string_view fold) {
  std::vector<std::uint64_t> sequences;
  must(store.scan_snapshots([&](const Snapshot& snapshot) {
    if (snapshot.fold == fold) sequences.push_back(snapshot.sequence.value);
    return true;
  }));
  return sequences;
}

TEST_P(StoreHead, TheNewestSnapshotIsThinnedUnlessItIsTheFirstOfItsPart) {
  auto store = place_->store();
  append_many(*store, 1, 30);
  const auto thinned = [&](std::vector<std::uint64_t> there) {
    auto batch = must(store->begin(kNoWait));
    must(batch->swap_snapshots("fold", "fold"));
    must(batch->swap_snapshots("next", "next"));
    for (const std::uint64_t at : there) must(batch->put_snapshot({{at}, "fold", "state"}));
    must(batch->put_snapshot({{27}, "next", "state"}));
    must(batch->put_snapshot({{28}, "next", "state"}));
    must(batch->thin_snapshots("fold", 10));
    must(batch->commit());
    EXPECT_EQ(snapshots_of(*store, "next"), (std::vector<std::uint64_t>{27, 28}));
    return snapshots_of(*store, "fold");
  };
  using Sequences = std::vector<std::uint64_t>;
  EXPECT_EQ(thinned({}), Sequences{});
  EXPECT_EQ(thinned({4}), Sequences{4});
  EXPECT_EQ(thinned({4, 9}), Sequences{4});
  EXPECT_EQ(thinned({4, 10}), (Sequences{4, 10}));
  EXPECT_EQ(thinned({4, 6, 10, 11}), (Sequences{4, 6, 10})) << "the newest alone is looked at";
  EXPECT_EQ(thinned({20, 29}), Sequences{20});
}

TEST_P(StoreHead, SnapshotsAreSwappedAsOneOrNotAtAll) {
  auto store = place_->store();
  append_many(*store, 1, 9);
  auto batch = must(store->begin(kNoWait));
  must(batch->put_snapshot({{3}, "old", "wrong"}));
  must(batch->put_snapshot({{7}, "old", "wrong"}));
  must(batch->put_snapshot({{3}, "new", "right"}));
  must(batch->put_snapshot({{3}, "other", "untouched"}));
  must(batch->commit());
  batch = must(store->begin(kNoWait));
  must(batch->swap_snapshots("new", "old"));
  batch.reset();
  EXPECT_EQ(must(store->snapshot_before("old", {9}))->state, "wrong");
  batch = must(store->begin(kNoWait));
  must(batch->swap_snapshots("new", "old"));
  must(batch->commit());
  EXPECT_EQ(must(store->snapshot_before("old", {9}))->state, "right");
  EXPECT_EQ(must(store->snapshot_before("old", {9}))->sequence, Sequence{3});
  EXPECT_FALSE(must(store->snapshot_before("new", {9})));
  EXPECT_EQ(must(store->snapshot_before("other", {9}))->state, "untouched");
}

TEST_P(StoreHead, SnapshotsOfAFoldAreEmptiedByItself) {
  auto store = place_->store();
  append_many(*store, 1, 9);
  auto batch = must(store->begin(kNoWait));
  must(batch->put_snapshot({{3}, "fold", "gone"}));
  must(batch->swap_snapshots("fold", "fold"));
  must(batch->commit());
  EXPECT_FALSE(must(store->snapshot_before("fold", {9})));
}

INSTANTIATE_TEST_SUITE_P(Every, StoreHead, testing::ValuesIn(every_kind()), kind_name);

TEST(StoresTogether, GiveTheSameLinesRootAndNodesForTheSameAppends) {
  std::vector<std::vector<std::string>> lines;
  std::vector<Head> heads;
  std::vector<Digest> nodes;
  for (const Kind& kind : every_kind()) {
    auto place = kind.make();
    auto store = place->store();
    append_many(*store, 1, 260);
    append(*store, 900, {draft_of(901), draft_of(902)}, kNoon - std::chrono::hours{1});
    lines.push_back(lines_of(*store));
    heads.push_back(must(store->head()));
    nodes.push_back(must(store->node(8, 0)));
  }
  EXPECT_EQ(lines[0], lines[1]);
  EXPECT_EQ(heads[0].root, heads[1].root);
  EXPECT_EQ(heads[0].frontier, heads[1].frontier);
  EXPECT_EQ(heads[0].recorded, heads[1].recorded);
  EXPECT_EQ(nodes[0], nodes[1]);
}

}  // namespace

}  // namespace hal9::ledger
