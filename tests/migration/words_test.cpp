
#include "base/result.h"
#include "migration/actor.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/support.h"

#include <cstddef>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::migration::test {
namespace {

using ::testing::HasSubstr;

TEST(Words, OfPhasesAreFrozenAndComeBack) {
  const std::vector<std::string> words = {
      "none", "shadow", "canary", "state-migration", "ramp-up", "full"
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(to_text(kPhases[i]), words[i]);
    EXPECT_EQ(parse_phase(words[i]).value(), kPhases[i]);
  }
  EXPECT_EQ(parse_phase("cutover").value(), Phase::full);
}

TEST(Words, OfAMistypedPhaseNameTheNearestOne) {
  const auto refused = parse_phase("canry");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
  EXPECT_THAT(refused.error().what, HasSubstr("did you mean canary?"));
  EXPECT_EQ(refused.error().next, "hal9-migrate migrate --phase canary");
}

TEST(Words, OfTheOtherEnumerationsAreFrozen) {
  EXPECT_EQ(to_text(AuthType::system), "system");
  EXPECT_EQ(to_text(Role::operator_), "operator");
  EXPECT_EQ(to_text(Via::spool), "spool");
  EXPECT_EQ(to_text(RouterKind::ledger_only), "ledger-only");
  EXPECT_EQ(to_text(RouterKind::haproxy_weights), "haproxy-weights");
  EXPECT_EQ(to_text(GateName::restore), "restore");
  EXPECT_EQ(to_text(GateOutcome::not_checked), "not checked");
  EXPECT_EQ(to_text(RollbackKind::emergency), "emergency");
  EXPECT_EQ(to_text(RollbackStatus::superseded), "superseded");
}

TEST(NextPhase, IsTheOneAfterAndNoneAfterFull) {
  EXPECT_EQ(next_phase(Phase::none), Phase::shadow);
  EXPECT_EQ(next_phase(Phase::ramp_up), Phase::full);
  EXPECT_FALSE(next_phase(Phase::full));
}

TEST(Route, IsSplitAtTheFirstDot) {
  const auto split = parse_route("us-west-2.sub.strate");
  ASSERT_TRUE(split);
  EXPECT_EQ(split->region.text(), "us-west-2");
  EXPECT_EQ(split->component.text(), "sub.strate");
  EXPECT_EQ(to_text(*split), "us-west-2.sub.strate");
}

TEST(Route, WithoutBothNamesIsRefused) {
  for (const char* text : {"", "us-west-2", ".substrate", "us-west-2.", "us west.x", "a.b;c"}) {
    EXPECT_EQ(parse_route(text).error().code, Code::usage) << text;
  }
}

TEST(Gate, BlocksByItsOutcomeUnlessOverridden) {
  Gate gate;
  gate.outcome = GateOutcome::passed;
  EXPECT_FALSE(blocks(gate, true));
  gate.outcome = GateOutcome::not_checked;
  EXPECT_FALSE(blocks(gate, false));
  EXPECT_TRUE(blocks(gate, true));
  for (const auto outcome : {GateOutcome::failed, GateOutcome::unknown}) {
    gate.outcome = outcome;
    gate.overridden = false;
    EXPECT_TRUE(blocks(gate, false));
    gate.overridden = true;
    EXPECT_FALSE(blocks(gate, false));
  }
}

TEST(RoutesOf, AreEveryRegionWithEveryComponentInOrder) {
  const auto routes = routes_of(small_configuration());
  ASSERT_EQ(routes.size(), 4U);
  EXPECT_EQ(to_text(routes.front()), "us-west-2.substrate");
  EXPECT_EQ(to_text(routes.back()), "eu-west-1.cognitive");
}

}  // namespace
}  // namespace hal9::migration::test
