// A reader that stays open while others write is cut, by a clock that the test turns.
#include "adapters/sqlite/read_limit.h"
#include "adapters/sqlite/sqlite_store.h"
#include "base/result.h"
#include "conformance/store/sqlite_raw.h"
#include "conformance/store/store_support.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace hal9::ledger {

namespace {

constexpr std::uint64_t kEvents = 2000;

class LongRead : public testing::Test {
 protected:
  LongRead() {
    must(sqlite::create(folder_.file(), "demo"));
    append_many(*must(sqlite::open(folder_.file())), 1, kEvents);
    settle(folder_.file());
    sqlite::ReadLimit limit;
    limit.now = [this] { return now_; };
    limit.largest_wal = 300'000;
    limit.most_growth = 200'000;
    reader_ = must(sqlite::open_to_read(folder_.file(), limit));
  }

  // Reads everything; at the first row so much time goes by, and somebody writes or not.
  Result<void> scan(std::chrono::seconds later, bool somebody_writes) {
    read_ = 0;
    return reader_->scan({}, [&](Sequence, std::string_view) {
      if (read_++ == 0) {
        now_ += later;
        if (somebody_writes) write(1);
      }
      return true;
    });
  }

  void write(std::uint64_t events) {
    append_many(*must(sqlite::open(folder_.file())), written_ + 1, events);
    written_ += events;
  }

  Folder folder_;
  std::chrono::steady_clock::time_point now_;
  std::unique_ptr<Reader> reader_;
  std::uint64_t read_ = 0;
  std::uint64_t written_ = kEvents;
};

TEST_F(LongRead, IsCutWhileSomebodyWrites) {
  auto cut = scan(std::chrono::seconds{31}, true);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().what, "the ledger was read for longer than 30 s while others wrote");
  EXPECT_EQ(cut.error().state, "the reading was ended; nothing was changed");
  EXPECT_NE(cut.error().next, "");
  EXPECT_LT(read_, kEvents);
  // The next one begins anew.
  EXPECT_TRUE(scan(std::chrono::seconds{1}, true));
  EXPECT_EQ(read_, kEvents + 1);
}

// At 500 events a second 30 s would be some 400 MiB.
TEST_F(LongRead, IsCutBehindWhichTheWalGrows) {
  std::uint64_t read = 0;
  auto cut = reader_->scan({}, [&](Sequence, std::string_view) {
    if (++read % 100 != 0) return true;
    now_ += std::chrono::milliseconds{100};
    write(20);
    return true;
  });
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().what, "others wrote 0 MiB while the ledger was read");
  EXPECT_LT(read, kEvents);
}

TEST_F(LongRead, IsLeftAloneWhereTheWalWasLongBefore) {
  // Another one keeps it; this read lets it grow by less than its share.
  auto other = must(sqlite::open_to_read(folder_.file()));
  ASSERT_TRUE(other->steady([&]() -> Result<void> {
    if (auto first = other->head(); !first) return pass_on(first);
    write(400);
    return scan(std::chrono::seconds{1}, true);
  }));
}

TEST_F(LongRead, IsLeftAloneBeforeItsTime) {
  EXPECT_TRUE(scan(std::chrono::seconds{29}, true));
  EXPECT_EQ(read_, kEvents);
}

TEST_F(LongRead, IsLeftAloneWhereNobodyWrites) {
  EXPECT_TRUE(scan(std::chrono::hours{1}, false));
  EXPECT_EQ(read_, kEvents);
}

TEST_F(LongRead, OfManyReadsInOneLookIsCutAsAWhole) {
  auto held = reader_->steady([&]() -> Result<void> {
    if (auto first = scan(std::chrono::seconds{20}, true); !first) return first;
    return scan(std::chrono::seconds{20}, false);
  });
  EXPECT_FALSE(held);
  EXPECT_FALSE(must(verify(*reader_, {})).finding);
}

}  // namespace

}  // namespace hal9::ledger
