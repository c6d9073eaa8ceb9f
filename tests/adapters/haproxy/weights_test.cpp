// Which weights give a share, and what weights are worth: by property, and by the answers of a HAProxy.
#include "adapters/haproxy/weights.h"

#include "adapters/haproxy/weight_pool.h"
#include "adapters/haproxy/weight_state_file.h"
#include "base/name.h"
#include "base/share.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::haproxy {
namespace {

std::uint64_t sum(const std::vector<std::uint32_t>& weights) {
  return std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
}

Share any_share() {
  return Share::of_hundredths(*rc::gen::inRange<std::uint32_t>(0, 10001));
}
std::size_t any_count() {
  return *rc::gen::inRange<std::size_t>(1, 65);
}

// hierarchical/(hierarchical+flat) <= share, without rounding.
bool is_at_most(std::uint64_t hierarchical, std::uint64_t flat, Share share) {
  return hierarchical * Share::kWhole <= (hierarchical + flat) * share.hundredths();
}

RC_GTEST_PROP(Weights, AreNeverAboveWhatIsAskedAndFlatIsNeverZeroBesideZero, ()) {
  const auto share = any_share();
  const auto weights = weights_at(step_of(share), any_count(), any_count());
  const auto hierarchical = sum(weights.hierarchical);
  const auto flat = sum(weights.flat);
  RC_ASSERT(is_at_most(hierarchical, flat, share));
  RC_ASSERT(hierarchical + flat > 0);
  RC_ASSERT(share_of(hierarchical, flat) == reachable(share));
  for (const auto* system : {&weights.flat, &weights.hierarchical}) {
    const auto [least, most] = std::ranges::minmax(*system);
    RC_ASSERT(most <= kFullWeight);
    RC_ASSERT(most - least <= 1);
  }
}

RC_GTEST_PROP(Weights, AreTheNearestFromBelow, ()) {
  const auto share = any_share();
  RC_ASSERT(share_at(step_of(share)) <= share);
  if (step_of(share) < kLastStep) RC_ASSERT(share_at(step_of(share) + 1) > share);
}

RC_GTEST_PROP(Weights, FallForHierarchicalAndRiseForFlatWhereAShareFalls, ()) {
  const auto one = any_share();
  const auto other = any_share();
  const auto flat = any_count();
  const auto hierarchical = any_count();
  const auto high = weights_at(step_of(std::max(one, other)), flat, hierarchical);
  const auto low = weights_at(step_of(std::min(one, other)), flat, hierarchical);
  for (std::size_t i = 0; i < flat; ++i) RC_ASSERT(low.flat[i] >= high.flat[i]);
  for (std::size_t i = 0; i < hierarchical; ++i) {
    RC_ASSERT(low.hierarchical[i] <= high.hierarchical[i]);
  }
  RC_ASSERT(toward_flat(high, low) == low);
  RC_ASSERT(toward_flat(low, high) == low);
}

RC_GTEST_PROP(Weights, OfAReachableShareAreItsOwn, ()) {
  const auto share = reachable(any_share());
  RC_ASSERT(reachable(share) == share);
}

TEST(Weights, ReachBothEndsAndHalf) {
  EXPECT_EQ(reachable(Share::none()), Share::none());
  EXPECT_EQ(reachable(Share::all()), Share::all());
  EXPECT_EQ(reachable(Share::of_hundredths(5000)), Share::of_hundredths(5000));
  EXPECT_EQ(reachable(Share::of_hundredths(500)), Share::of_hundredths(484));  // 13 of 269
  EXPECT_EQ(reachable(Share::of_hundredths(38)), Share::none());
  EXPECT_EQ(reachable(Share::of_hundredths(39)), Share::of_hundredths(39));  // 1 of 257, rounded up
  EXPECT_EQ(reachable(Share::of_hundredths(9999)), Share::of_hundredths(9962));  // 256 of 257
}

TEST(Weights, OfManyServersAreNotCalledAllWhileOneOfFlatHasSome) {
  EXPECT_EQ(share_of(1'000'000, 1), Share::of_hundredths(9999));
  EXPECT_EQ(share_of(1, 1'000'000), Share::of_hundredths(1));
}

const migration::WeightPool kPool{"web", {}, {"f1", "f2"}, {"h1"}};

struct Row {
  const char* name;
  int operation = 2;
  int administration = 0;
  int weight = 0;
  int effective = 0;
  const char* backup = "0";
};

std::string state_of(const std::vector<Row>& rows) {
  std::string text =
      "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight "
      "srv_iweight\n";
  for (const auto& row : rows) {
    text += "3 web 1 " + std::string{row.name} + " 127.0.0.1 " + std::to_string(row.operation) +
            " " + std::to_string(row.administration) + " " + std::to_string(row.weight) + " 1\n";
  }
  return text + "\n";
}

PoolSeen seen(const std::vector<Row>& rows) {
  std::string stat = "# pxname,svname,qcur,scur,stot,lbtot,weight,bck\n";
  for (const auto& row : rows) {
    stat += "web," + std::string{row.name} + ",0,1,9,9," + std::to_string(row.effective) + "," +
            row.backup + "\n";
  }
  auto result = pool_seen(kPool, state_of(rows), stat + "web,BACKEND,4,3,27,27,512,1\n");
  EXPECT_TRUE(result) << result.error().what;
  return result ? *result : PoolSeen{};
}

Row flat(const char* name, int weight) {
  return {.name = name, .weight = weight, .effective = weight};
}
Row there(int weight) {
  return flat("h1", weight);
}

TEST(PoolSeen, CountsWhatTakesRequestsNow) {
  EXPECT_EQ(seen({flat("f1", 128), flat("f2", 128), there(256)}).share().hundredths(), 5000);
  auto slow = flat("f2", 128);
  slow.effective = 1;
  EXPECT_EQ(seen({flat("f1", 127), slow, there(128)}).share().hundredths(), 5000);
  auto down = flat("f2", 128);
  down.operation = 0;
  EXPECT_EQ(seen({flat("f1", 128), down, there(128)}).share().hundredths(), 5000);
}

// It comes back by itself: 0% would be said of what is there in the next second.
TEST(PoolSeen, CountsAHierarchicalServerThatIsDown) {
  auto down = there(256);
  down.operation = 0;
  const auto now = seen({flat("f1", 128), flat("f2", 128), down});
  EXPECT_EQ(now.share().hundredths(), 5000);
  EXPECT_FALSE(now.halted());
}

TEST(PoolSeen, IsHaltedByMaintenanceAndByNoWeight) {
  EXPECT_FALSE(seen({flat("f1", 128), flat("f2", 128), there(0)}).halted());
  auto maint = there(256);
  maint.operation = 0;
  maint.administration = 1;
  EXPECT_TRUE(seen({flat("f1", 128), flat("f2", 128), maint}).halted());
}

TEST(PoolSeen, CountsNoServerThatDrains) {
  auto drains = flat("f2", 128);
  drains.administration = 8;
  EXPECT_EQ(seen({flat("f1", 128), drains, there(128)}).share().hundredths(), 5000);
  auto leaves = there(256);
  leaves.administration = 8;
  const auto now = seen({flat("f1", 128), flat("f2", 128), leaves});
  EXPECT_EQ(now.share(), Share::none());
  EXPECT_FALSE(now.halted());
  EXPECT_EQ(system_of(now.hierarchical).servers_maintenance, 1U);
}

// What a halt holds back comes with its end: 0% would be said of it too early.
TEST(PoolSeen, CountsTheWeightsBehindAHalt) {
  auto maint = there(256);
  maint.operation = 0;
  maint.administration = 1;
  EXPECT_EQ(seen({flat("f1", 128), flat("f2", 128), maint}).share().hundredths(), 5000);
}

TEST(PoolSeen, IsHaltedOnlyByAllOfItsServers) {
  PoolSeen now;
  now.hierarchical.resize(2);
  now.hierarchical[0].state.administration = 1;
  EXPECT_FALSE(now.halted());
  now.hierarchical[1].state.administration = 1;
  EXPECT_TRUE(now.halted());
}

TEST(PoolSeen, CountsTheRequestsOfClientsThatACookieKeeps) {
  WeightedServer server;
  server.stat.sessions = 9;
  server.stat.balanced = 5;
  EXPECT_EQ(system_of({server}).requests, 9U);
}

TEST(PoolSeen, SaysWhatTheConfigurationDoesNotKnow) {
  auto spare = flat("f2", 128);
  spare.backup = "1";
  const auto now = seen({flat("f1", 128), spare, there(0), flat("x9", 1)});
  ASSERT_EQ(now.problems.size(), 2U);
  EXPECT_NE(now.problems[0].find("web/f2 is a backup"), std::string::npos);
  EXPECT_NE(now.problems[1].find("web/x9"), std::string::npos);
  EXPECT_EQ(now.queued, 4U);
}

TEST(PoolSeen, RefusesABackendWithoutOneOfTheServersOrWithoutWeights) {
  const std::string stat = "# pxname,svname,qcur,scur,stot,lbtot,weight,bck\nweb,f1,0,1,9,9,1,0\n";
  EXPECT_FALSE(pool_seen(kPool, state_of({flat("f1", 1)}), stat));
  const std::string bare =
      "# pxname,svname,qcur,scur,stot,lbtot\nweb,f1,0,0,0,0\n"
      "web,f2,0,0,0,0\nweb,h1,0,0,0,0\n";
  EXPECT_FALSE(pool_seen(kPool, state_of({flat("f1", 1), flat("f2", 1), there(0)}), bare));
}

TEST(WeightCommands, RaiseFlatBeforeTheyLowerHierarchicalAndLowerItLast) {
  const Weights low{{128, 128}, {28}};
  const Weights high{{14, 14}, {256}};
  EXPECT_EQ(
      weight_commands(kPool, high, low),
      (std::vector<std::string>{
          "set weight web/f1 128", "set weight web/f2 128", "set weight web/h1 28"
      })
  );
  EXPECT_EQ(
      weight_commands(kPool, low, high),
      (std::vector<std::string>{
          "set weight web/h1 256", "set weight web/f1 14", "set weight web/f2 14"
      })
  );
  EXPECT_TRUE(weight_commands(kPool, low, low).empty());
}

TEST(WeightCommands, GiveHierarchicalLessBesideAFlatThatStartsSlowly) {
  auto slow = flat("f1", 128);
  slow.effective = 10;
  auto down = flat("f2", 128);
  down.operation = 0;
  const auto now = seen({slow, down, there(28)});
  const auto wanted = weights_at(step_of(Share::of_hundredths(1000)), 2, 1);
  const auto less = beside_what_flat_takes(now, wanted, Share::of_hundredths(1000));
  EXPECT_EQ(less.flat, wanted.flat);
  EXPECT_EQ(less.hierarchical, std::vector<std::uint32_t>{1});  // 1 of 11 is 9.1%
}

TEST(WeightCommands, OfACutBeginWithFlatAndEndWithNoWeight) {
  EXPECT_EQ(
      cut_commands(kPool),
      (std::vector<std::string>{
          "set weight web/f1 128",
          "set weight web/f2 128",
          "set server web/h1 state maint",
          "set weight web/h1 0"
      })
  );
}

TEST(WeightCommands, GiveHierarchicalAllThatTheShareLetsIt) {
  const auto half = Share::of_hundredths(5000);
  const auto now = seen({flat("f1", 64), flat("f2", 64), there(256)});
  const auto less = beside_what_flat_takes(now, {{64, 64}, {256}}, half);
  EXPECT_EQ(less.hierarchical, std::vector<std::uint32_t>{128});
}

TEST(WeightCommands, RaiseNoServerOfHierarchicalWhereTheyGiveItLess) {
  const auto now = seen({flat("f1", 10), flat("f2", 0), there(0)});
  const auto less = beside_what_flat_takes(now, {{10, 0}, {0, 28}}, Share::of_hundredths(1000));
  EXPECT_EQ(less.hierarchical, (std::vector<std::uint32_t>{0, 0}));
}

// With both at 0 nobody would answer, even where flat is only just coming back.
TEST(WeightCommands, LeaveHierarchicalSomeWhileNoneOfFlatIsUp) {
  auto one = flat("f1", 128);
  auto other = flat("f2", 128);
  one.operation = other.operation = 0;
  const auto now = seen({one, other, there(28)});
  const Weights wanted{{128, 128}, {28}};
  EXPECT_EQ(beside_what_flat_takes(now, wanted, Share::of_hundredths(1000)), wanted);
}

TEST(StateFile, HasTheWeightsThatAreWantedAndLeavesTheRest) {
  const migration::WeightSettings settings{{kPool}, "/x"};
  const auto text = state_of({flat("f1", 1), flat("f2", 1), there(9), flat("x9", 5)});
  const auto lowered = with_weights(text, settings, {{0, {{128, 128}, {0}}}}, false);
  ASSERT_TRUE(lowered);
  EXPECT_EQ(*lowered, state_of({flat("f1", 128), flat("f2", 128), there(0), flat("x9", 5)}));
  const auto halted = with_weights(text, settings, {{0, {{128, 128}, {0}}}}, true);
  ASSERT_TRUE(halted);
  auto maint = there(0);
  maint.operation = 0;
  maint.administration = 1;
  EXPECT_EQ(*halted, state_of({flat("f1", 128), flat("f2", 128), maint, flat("x9", 5)}));
}

TEST(StateFile, LeavesTheServersOfOtherBackendsThatAreCalledTheSame) {
  const migration::WeightSettings settings{{kPool}, "/x"};
  const std::string other = "4 api 1 h1 127.0.0.1 2 0 77 1\n";
  auto text = state_of({flat("f1", 1), flat("f2", 1), there(9)});
  text.insert(text.size() - 1, other);
  const auto lowered = with_weights(text, settings, {{0, {{128, 128}, {0}}}}, true);
  ASSERT_TRUE(lowered) << lowered.error().what;
  EXPECT_NE(lowered->find(other), std::string::npos) << *lowered;
}

TEST(StateFile, IsRefusedWhereItIsNoneOrLacksAServer) {
  const migration::WeightSettings settings{{kPool}, "/x"};
  const PoolWeights zero{{0, {{128, 128}, {0}}}};
  EXPECT_FALSE(with_weights("", settings, zero, true));
  EXPECT_FALSE(with_weights("2\n# be_id\n", settings, zero, true));
  EXPECT_FALSE(with_weights(state_of({flat("f1", 1), there(9)}), settings, zero, true));
}

}  // namespace
}  // namespace hal9::haproxy
