// Reading: every filter alone and together, both directions, stopped early.
#include "base/result.h"
#include "base/time.h"
#include "conformance/store/store_support.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <vector>

namespace hal9::ledger {

namespace {

using Sequences = std::vector<std::uint64_t>;

// Twelve events, a second apart, that differ in every column.
class StoreRead : public StoreSuite {
 protected:
  StoreRead() {
    static constexpr const char* kTypes[] = {"hal9.a.one.v1", "hal9.a.two.v1", "hal9.b.three.v1"};
    static constexpr const char* kSubjects[] = {"eu.x", "us.y", "", "all"};
    for (std::uint64_t n = 1; n <= 12; ++n) {
      Draft draft = draft_of(n);
      draft.type = kTypes[n % 3];
      draft.subject = kSubjects[n % 4];
      draft.author.auth_id = n % 2 == 0 ? "os:alice" : "system:spool";
      draft.correlation = correlation_id(n / 5);
      append(*store_, n, {draft}, kNoon + std::chrono::seconds{n});
      kept_.push_back(draft);
    }
  }

  // What a filter lets through by the drafts alone, without a store.
  [[nodiscard]] Sequences expected(const Filter& filter) const {
    Sequences sequences;
    for (std::uint64_t n = 1; n <= 12; ++n) {
      const Draft& draft = kept_[n - 1];
      const Time recorded = kNoon + std::chrono::seconds{n};
      const bool typed =
          filter.types.empty() || std::ranges::find(filter.types, draft.type) != filter.types.end();
      if (typed && (!filter.from || n >= filter.from->value) &&
          (!filter.to || n <= filter.to->value) &&
          (!filter.recorded_from || recorded >= *filter.recorded_from) &&
          (!filter.recorded_to || recorded <= *filter.recorded_to) &&
          (filter.subjects.empty() ||
           std::ranges::find(filter.subjects, draft.subject) != filter.subjects.end()) &&
          (!filter.actor || draft.author.auth_id == *filter.actor) &&
          (!filter.correlation || draft.correlation == *filter.correlation)) {
        sequences.push_back(n);
      }
    }
    if (filter.direction == Direction::backward) std::ranges::reverse(sequences);
    return sequences;
  }

  std::unique_ptr<Store> store_ = place_->store();
  std::vector<Draft> kept_;
};

TEST_P(StoreRead, EverythingInBothDirections) {
  Filter filter;
  EXPECT_EQ(sequences_of(*store_, filter).size(), 12U);
  EXPECT_EQ(sequences_of(*store_, filter).front(), 1U);
  filter.direction = Direction::backward;
  EXPECT_EQ(sequences_of(*store_, filter).front(), 12U);
}

TEST_P(StoreRead, BySequenceWithBothEndsIncluded) {
  Filter filter;
  filter.from = Sequence{3};
  filter.to = Sequence{5};
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{3, 4, 5}));
  filter.from = Sequence{11};
  filter.to = Sequence{UINT64_MAX};
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{11, 12}));
  filter.from = Sequence{13};
  EXPECT_TRUE(sequences_of(*store_, filter).empty());
}

TEST_P(StoreRead, ByRecordedTimeWithBothEndsIncluded) {
  Filter filter;
  filter.recorded_from = kNoon + std::chrono::seconds{4};
  filter.recorded_to = kNoon + std::chrono::seconds{6};
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{4, 5, 6}));
  filter.recorded_from = *filter.recorded_from + Micros{1};
  filter.recorded_to = *filter.recorded_to - Micros{1};
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{5}));
  filter.recorded_to = kNoon - std::chrono::hours{1};
  EXPECT_TRUE(sequences_of(*store_, filter).empty());
}

TEST_P(StoreRead, ByTypeOneOrMany) {
  Filter filter;
  filter.types = {"hal9.b.three.v1"};
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{2, 5, 8, 11}));
  filter.types = {"hal9.b.three.v1", "hal9.a.one.v1", "hal9.never.seen.v1"};
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{2, 3, 5, 6, 8, 9, 11, 12}));
}

TEST_P(StoreRead, ByTypeAndSubjectManyOfBothEachEventOnce) {
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    Filter filter;
    filter.direction = direction;
    filter.types = {"hal9.b.three.v1", "hal9.a.one.v1", "hal9.b.three.v1"};
    filter.subjects = {"us.y", "", "us.y"};
    EXPECT_EQ(sequences_of(*store_, filter), expected(filter));
    filter.actor = "os:alice";
    EXPECT_EQ(sequences_of(*store_, filter), expected(filter));
    filter.correlation = correlation_id(1);
    EXPECT_EQ(sequences_of(*store_, filter), expected(filter));
  }
}

