// Appending: gapless, atomic, idempotent by command id, one writer at a time.
#include "base/result.h"
#include "base/sha256.h"
#include "conformance/store/store_support.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace hal9::ledger {

namespace {

class StoreWrite : public StoreSuite {};

TEST_P(StoreWrite, NumbersEventsFromOneWithoutGapsOverBatchesAndStores) {
  auto store = place_->store();
  append(*store, 1, {draft_of(1), draft_of(2)}, kNoon);
  auto other = place_->store();
  append(*other, 2, {draft_of(3)}, kNoon);
  append(*store, 3, {draft_of(4)}, kNoon);
  EXPECT_EQ(sequences_of(*store), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(must(store->head()).sequence, Sequence{4});
}

TEST_P(StoreWrite, ReturnsTheEventsAsTheLinesHoldThem) {
  auto store = place_->store();
  auto draft = draft_of(1);
  draft.reason = "p99 > 50 ms\nfor \"5m\"";
  draft.nonce = Nonce{1, 2, 3};
  const auto events = append(*store, 1, {draft, draft_of(2)}, kNoon);
  std::vector<std::string> expected;
  for (const Event& event : events) expected.push_back(encode(event));
  EXPECT_EQ(lines_of(*store), expected);
  EXPECT_EQ(events[0].source, "/hal9/ledger/demo");
  EXPECT_EQ(must(decode(lines_of(*store)[1])), events[1]);
}

TEST_P(StoreWrite, AnAbandonedBatchLeavesNothing) {
  auto store = place_->store();
  append_many(*store, 1, 3);
  {
    auto batch = must(store->begin(kNoWait));
    Draft draft = draft_of(9);
    draft.type = "hal9.route.seen.v1";
    const std::vector<Draft> drafts{draft};
    must(batch->append(drafts, kNoon, command_id(9), sha256("command")));
    must(batch->put_snapshot({{4}, "fold", "state"}));
  }
  EXPECT_EQ(must(store->head()).sequence, Sequence{3});
  EXPECT_EQ(sequences_of(*store).size(), 3U);
  EXPECT_FALSE(must(store->find_command(command_id(9))));
  EXPECT_FALSE(must(store->snapshot_before("fold", {99})));
  // The type that was new in it is stored anew, and the sequence goes on.
  Draft draft = draft_of(9);
  draft.type = "hal9.route.seen.v1";
  append(*store, 9, {draft}, kNoon);
  Filter filter;
  filter.types = {"hal9.route.seen.v1"};
  EXPECT_EQ(sequences_of(*store, filter), std::vector<std::uint64_t>{4});
  EXPECT_FALSE(must(verify(*store, {})).finding);
}

TEST_P(StoreWrite, ADraftThatIsRefusedLeavesNothingOfItsBatch) {
  auto store = place_->store();
  {
    auto batch = must(store->begin(kNoWait));
    Draft bad = draft_of(2);
    bad.data = "{ }";
    const std::vector<Draft> drafts{draft_of(1), bad};
    auto refused = batch->append(drafts, kNoon, command_id(1), sha256("command"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::failed);
    EXPECT_FALSE(batch->commit());
  }
  EXPECT_EQ(must(store->head()).sequence, Sequence{0});
  append(*store, 1, {draft_of(1)}, kNoon);  // nothing was written, so the store goes on
  EXPECT_EQ(sequences_of(*store).size(), 1U);
}

TEST_P(StoreWrite, FindsACommandInTheBatchAndAfterIt) {
  auto store = place_->store();
  append_many(*store, 1, 2);
  auto batch = must(store->begin(kNoWait));
  EXPECT_FALSE(must(batch->find_command(command_id(7))));
  const std::vector<Draft> drafts{draft_of(7), draft_of(8)};
  must(batch->append(drafts, kNoon, command_id(7), sha256("seven")));
  const auto inside = must(batch->find_command(command_id(7)));
  ASSERT_TRUE(inside);
  EXPECT_EQ(inside->first, Sequence{3});
  EXPECT_EQ(inside->count, 2U);
  EXPECT_EQ(inside->digest, sha256("seven"));
  must(batch->commit());
  batch.reset();
  const auto after = must(place_->reader()->find_command(command_id(7)));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->first, Sequence{3});
  EXPECT_EQ(after->digest, sha256("seven"));
}

TEST_P(StoreWrite, RecordsACommandWithoutEvents) {
  auto store = place_->store();
  append(*store, 5, {}, kNoon);
  const auto found = must(store->find_command(command_id(5)));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->count, 0U);
  EXPECT_EQ(must(store->head()).sequence, Sequence{0});
  EXPECT_FALSE(must(verify(*store, {})).finding);
}

TEST_P(StoreWrite, ListsEveryCommand) {
  auto store = place_->store();
  append(*store, 9, {draft_of(1)}, kNoon);
  append(*store, 3, {draft_of(2), draft_of(3)}, kNoon);
  append(*store, 6, {draft_of(4)}, kNoon);
  std::vector<std::uint64_t> firsts;
  must(store->scan_commands([&](const CommandRecord& record) {
    firsts.push_back(record.first.value);
    return true;
  }));
  std::ranges::sort(firsts);
  EXPECT_EQ(firsts, (std::vector<std::uint64_t>{1, 2, 4}));
}

// Long enough for a store that makes its lines on another thread.
TEST_P(StoreWrite, AppendsAThousandAsOne) {
  std::vector<Draft> drafts;
  for (std::uint64_t n = 1; n <= 1000; ++n) drafts.push_back(draft_of(n));
  for (Draft& draft : drafts) draft.causation = command_id(1);
  auto store = place_->store();
  auto batch = must(store->begin(kNoWait));
  const auto events = must(batch->append(drafts, kNoon, command_id(1), sha256("one")));
  const Digest root = batch->head().root;
  must(batch->commit());
  ASSERT_EQ(events.size(), 1000U);
  std::size_t at = 0;
  must(store->scan({}, [&](Sequence, std::string_view line) {
    EXPECT_EQ(must(decode(line)), events[at]);
    EXPECT_EQ(events[at].draft, drafts[at]);
    ++at;
    return true;
  }));
  EXPECT_EQ(at, 1000U);
  const Verified verified = must(verify(*store, {}));
  EXPECT_FALSE(verified.finding);
  EXPECT_EQ(verified.root, root);
  append(*store, 2, {draft_of(1001)}, kNoon);
  EXPECT_FALSE(must(verify(*store, {})).finding);
}

TEST_P(StoreWrite, ASecondBatchOfTheSameStoreIsRefusedAndTheFirstKeepsItsLock) {
  auto one = place_->store();
  auto batch = must(one->begin(kNoWait));
  auto refused = one->begin(milliseconds{20});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::locked);
  EXPECT_FALSE(place_->store()->begin(milliseconds{20}));
  must(batch->commit());
  EXPECT_TRUE(one->begin(kNoWait));
}

