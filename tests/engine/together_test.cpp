// Several rollbacks at once, by dice: whoever comes between, is killed, resumes, overtakes, and whatever
// happens to ledger, router and clocks meanwhile. life.h holds the rules.
//
// One that breaks a rule is printed as the line that repeats it:
//   HAL9_LIFE='...' engine_test --gtest_filter=Together.LivesThatWereFound
// and more of them are lived by RC_PARAMS="max_success=20000".
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/life.h"
#include "engine/service.h"
#include "engine/stage.h"
#include "engine/world.h"
#include "migration/commands.h"
#include "migration/route.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace hal9::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void hold(const Life& life) {
  const std::string broken = live(life);
  if (!broken.empty()) RC_FAIL(broken + "\n  again: HAL9_LIFE='" + to_text(life) + "'");
}

RC_GTEST_PROP(Together, NobodyRaisesAndEverythingEndsAtItsTarget, ()) {
  hold(any_life(false));
}

RC_GTEST_PROP(Together, CalmOnesKeepToTheLine, ()) {
  hold(any_life(true));
}

// Stopped for longer than another one waits for its lock, and between its look at the map and its write
// too: what it then puts back it takes down again, and nobody else has to see it.
TEST(Together, OneThatWasStoppedInItsStepLeavesNothingUp) {
  int stopped = 0;
  int rises = 0;
  for (std::uint64_t at = 1; at <= 120; ++at) {
    Stage stage(at, {{kEu, percent(50)}, {kUs, percent(20)}});
    stage.late_writes = true;
    auto& slow = stage.start(Micros{0}, "os:slow", [](auto& service, auto& asker, auto& progress) {
      return service.roll_back(asker, gradual(seconds{2}), progress);
    });
    slow.stops = false;
    slow.stops_at = at;
    slow.stops_for = seconds{8};
    stage.on_stop = [&] {
      ++stopped;
      auto& other = stage.start(
          stage.now,
          "os:other",
          [](Service& service, const Asker& asker, Progress& progress) {
            return service.roll_back(asker, {}, progress);
          }
      );
      other.stops = false;
    };
    stage.run();
    EXPECT_EQ(stage.problem, "") << at;
    for (const auto& route : {kEu, kUs}) {
      EXPECT_EQ(to_text(stage.in_router(route).share), "0") << "stopped at call " << at;
      EXPECT_EQ(to_text(stage.files[route].share), "0") << "stopped at call " << at;
    }
    EXPECT_TRUE(stage.world.state().running.empty()) << at;
    rises += stage.late_rises;
  }
  EXPECT_GT(stopped, 100);
  EXPECT_GT(rises, 0) << "no write came late: nothing was proven";
}

// Another process runs all three. Two of them end between two looks of those who wait for them: the ledger
// names only the last one that has ended, and nobody waits for the third.
TEST(Together, WhoseOwnHasEndedDoesNotWaitForAnothers) {
  const auto of = [](const migration::Route& where, Micros duration) {
    auto request = gradual(duration);
    request.routes = std::vector<migration::Route>{where};
    return [request](Service& service, const Asker& asker, Progress& progress) {
      return service.roll_back(asker, request, progress);
    };
  };
  const auto third = route("ap", "cart");
  // Seldom one of them looks just between.
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Stage stage(seed, {{kEu, percent(50)}, {kUs, percent(50)}, {third, percent(50)}});
    std::map<std::string, Micros> ended;
    stage.on_end = [&](Process& process) { ended[process.who] = stage.now; };
    stage.start(Micros{0}, "os:long", of(third, seconds{60})).stops = false;
    stage.start(milliseconds{400}, "os:first", of(kEu, milliseconds{1000})).stops = false;
    stage.start(milliseconds{410}, "os:second", of(kUs, milliseconds{1000})).stops = false;
    stage.run();
    EXPECT_EQ(stage.problem, "");
    EXPECT_LT(ended["os:first"], seconds{5});
    EXPECT_LT(ended["os:second"], seconds{5});
    EXPECT_GE(ended["os:long"], seconds{60});
  }
}

// A hand at each call of a way back, also between its write and its look at what came of it: then it does its
// step again, and what it says in the end is that it is done.
TEST(Together, AHandInTheMiddleOfAStepIsPutDownAndStallsNobody) {
  int edited = 0;
  for (std::uint64_t at = 1; at <= 60; ++at) {
    Stage stage(at, {{kEu, percent(50)}, {kUs, percent(20)}});
    auto& back = stage.start(Micros{0}, "os:back", [](auto& service, auto& asker, auto& progress) {
      return service.roll_back(asker, {}, progress);
    });
    back.stops = false;
    back.stops_at = at;
    stage.on_stop = [&] {
      ++edited;
      stage.edit(kEu, percent(60));
    };
    stage.run();
    EXPECT_EQ(stage.problem, "") << at;
    ASSERT_TRUE(back.outcome && *back.outcome) << at;
    EXPECT_FALSE((*back.outcome)->code)
        << "edited at call " << at << ": " << (*back.outcome)->headline;
  }
  EXPECT_GT(edited, 20);
}

// It cut the router, and was killed before the files followed. Whoever puts it on record sees to them.
TEST(Together, WhatAKilledEmergencyCutIsNotUndoneByARestart) {
  int adopted = 0;
  for (std::uint64_t at = 1; at <= 12; ++at) {
    Stage stage(at, {{kEu, percent(50)}, {kUs, percent(20)}});
    stage
        .start(
            Micros{0},
            "os:cuts",
            [](auto& service, auto& asker, auto& progress) -> Result<Outcome> {
              return service.emergency([&] { return asker; }, {true, false}, progress);
            }
        )
        .dies_at = at;
    stage.run();
    stage
        .start(stage.now, "os:looks", [](Service& service, const Asker& asker, Progress& progress) {
          migration::RollBack nothing;
          nothing.percentage = Share::all();
          return service.roll_back(asker, nothing, progress);
        });
    stage.run();
    const auto state = stage.world.state();
    if (!state.halt) continue;
    ++adopted;
    for (const auto& route : {kEu, kUs}) {
      EXPECT_EQ(to_text(stage.files[route].share), "0") << "killed at call " << at;
    }
  }
  EXPECT_GT(adopted, 3);
}

TEST(Together, LivesThatWereFound) {
  std::vector<std::string> lives = {
      // An emergency that is killed between router and files, and a restart in that moment.
      "0 0 0,1 emergency/0/3//0/0 restart/2/0/1",
  };
  const char* const asked = std::getenv("HAL9_LIFE");
  if (asked != nullptr) lives.emplace_back(asked);
  for (const auto& text : lives) {
    std::vector<std::string> log;
    EXPECT_EQ(live(parse_life(text), &log), "") << text;
    if (asked == nullptr) continue;
    for (const auto& line : log) std::cout << line << '\n';
  }
}

}  // namespace
}  // namespace hal9::engine
