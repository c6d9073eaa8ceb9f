// When a seal is made by itself, and when it is tried again.
#include "base/result.h"
#include "engine/seals_fixture.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

TEST_F(Seals, AreDueAtARollbacksEnd) {
  EXPECT_FALSE(world_.process()->seal_is_due());
  world_.at_canary(5);
  EXPECT_FALSE(world_.process()->seal_is_due());
  Watcher watcher;
  ASSERT_TRUE(world_.process()->roll_back(world_.asker, {}, watcher));
  EXPECT_TRUE(world_.process()->seal_is_due());
  seal();
  EXPECT_FALSE(world_.process()->seal_is_due());
}

TEST_F(Seals, AreDueAnHourAfterTheFirstEventThatIsNotSealed) {
  seal();
  world_.clocks->wall += std::chrono::hours(5);
  EXPECT_FALSE(world_.process()->seal_is_due()) << "nothing new";
  note("one");
  world_.clocks->wall += std::chrono::minutes(59);
  EXPECT_FALSE(world_.process()->seal_is_due());
  world_.clocks->wall += std::chrono::minutes(2);
  EXPECT_TRUE(world_.process()->seal_is_due());
}

TEST_F(Seals, AreDueAfterAThousandEvents) {
  seal();
  for (int i = 0; i < 999; ++i) note("many");
  EXPECT_FALSE(world_.process()->seal_is_due());
  note("one more");
  EXPECT_TRUE(world_.process()->seal_is_due());
}

TEST_F(Seals, AreDueWhenTheConfigurationSays) {
  world_.configuration.seal_every = 3;
  world_.configuration.seal_within = std::chrono::minutes(10);
  note("the configuration is accepted with it");
  seal();
  note("one");
  note("two");
  EXPECT_FALSE(world_.process()->seal_is_due());
  note("three");
  EXPECT_TRUE(world_.process()->seal_is_due());
  seal();
  note("alone");
  world_.clocks->wall += std::chrono::minutes(9);
  EXPECT_FALSE(world_.process()->seal_is_due());
  world_.clocks->wall += std::chrono::minutes(2);
  EXPECT_TRUE(world_.process()->seal_is_due());
}

TEST_F(Seals, AreDueAsIfACopyOfOneUnderALaterNameWereNotThere) {
  seal();
  world_.sealed->beside["00000000000000999999-copy.seal"] = world_.sealed->beside.begin()->second;
  note("one");
  EXPECT_FALSE(world_.process()->seal_is_due());
  world_.clocks->wall += std::chrono::hours(2);
  EXPECT_TRUE(world_.process()->seal_is_due());
}

TEST_F(Seals, AreDueInAnOlderFileThatWasPutBackSoThatItIsSaid) {
  note("one");
  note("two");
  seal();
  put_back_an_older_file();
  ASSERT_TRUE(world_.process()->seal_is_due());
  const auto sealed = world_.process()->seal_when_due();
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, Code::negative);
  EXPECT_TRUE(has(sealed.error().why, "the end is missing")) << sealed.error().why;
  EXPECT_TRUE(has(sealed.error().state, "what was recorded stays")) << sealed.error().state;
}

TEST_F(Seals, AreDueInAnotherLedgerThatHasAsManyEventsOrMore) {
  note("one");
  seal();
  put_back_an_older_file();
  note("another");
  EXPECT_TRUE(world_.process()->seal_is_due());
  note("and more");
  ASSERT_TRUE(world_.process()->seal_is_due());
  EXPECT_TRUE(has(world_.process()->seal_when_due().error().why, "not what was sealed"));
}

TEST_F(Seals, AreDueWhereThoseBesideTheLedgerCannotBeReadSoThatItIsSaid) {
  seal();
  world_.sealed->beside_dead = true;
  EXPECT_TRUE(world_.process()->seal_is_due());
}

TEST_F(Seals, ThatCouldNotBeMadeAreTriedAgainAfterAMinute) {
  seal();
  note("one");
  world_.clocks->wall += std::chrono::hours(2);
  world_.sealed->witness_dead = true;
  const auto failed = world_.process()->seal_when_due();
  ASSERT_FALSE(failed);
  EXPECT_TRUE(has(failed.error().state, "the first command after 1m tries again"));
  world_.sealed->witness_dead = false;
  world_.clocks->wall += std::chrono::seconds(59);
  EXPECT_EQ(world_.process()->seal_when_due().value(), std::nullopt);
  world_.clocks->wall += std::chrono::seconds(1);
  EXPECT_TRUE(world_.process()->seal_when_due().value().has_value());
  EXPECT_EQ(world_.sealed->tried, std::nullopt) << "the next one waits for nothing";
}

TEST_F(Seals, AreTriedAgainAtOnceByHandOrByAClockThatWentBack) {
  seal();
  note("one");
  world_.sealed->tried = world_.clocks->wall + std::chrono::hours(3);
  world_.clocks->wall += std::chrono::hours(2);
  EXPECT_TRUE(world_.process()->seal_is_due());
  world_.sealed->tried = world_.clocks->wall;
  EXPECT_FALSE(world_.process()->seal_is_due());
  EXPECT_NE(seal().note, "");
  EXPECT_EQ(world_.sealed->tried, std::nullopt);
}

TEST_F(Seals, ThatNoPlaceTakesAreTriedByTheNextCommand) {
  note("one");
  world_.clocks->wall += std::chrono::hours(2);
  world_.sealed->full = true;
  const auto failed = world_.process()->seal_when_due();
  ASSERT_FALSE(failed);
  EXPECT_TRUE(has(failed.error().state, "the next command tries again")) << failed.error().state;
}

}  // namespace
}  // namespace hal9::engine
