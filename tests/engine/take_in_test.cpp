#include "base/result.h"
#include "engine/service.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/codec.h"
#include "migration/events.h"
#include "migration/phase.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

class TakeIn : public ::testing::Test {
 protected:
  // Any mutation takes the spool in first.
  void take_in() {
    auto noted = world_.process()->annotate(world_.asker, {"a command", "", {}, {}});
    if (!noted) throw std::runtime_error(noted.error().what + ": " + noted.error().why);
    // Nothing of it may depend on when it is taken in.
    world_.clocks->wall += std::chrono::minutes{7};
  }

  void killed_before_removing() {
    *world_.spool_keeps = true;
    take_in();
    *world_.spool_keeps = false;
  }

  std::vector<migration::SpoolTaken> taken() {
    std::vector<migration::SpoolTaken> found;
    auto scanned = world_.ledger->scan({}, [&](ledger::Sequence, std::string_view line) {
      const auto event = ledger::decode(line);
      if (!event) throw std::runtime_error(event.error().what);
      const auto fact = migration::decode_fact(event->draft.type, event->draft.data);
      if (!fact) throw std::runtime_error(fact.error().what);
      if (const auto* one = std::get_if<migration::SpoolTaken>(&*fact)) found.push_back(*one);
      return true;
    });
    if (!scanned) throw std::runtime_error(scanned.error().what);
    return found;
  }

  // How often a line stands in the ledger.
  std::size_t kept(const std::string& line) {
    std::size_t count = 0;
    for (const auto& one : taken()) {
      count += static_cast<std::size_t>(std::ranges::count(one.unreadable, line));
    }
    return count;
  }

  void emergency_without_a_ledger() {
    world_.ledger_error = Error{Code::full, "the disk is full", "", "", ""};
    Watcher watcher;
    world_.process()->emergency(world_.who(), {}, watcher);
    world_.ledger_error.reset();
  }

  World world_;
};

TEST_F(TakeIn, KilledBeforeRemovingKeepsAnUnreadableLineOnce) {
  world_.spooled->unreadable = {"torn"};
  killed_before_removing();
  ASSERT_EQ(world_.spooled->unreadable.size(), 1U) << "the spool was removed: nothing is shown";
  killed_before_removing();
  take_in();
  EXPECT_EQ(taken().size(), 1U);
  EXPECT_EQ(kept("torn"), 1U);
  EXPECT_TRUE(world_.spooled->unreadable.empty());
}

TEST_F(TakeIn, KilledBeforeRemovingCountsTheCommandsOnce) {
  emergency_without_a_ledger();
  world_.spooled->unreadable = {"torn"};
  killed_before_removing();
  take_in();
  const auto found = taken();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front(), (migration::SpoolTaken{1, {"torn"}}));
}

TEST_F(TakeIn, LinesThatCameAfterTheKillAreKeptAlone) {
  world_.spooled->unreadable = {"first"};
  killed_before_removing();
  world_.spooled->unreadable.emplace_back("second");
  killed_before_removing();
  world_.spooled->unreadable.emplace_back("third");
  take_in();
  EXPECT_EQ(kept("first"), 1U);
  EXPECT_EQ(kept("second"), 1U);
  EXPECT_EQ(kept("third"), 1U);
}

TEST_F(TakeIn, EqualLinesOfOneSpoolAreAllKept) {
  world_.spooled->unreadable.assign(70, "same");
  killed_before_removing();
  take_in();
  EXPECT_EQ(kept("same"), 70U);
}

// The limit that take_in.h names: it cannot be told from a repeat.
TEST_F(TakeIn, ALaterLineEqualToAnEarlierSpoolsIsNotKeptAgain) {
  world_.spooled->unreadable = {"torn"};
  take_in();
  world_.spooled->unreadable = {"torn"};
  take_in();
  EXPECT_EQ(kept("torn"), 1U);
  world_.spooled->unreadable = {"torn otherwise"};
  take_in();
  EXPECT_EQ(kept("torn otherwise"), 1U);
}

// As root's spool where a user reads: what it holds may be an emergency.
TEST_F(TakeIn, WhatWaitsWhereItCannotBeReadIsSaidAndStopsARaiseAlone) {
  world_.spooled->unread = "the spool of root cannot be opened: Permission denied";
  EXPECT_EQ(world_.process()->status({})->spool_error, world_.spooled->unread);
  take_in();
  Watcher watcher;
  MoveRequest forward;
  forward.phase = migration::Phase::shadow;
  EXPECT_FALSE(world_.process()->move(world_.asker, forward, watcher));
  EXPECT_TRUE(world_.process()->roll_back(world_.asker, {}, watcher));
}

}  // namespace
}  // namespace hal9::engine
