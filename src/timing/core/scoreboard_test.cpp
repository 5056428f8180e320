// When an instruction may issue, as far as its registers go, and what its wait is charged to.
#include "timing/core/scoreboard.h"

#include <gtest/gtest.h>

namespace isobar::timing {
namespace {

constexpr Cycles kMayIssue{10};

/// fadd.s rd, rs1, rs2, as the timed machine sees it.
TimedOperation reads(std::uint8_t rd, std::uint8_t rs1, std::uint8_t rs2) {
  TimedOperation op;
  op.rd = rd;
  op.rs = {rs1, rs2, kNoRegister};
  return op;
}
Scoreboard::Wait wait_of(const Scoreboard& board, const TimedOperation& op) {
  return board.wait_of(op, 7, kMayIssue, Cause::kIssueGap);
}

TEST(Scoreboard, AnInstructionWhoseRegistersAreThereWaitsForItsOwnTurnOnly) {
  Scoreboard board;
  board.write(1, kMayIssue, Cause::kDependFp32, 3);  // there in this very cycle
  const Scoreboard::Wait wait = wait_of(board, reads(5, 1, 2));
  EXPECT_EQ(wait.ready, kMayIssue);
  EXPECT_EQ(wait.cause, Cause::kIssueGap);
  EXPECT_EQ(wait.for_register, kNoRegister);
  EXPECT_EQ(wait.on, 7U);
}

TEST(Scoreboard, AResultIsWaitedForUntilItIsThereAndNotOneCycleLonger) {
  Scoreboard board;
  board.write(2, kMayIssue + Cycles(1), Cause::kDependFp32, 3);
  const Scoreboard::Wait wait = wait_of(board, reads(5, 1, 2));
  EXPECT_EQ(wait.ready, kMayIssue + Cycles(1));
  EXPECT_EQ(wait.cause, Cause::kDependFp32);
  EXPECT_EQ(wait.for_register, 2);
  EXPECT_EQ(wait.on, 3U);
}

TEST(Scoreboard, OfTwoResultsTheLaterOneIsNamed) {
  Scoreboard board;
  board.write(1, Cycles(30), Cause::kDependFp64, 3);
  board.write(2, Cycles(20), Cause::kDependFp32, 4);
  EXPECT_EQ(wait_of(board, reads(5, 1, 2)).on, 3U);
  EXPECT_EQ(wait_of(board, reads(5, 2, 1)).on, 3U);
}

TEST(Scoreboard, OfTwoResultsOfOneCycleTheFirstOperandIsNamed) {
  Scoreboard board;
  board.write(1, Cycles(30), Cause::kDependFp64, 3);
  board.write(2, Cycles(30), Cause::kDependFp32, 4);
  EXPECT_EQ(wait_of(board, reads(5, 1, 2)).on, 3U);
  EXPECT_EQ(wait_of(board, reads(5, 2, 1)).on, 4U);
}

TEST(Scoreboard, ARegisterIsNotWrittenAgainBeforeItsLastResultIsThere) {
  Scoreboard board;
  board.write(5, Cycles(40), Cause::kDependSpecial, 3);
  EXPECT_EQ(wait_of(board, reads(5, 1, 2)).ready, Cycles(40));
}

TEST(Scoreboard, ALoadOnItsWayIsWaitedForWithoutATimeUntilItArrives) {
  Scoreboard board;
  board.write(1, Scoreboard::kNever, Cause::kL1Latency, 3);
  EXPECT_EQ(wait_of(board, reads(5, 1, 2)).ready, Scoreboard::kNever);
  board.arrive(1, Cycles(50));
  const Scoreboard::Wait wait = wait_of(board, reads(5, 1, 2));
  EXPECT_EQ(wait.ready, Cycles(50));
  EXPECT_EQ(wait.cause, Cause::kL1Latency);
  EXPECT_EQ(wait.on, 3U);
}

TEST(Scoreboard, X0AndMissingOperandsAreNeverWaitedFor) {
  const Scoreboard board;
  EXPECT_EQ(wait_of(board, reads(kNoRegister, kNoRegister, kNoRegister)).ready, kMayIssue);
}

}  // namespace
}  // namespace isobar::timing
