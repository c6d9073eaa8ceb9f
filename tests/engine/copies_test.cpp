// An export becomes a ledger with the same root or none; snapshots are made again as the fold.
#include "adapters/memory/memory_store.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/importer.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "ledger/lines_check.h"
#include "ledger/store.h"
#include "ledger/verify.h"
#include "migration/commands.h"
#include "migration/state.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

class Copies : public ::testing::Test {
 protected:
  Copies() {
    world_.at_canary(5);
    Watcher watcher;
    std::ignore = world_.process()->roll_back(world_.asker, {}, watcher);
    std::ignore = world_.ledger->scan({}, [&](ledger::Sequence, std::string_view line) {
      lines_.emplace_back(line);
      return true;
    });
  }

  Result<void> import(const std::vector<std::string>& lines) {
    Importer importer(*into_);
    for (const std::string& line : lines) {
      if (auto taken = importer.take(line); !taken) return taken;
    }
    return importer.finish();
  }

  World world_;
  std::vector<std::string> lines_;
  std::unique_ptr<ledger::Store> into_ = memory::make_store("test");
};

TEST_F(Copies, OfAllLinesHaveTheSameRootAndVerify) {
  ASSERT_TRUE(import(lines_));
  EXPECT_EQ(into_->head()->root, world_.ledger->head()->root);
  const auto verified = ledger::verify(*into_, {});
  ASSERT_TRUE(verified);
  EXPECT_FALSE(verified->finding) << verified->finding->what;
}

TEST_F(Copies, AreRefusedWithoutALineOrInAnotherOrder) {
  auto without = lines_;
  without.erase(without.begin() + 3);
  EXPECT_FALSE(import(without));
  into_ = memory::make_store("test");
  auto swapped = lines_;
  std::swap(swapped[2], swapped[3]);
  EXPECT_FALSE(import(swapped));
}

// Behind a line that is missing, a line is no longer that of its sequence.
TEST_F(Copies, AreRefusedByTheLineAsItStandsInTheExport) {
  for (std::size_t missing = 1; missing + 1 < lines_.size(); ++missing) {
    auto without = lines_;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(missing));
    into_ = memory::make_store("test");
    const auto imported = import(without);
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().what, "line " + std::to_string(missing + 1) + " cannot be imported");
  }
}

TEST_F(Copies, AreRefusedOfARedactedLine) {
  bool redacted = false;
  for (std::string& line : lines_) {
    if (auto hidden = ledger::redacted(line)) {
      line = *hidden;
      redacted = true;
      break;
    }
  }
  if (!redacted) lines_[0] = ledger::redacted("what is no event").value();
  const auto imported = import(lines_);
  ASSERT_FALSE(imported);
  EXPECT_NE(imported.error().why.find("cannot be brought back"), std::string::npos);
}

TEST_F(Copies, AreRefusedInALedgerOfAnotherName) {
  into_ = memory::make_store("another");
  EXPECT_FALSE(import(lines_));
}

TEST_F(Copies, RefuseACommandThatWasImportedAndDoNotCarryItOutAgain) {
  ASSERT_TRUE(import(lines_));
  const auto id = ledger::decode(lines_.front())->draft.causation;
  ASSERT_TRUE(id);
  const auto record = into_->find_command(*id);
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((*record)->digest, Digest{});
}

TEST_F(Copies, OfSnapshotsAreTheFoldAndReplaceWrongOnes) {
  migration::Annotate note;
  note.text = "many";
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(world_.process()->annotate(world_.asker, note));
  auto batch = world_.ledger->begin(std::chrono::seconds(1));
  ASSERT_TRUE(batch);
  ASSERT_TRUE((*batch)->put_snapshot({{130}, std::string(migration::kFold), "wrong"}));
  ASSERT_TRUE((*batch)->commit());
  ASSERT_TRUE(world_.process()->verify()->finding);
  const auto rebuilt = world_.process()->rebuild_snapshots();
  ASSERT_TRUE(rebuilt) << rebuilt.error().what;
  EXPECT_GT(rebuilt->snapshots, 1U);
  const auto view = world_.process()->verify();
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->finding) << view->finding->what;
  EXPECT_EQ(view->snapshots, rebuilt->snapshots);
  EXPECT_EQ(view->state_digest, rebuilt->state_digest);
}

// It would be the state of whatever comes to stand there.
TEST_F(Copies, ASnapshotAtNoEventIsFoundAndRebuildingTakesItAway) {
  migration::Annotate note;
  note.text = "many";
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(world_.process()->annotate(world_.asker, note));
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{999}}) {
    auto batch = world_.ledger->begin(std::chrono::seconds(1));
    ASSERT_TRUE(batch);
    ASSERT_TRUE((*batch)->put_snapshot({{at}, std::string(migration::kFold), "wrong"}));
    // What lies beside, whoever put it there, is not taken in.
    ASSERT_TRUE((*batch)->put_snapshot({{1}, "", "wrong"}));
    ASSERT_TRUE((*batch)->commit());
    const auto found = world_.process()->verify();
    ASSERT_TRUE(found && found->finding) << at;
    EXPECT_EQ(found->finding->what, "a snapshot is at no event");
    EXPECT_TRUE(found->snapshots_alone);
    ASSERT_TRUE(world_.process()->rebuild_snapshots());
    const auto view = world_.process()->verify();
    ASSERT_TRUE(view);
    EXPECT_FALSE(view->finding) << view->finding->what;
  }
}

}  // namespace
}  // namespace hal9::engine
