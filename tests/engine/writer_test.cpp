#include "engine/writer.h"

#include "adapters/memory/memory_store.h"
#include "base/result.h"
#include "engine/fold.h"
#include "engine/make_command.h"
#include "engine/service.h"
#include "engine/snapshots.h"
#include "engine/world.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/commands.h"
#include "migration/phase.h"
#include "migration/state.h"
#include "migration/valid_lines.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

struct Bench {
  Bench() = default;
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() { migration::test::expect_valid_lines(*store); }

  std::unique_ptr<ledger::Store> store = memory::make_store("test");
  TestEnvironment environment{std::make_shared<Clocks>()};
  Asker asker{
      {migration::AuthType::user, "os:alice", migration::Role::operator_, migration::Via::cli},
      "because"
  };

  migration::Command note(const std::string& text) {
    return make_command(environment, asker, migration::Annotate{text, "", {}, {}});
  }
};

TEST(Writer, SameCommandAgainGetsTheFirstAnswer) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  const auto command = bench.note("once");
  auto first = writer.execute(command);
  auto second = writer.execute(command);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(second->repeated);
  EXPECT_EQ(first->events, second->events);
  EXPECT_EQ(bench.store->head()->sequence.value, 1U);
}

TEST(Writer, SameIdWithOtherBytesIsRefused) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  auto command = bench.note("one");
  ASSERT_TRUE(writer.execute(command));
  std::get<migration::Annotate>(command.body).text = "another";
  auto refused = writer.execute(command);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::repeated);
}

TEST(Writer, FoldsWhatAnotherProcessAppended) {
  Bench bench;
  auto other_store = memory::share(*bench.store);
  Writer mine(*bench.store, bench.environment);
  Writer other(*other_store, bench.environment);
  ASSERT_TRUE(mine.execute(bench.note("mine")));
  ASSERT_TRUE(other.execute(bench.note("other")));
  ASSERT_TRUE(mine.execute(bench.note("mine again")));
  EXPECT_EQ(mine.state().sequence.value, 3U);
}

TEST(Writer, ARefusedCommandLeavesNoTrace) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  migration::Move move;
  move.phase = migration::Phase::full;
  auto refused = writer.execute(make_command(bench.environment, bench.asker, move));
  ASSERT_FALSE(refused);
  EXPECT_EQ(bench.store->head()->sequence.value, 0U);
}

TEST(Writer, LinesCarryTheReasonAndANonce) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  auto recorded = writer.execute(bench.note("text"));
  ASSERT_TRUE(recorded);
  EXPECT_EQ(recorded->events.front().draft.reason, "because");
  EXPECT_TRUE(recorded->events.front().draft.nonce);
}

std::vector<std::uint64_t> snapshots_of(ledger::Reader& reader) {
  std::vector<std::uint64_t> sequences;
  auto scanned = reader.scan_snapshots([&](const ledger::Snapshot& snapshot) {
    sequences.push_back(snapshot.sequence.value);
    return true;
  });
  EXPECT_TRUE(scanned);
  return sequences;
}

// One event each: the first of every 128 stays, and one newer than that.
TEST(Writer, StoresSnapshotsThatEqualTheFold) {
  Bench bench;
  Writer writer(*bench.store, bench.environment);
  std::uint64_t events = 0;
  const auto write_to = [&](std::uint64_t to) {
    for (; events < to; ++events) ASSERT_TRUE(writer.execute(bench.note(std::to_string(events))));
  };
  using Sequences = std::vector<std::uint64_t>;
  write_to(kNewestSnapshotEvery - 1);
  EXPECT_EQ(snapshots_of(*bench.store), Sequences{});
  write_to(kSnapshotEvery - 1);
  EXPECT_EQ(snapshots_of(*bench.store), (Sequences{16, 112}));
  write_to(3 * kSnapshotEvery + 40);
  EXPECT_EQ(snapshots_of(*bench.store), (Sequences{16, 128, 256, 384, 416}));
  for (const std::uint64_t at : snapshots_of(*bench.store)) {
    const auto snapshot = bench.store->snapshot_before(migration::kFold, {at});
    ASSERT_TRUE(snapshot && snapshot->has_value());
    migration::State folded;
    ASSERT_TRUE(fold_tail(*bench.store, folded, {at}));
    EXPECT_EQ((*snapshot)->state, migration::encode_state(folded)) << at;
  }
  Writer fresh(*bench.store, bench.environment);
  ASSERT_TRUE(fresh.catch_up());
  EXPECT_EQ(migration::state_digest(fresh.state()), migration::state_digest(writer.state()));
}

}  // namespace
}  // namespace hal9::engine
