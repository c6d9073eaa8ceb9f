#include "exit_code.h"

#include "base/result.h"

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

// The numbers stand in scripts of other people: each is written down here once more.
TEST(ExitCode, IsWhatTheRunbookSays) {
  EXPECT_EQ(exit_code(Code::failed), 1);
  EXPECT_EQ(exit_code(Code::usage), 2);
  for (const Code code : {Code::gate, Code::negative}) EXPECT_EQ(exit_code(code), 3);
  EXPECT_EQ(exit_code(Code::not_authorised), 4);
  for (const Code code : {Code::conflict, Code::repeated, Code::stale}) {
    EXPECT_EQ(exit_code(code), 5);
  }
  for (const Code code :
       {Code::damaged,
        Code::not_ours,
        Code::newer,
        Code::locked,
        Code::full,
        Code::read_only,
        Code::missing,
        Code::unreachable}) {
    EXPECT_EQ(exit_code(code), 6);
  }
  EXPECT_EQ(exit_code(Code::continues), 7);
  EXPECT_EQ(exit_code(Code::partly_done), 8);
  EXPECT_EQ(exit_code(Code::spooled), 9);
  EXPECT_EQ(exit_code(Code::interrupted), 130);
}

}  // namespace
}  // namespace hal9::tools
