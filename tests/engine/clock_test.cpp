// A wall clock that is put back is said to whoever writes next, and recorded time grows all the same.
#include "engine/views.h"
#include "engine/world.h"
#include "migration/commands.h"

#include <chrono>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

using testing::HasSubstr;

class Clock : public ::testing::Test {
 protected:
  Outcome note() {
    migration::Annotate annotation;
    annotation.text = "seen";
    auto outcome = world_.process()->annotate(world_.asker, annotation);
    if (!outcome) throw std::runtime_error(outcome.error().what);
    return *outcome;
  }
  World world_;
};

TEST_F(Clock, ThatIsRightIsNotSpokenOf) {
  EXPECT_TRUE(note().notes.empty());
  world_.clocks->wall += std::chrono::hours{24};
  EXPECT_TRUE(note().notes.empty());
}

TEST_F(Clock, ThatWasPutBackIsSaidWithItsDistance) {
  world_.clocks->wall += std::chrono::hours{24};
  note();
  world_.clocks->wall -= std::chrono::hours{24};
  const auto notes = note().notes;
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes.front(), HasSubstr("the clock stands"));
  world_.clocks->wall += std::chrono::hours{25};
  EXPECT_TRUE(note().notes.empty());
}

}  // namespace
}  // namespace hal9::engine