TEST_P(StoreWrite, TwoStoresExcludeEachOther) {
  auto one = place_->store();
  auto two = place_->store();
  auto batch = must(one->begin(kNoWait));
  auto refused = two->begin(milliseconds{20});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::locked);
  must(batch->commit());
  // Committed is free, also while the batch object still lives.
  auto second = must(two->begin(kNoWait));
  batch.reset();
  EXPECT_FALSE(one->begin(milliseconds{20}));
  second.reset();
  EXPECT_TRUE(one->begin(kNoWait));
}

TEST_P(StoreWrite, ABatchSeesWhatAnotherStoreCommitted) {
  auto one = place_->store();
  auto two = place_->store();
  append_many(*one, 1, 2);
  append_many(*two, 3, 2);
  auto batch = must(one->begin(kNoWait));
  EXPECT_EQ(batch->head().sequence, Sequence{4});
  EXPECT_TRUE(must(batch->find_command(command_id(3))));
}

TEST_P(StoreWrite, AReaderSeesCommittedEventsOnly) {
  auto store = place_->store();
  auto reader = place_->reader();
  append_many(*store, 1, 1);
  auto batch = must(store->begin(kNoWait));
  const std::vector<Draft> drafts{draft_of(2)};
  must(batch->append(drafts, kNoon, command_id(2), sha256("command")));
  EXPECT_EQ(batch->head().sequence, Sequence{2});
  EXPECT_EQ(must(reader->head()).sequence, Sequence{1});
  EXPECT_EQ(sequences_of(*reader).size(), 1U);
  EXPECT_FALSE(must(reader->find_command(command_id(2))));
  must(batch->commit());
  EXPECT_EQ(must(reader->head()).sequence, Sequence{2});
}

TEST_P(StoreWrite, ACommittedBatchIsNotUsedAgain) {
  auto store = place_->store();
  auto batch = must(store->begin(kNoWait));
  must(batch->commit());
  const std::vector<Draft> drafts{draft_of(1)};
  EXPECT_FALSE(batch->append(drafts, kNoon, command_id(1), sha256("command")));
  EXPECT_FALSE(batch->commit());
  EXPECT_EQ(must(store->head()).sequence, Sequence{0});
}

INSTANTIATE_TEST_SUITE_P(Every, StoreWrite, testing::ValuesIn(every_kind()), kind_name);

}  // namespace

}  // namespace hal9::ledger
