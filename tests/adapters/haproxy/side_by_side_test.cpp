#include "adapters/haproxy/side_by_side.h"

#include "adapters/haproxy/balancer.h"
#include "base/name.h"
#include "base/result.h"
#include "migration/configuration.h"

#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::haproxy {
namespace {

class SideBySide : public ::testing::Test {
 protected:
  SideBySide() {
    for (const auto* name : {"lb1", "lb2", "lb3"}) {
      balancers_.emplace_back(
          configuration_, migration::Balancer{Name::parse(name).value(), "/nowhere"}
      );
    }
  }
  migration::Configuration configuration_;
  std::vector<Balancer> balancers_;
};

TEST_F(SideBySide, AnswersInTheOrderOfTheBalancers) {
  const auto answers = side_by_side(balancers_, [](const Balancer& balancer) {
    return Result<std::string>{balancer.name()};
  });
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].value(), "lb1");
  EXPECT_EQ(answers[2].value(), "lb3");
}

TEST_F(SideBySide, TurnsWhatAThreadThrowsIntoTheErrorOfItsBalancer) {
  const auto answers = side_by_side(balancers_, [](const Balancer& balancer) -> Result<int> {
    if (balancer.name() == "lb1") throw std::runtime_error("no parse");
    if (balancer.name() == "lb3") throw 3;
    return 7;
  });
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].error().code, Code::failed);
  EXPECT_EQ(answers[0].error().what, "balancer lb1 could not be asked");
  EXPECT_EQ(answers[0].error().why, "no parse");
  EXPECT_EQ(answers[1].value(), 7);
  ASSERT_FALSE(answers[2]);
}

TEST_F(SideBySide, ACutThatThrowsIsOneThatWasNotAnswered) {
  const auto cuts = side_by_side(balancers_, [](const Balancer& balancer) -> BalancerCut {
    if (balancer.name() == "lb2") throw std::bad_alloc();
    BalancerCut cut;
    cut.answered = true;
    return cut;
  });
  EXPECT_TRUE(cuts[0].answered && cuts[2].answered);
  EXPECT_FALSE(cuts[1].answered || cuts[1].halted);
  ASSERT_EQ(cuts[1].problems.size(), 1U);
  EXPECT_NE(cuts[1].problems[0].find("lb2"), std::string::npos);
}

}  // namespace
}  // namespace hal9::haproxy
