// Hot lines from charges that a reader can add up, and the text behind a line number.
#include "device/views/hot_spots.h"

#include <gtest/gtest.h>

namespace isobar::device {
namespace {

using ledger::CycleCause;

HotOperation operation(std::uint64_t pc, std::uint32_t line, CycleCause cause,
                       std::uint64_t slots) {
  HotOperation each;
  each.pc = pc;
  each.text = "nop";
  each.file = "kernel.cl";
  each.line = line;
  each.issues = 1;
  each.charges[static_cast<std::size_t>(cause)] = slots;
  return each;
}

TEST(HotLines, AreSumsOfTheirInstructionsHottestFirst) {
  const std::vector operations{
      operation(0, 4, CycleCause::kInteger, 10), operation(4, 9, CycleCause::kDramQueue, 70),
      operation(8, 4, CycleCause::kBarrier, 40), operation(12, 2, CycleCause::kInteger, 50)};
  const std::vector<HotLine> lines = hot_lines(operations);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].line, 9U);
  EXPECT_EQ(lines[1].line, 2U) << "as hot as line 4, and before it";
  EXPECT_EQ(lines[2].line, 4U);
  EXPECT_EQ(lines[2].total(), 50U);
  EXPECT_EQ(lines[2].operations, (std::vector<std::size_t>{2, 0}));
  EXPECT_EQ(main_causes(lines[2].charges),
            (std::vector{CycleCause::kBarrier, CycleCause::kInteger}));
}

TEST(HotLines, OfTwoProcessesAreAddedInstructionByInstruction) {
  std::vector mine{operation(0, 4, CycleCause::kInteger, 10)};
  merge(mine, {operation(0, 4, CycleCause::kInteger, 5), operation(4, 4, CycleCause::kFetch, 1)});
  ASSERT_EQ(mine.size(), 2U);
  EXPECT_EQ(mine[0].total(), 15U);
}

}  // namespace
}  // namespace isobar::device
