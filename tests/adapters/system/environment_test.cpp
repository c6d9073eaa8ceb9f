#include "adapters/system/system.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace hal9::system {
namespace {

TEST(Environment, WaitsForTheDuration) {
  const auto environment = make_environment();
  const auto begun = environment->steady();
  EXPECT_FALSE(environment->wait(std::chrono::milliseconds(20)));
  EXPECT_GE(environment->steady() - begun, std::chrono::milliseconds(20));
  EXPECT_FALSE(environment->wait(Micros(-5)));
}

TEST(Environment, GivesOtherBytesEachTime) {
  const auto environment = make_environment();
  EXPECT_NE(environment->random(), environment->random());
}

// In a process of its own, since being asked to stop stays.
TEST(EnvironmentDeathTest, StopsWaitingWhenItIsAskedToStop) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        const auto environment = make_environment();
        std::jthread asker([] { ::kill(::getpid(), SIGTERM); });
        const bool asked = environment->wait(std::chrono::seconds(20));
        const bool again = environment->wait(std::chrono::seconds(20));
        asker.join();
        std::_Exit(asked && again && environment->interrupted() ? 7 : 1);
      },
      ::testing::ExitedWithCode(7),
      ""
  );
}

}  // namespace
}  // namespace hal9::system
