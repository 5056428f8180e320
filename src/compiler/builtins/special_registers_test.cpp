// The numbers that OpenCL C and assembly use are those of isa/guest_abi.h.
#include "compiler/builtins/special_registers.h"

#include <gtest/gtest.h>

#include "isa/guest_abi.h"

namespace isobar::compiler {
namespace {

using isa::SpecialRegister;

constexpr int number(SpecialRegister first, int dimension = 0) {
  return static_cast<int>(first) + dimension;
}

TEST(SpecialRegisters, HaveTheNumbersOfTheGuestAbi) {
  const int three[][4] = {
      {number(SpecialRegister::kGlobalId), ISOBAR_CSR_GLOBAL_ID_X, ISOBAR_CSR_GLOBAL_ID_Y,
       ISOBAR_CSR_GLOBAL_ID_Z},
      {number(SpecialRegister::kLocalId), ISOBAR_CSR_LOCAL_ID_X, ISOBAR_CSR_LOCAL_ID_Y,
       ISOBAR_CSR_LOCAL_ID_Z},
      {number(SpecialRegister::kGroupId), ISOBAR_CSR_GROUP_ID_X, ISOBAR_CSR_GROUP_ID_Y,
       ISOBAR_CSR_GROUP_ID_Z},
      {number(SpecialRegister::kGlobalSize), ISOBAR_CSR_GLOBAL_SIZE_X, ISOBAR_CSR_GLOBAL_SIZE_Y,
       ISOBAR_CSR_GLOBAL_SIZE_Z},
      {number(SpecialRegister::kLocalSize), ISOBAR_CSR_LOCAL_SIZE_X, ISOBAR_CSR_LOCAL_SIZE_Y,
       ISOBAR_CSR_LOCAL_SIZE_Z},
      {number(SpecialRegister::kEnqueuedLocalSize), ISOBAR_CSR_ENQUEUED_LOCAL_SIZE_X,
       ISOBAR_CSR_ENQUEUED_LOCAL_SIZE_Y, ISOBAR_CSR_ENQUEUED_LOCAL_SIZE_Z},
      {number(SpecialRegister::kNumGroups), ISOBAR_CSR_NUM_GROUPS_X, ISOBAR_CSR_NUM_GROUPS_Y,
       ISOBAR_CSR_NUM_GROUPS_Z},
      {number(SpecialRegister::kGlobalOffset), ISOBAR_CSR_GLOBAL_OFFSET_X,
       ISOBAR_CSR_GLOBAL_OFFSET_Y, ISOBAR_CSR_GLOBAL_OFFSET_Z},
  };
  for (const auto& row : three)
    for (int dimension = 0; dimension < 3; ++dimension)
      EXPECT_EQ(row[0] + dimension, row[1 + dimension]);
  EXPECT_EQ(number(SpecialRegister::kWorkDim), ISOBAR_CSR_WORK_DIM);
  EXPECT_EQ(number(SpecialRegister::kLane), ISOBAR_CSR_LANE);
  EXPECT_EQ(number(SpecialRegister::kWarp), ISOBAR_CSR_WARP);
  EXPECT_EQ(number(SpecialRegister::kNumWarps), ISOBAR_CSR_NUM_WARPS);
  EXPECT_EQ(number(SpecialRegister::kWarpSize), ISOBAR_CSR_WARP_SIZE);
  EXPECT_EQ(number(SpecialRegister::kMaxWarpSize), ISOBAR_CSR_MAX_WARP_SIZE);
  EXPECT_EQ(number(SpecialRegister::kGlobalLinearId), ISOBAR_CSR_GLOBAL_LINEAR_ID);
  EXPECT_EQ(number(SpecialRegister::kLocalLinearId), ISOBAR_CSR_LOCAL_LINEAR_ID);
}

}  // namespace
}  // namespace isobar::compiler