TEST_P(StoreRead, ByATextThatNoEventHasIsNothing) {
  Filter type;
  type.types = {"hal9.never.seen.v1"};
  Filter subject;
  subject.subjects = {"nowhere"};
  Filter actor;
  actor.actor = "nobody";
  for (const Filter& filter : {type, subject, actor}) {
    EXPECT_TRUE(sequences_of(*store_, filter).empty());
  }
}

TEST_P(StoreRead, AnActorIsNotFoundAsASubject) {
  Filter filter;
  filter.subjects = {"os:alice"};
  EXPECT_TRUE(sequences_of(*store_, filter).empty());
}

TEST_P(StoreRead, BySubjectThatIsAbsent) {
  Filter filter;
  filter.subjects = {""};
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{2, 6, 10}));
}

// In their order in the ledger, whatever the order of the subjects, and first ones first.
TEST_P(StoreRead, BySubjectOneOrMany) {
  Filter filter;
  filter.subjects = {"us.y", "all", "nowhere"};
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{1, 3, 5, 7, 9, 11}));
  filter.subjects = {"", "all"};
  filter.direction = Direction::backward;
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{11, 10, 7, 6, 3, 2}));
}

TEST_P(StoreRead, ByCorrelationAndByActor) {
  Filter filter;
  filter.correlation = correlation_id(1);
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{5, 6, 7, 8, 9}));
  filter.actor = "os:alice";
  EXPECT_EQ(sequences_of(*store_, filter), (Sequences{6, 8}));
}

TEST_P(StoreRead, EveryCombinationIsWhatTheDraftsSay) {
  for (unsigned mask = 0; mask < 256; ++mask) {
    Filter filter;
    if ((mask & 1U) != 0) filter.from = Sequence{3};
    if ((mask & 2U) != 0) filter.to = Sequence{10};
    if ((mask & 4U) != 0) filter.recorded_from = kNoon + std::chrono::milliseconds{1500};
    if ((mask & 8U) != 0) filter.types = {"hal9.a.two.v1", "hal9.b.three.v1"};
    if ((mask & 16U) != 0) filter.subjects = {"us.y"};
    if ((mask & 32U) != 0) filter.correlation = correlation_id(1);
    if ((mask & 64U) != 0) filter.actor = "system:spool";
    if ((mask & 128U) != 0) filter.direction = Direction::backward;
    EXPECT_EQ(sequences_of(*store_, filter), expected(filter)) << "mask " << mask;
  }
}

TEST_P(StoreRead, StopsWhenTheVisitorHasEnough) {
  Sequences seen;
  must(store_->scan({}, [&](Sequence sequence, std::string_view) {
    seen.push_back(sequence.value);
    return seen.size() < 2;
  }));
  EXPECT_EQ(seen, (Sequences{1, 2}));
}

TEST_P(StoreRead, AVisitorMayReadThroughTheSameStore) {
  std::size_t nested = 0;
  must(store_->scan({}, [&](Sequence sequence, std::string_view) {
    Filter filter;
    filter.to = sequence;
    nested += sequences_of(*store_, filter).size();
    return must(store_->find_command(command_id(sequence.value))).has_value();
  }));
  EXPECT_EQ(nested, 78U);
}

TEST_P(StoreRead, ASteadyLookIsOverWhenItThrows) {
  const auto broken = []() -> Result<void> { throw std::runtime_error("no memory"); };
  EXPECT_THROW(std::ignore = store_->steady(broken), std::runtime_error);
  std::size_t seen = 0;
  must(store_->steady([&]() -> Result<void> {
    seen = sequences_of(*store_).size();
    return {};
  }));
  EXPECT_EQ(seen, 12U);
  append_many(*store_, 13, 1);
}

TEST_P(StoreRead, RowsCarryTheColumnsOfTheirLines) {
  std::uint64_t next = 4;
  must(store_
           ->scan_rows({4}, [&](Sequence sequence, std::string_view line, const Columns& columns) {
             EXPECT_EQ(sequence.value, next++);
             const Event event = must(decode(line));
             EXPECT_EQ(columns.type, event.draft.type);
             EXPECT_EQ(columns.subject, event.draft.subject);
             EXPECT_EQ(columns.actor, event.draft.author.auth_id);
             EXPECT_EQ(columns.recorded, event.recorded);
             EXPECT_EQ(columns.correlation, event.draft.correlation);
             EXPECT_EQ(columns.leaf, leaf_hash(line));
             return true;
           }));
  EXPECT_EQ(next, 13U);
}

INSTANTIATE_TEST_SUITE_P(Every, StoreRead, testing::ValuesIn(every_kind()), kind_name);

}  // namespace

}  // namespace hal9::ledger
