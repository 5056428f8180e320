// The ledger of a training run from invented counters whose shares can be worked out by hand.
#include "ledger/training_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "base/error.h"
#include "ledger/cycle_cause.h"

namespace isobar::ledger {
namespace {

using testing::HasSubstr;

cl_isobar_chip test_chip() {
  cl_isobar_chip chip{};
  std::strcpy(chip.name, "isobar-nano");
  chip.fp32_flops = 1e12;  // one FLOP a picosecond
  chip.lanes = 32;
  return chip;
}

std::uint64_t charge_of(const Cause& cause, std::initializer_list<const char*> path) {
  const Cause* at = &cause;
  for (const char* name : path) {
    const auto child = std::ranges::find(at->children, name, &Cause::name);
    if (child == at->children.end()) return ~std::uint64_t{0};
    at = &*child;
  }
  return at->total();
}

/// 100 warp instructions of full warps: 50 fused multiply-adds, 30 integer, 20 loads.
cl_isobar_kernel_row gemm_row() {
  cl_isobar_kernel_row row{"gemm", {}};
  cl_isobar_counters& c = row.counters;
  c.launches = 1;
  const auto issue = [&](int kind, cl_ulong warps) {
    c.warp_instructions[kind] = warps;
    c.thread_instructions[kind] = warps * 32;
  };
  issue(CL_ISOBAR_CLASS_FP32, 50);
  issue(CL_ISOBAR_CLASS_INT_ALU, 30);
  issue(CL_ISOBAR_CLASS_LOAD, 20);
  c.flops_fp32 = cl_ulong{50} * 32 * 2;
  c.part_arithmetic = 3200;
  c.part_issue = 1000;
  c.part_local_memory = 200;
  c.part_dram = 500;
  c.part_launch = 100;
  c.device_picoseconds = 5000;
  return row;
}

/// The same kernel on the timed machine: 5 ns in 5 cycles of 128 lanes.
cl_isobar_kernel_row timed_row() {
  cl_isobar_kernel_row row = gemm_row();
  cl_isobar_counters& c = row.counters;
  c.part_arithmetic = c.part_issue = c.part_local_memory = c.part_dram = c.part_launch = 0;
  c.device_cycles = 5;
  c.cycle_capacity = 640;
  c.timed_launches = 1;
  c.work_groups = c.timed_work_groups = 8;
  const auto charge = [&](CycleCause cause, cl_ulong slots) {
    c.cycle_charges[static_cast<std::size_t>(cause)] = slots;
  };
  charge(CycleCause::kArithmetic, 320);
  charge(CycleCause::kInteger, 64);
  charge(CycleCause::kDramRow, 128);
  charge(CycleCause::kLaunch, 128);
  return row;
}

TEST(TrainingLedger, TakesTheTreeOfCyclesWhereThereAreCycles) {
  const std::vector rows{timed_row()};
  const TrainingLedger result = ledger_from_training({rows, test_chip(), 2000, 8000});
  EXPECT_TRUE(result.ledger.is_exact());
  const Cause& root = result.ledger.root();
  EXPECT_EQ(charge_of(root, {"idle device"}), 3000U);
  EXPECT_EQ(charge_of(root, {"no warp", "launch"}), 1000U);
  EXPECT_EQ(charge_of(root, {"memory", "DRAM rows"}), 1000U);
  EXPECT_EQ(charge_of(root, {"issued", "integer and address"}), 500U);
  EXPECT_EQ(charge_of(root, {"other arithmetic"}), 500U);
  EXPECT_EQ(charge_of(root, {kUseful}), 2000U);
  EXPECT_DOUBLE_EQ(result.mfu, 0.25);
  EXPECT_THAT(result.ledger.convention().source, HasSubstr("every cycle of every launch"));
}

TEST(TrainingLedger, SaysHowManyWorkGroupsWereTimedAndHowFarTheOthersMayBeOff) {
  std::vector rows{timed_row(), timed_row()};
  rows[1].kernel_name = "other";
  rows[0].counters.timed_work_groups = 6;
  rows[1].counters.timed_launches = rows[1].counters.timed_work_groups = 0;
  rows[1].counters.margin_picoseconds = 500;
  const TrainingLedger result = ledger_from_training({rows, test_chip(), 2000, 10000});
  EXPECT_TRUE(result.ledger.is_exact());
  EXPECT_THAT(result.ledger.convention().source,
              HasSubstr("6 of 16 work-groups of 1 of 2 launches timed"));
  EXPECT_THAT(result.ledger.convention().source, HasSubstr("+-5.0 %"));
}

TEST(TrainingLedger, ChargesEveryPicosecondOnce) {
  const std::vector rows{gemm_row()};
  const TrainingLedger result = ledger_from_training({rows, test_chip(), 2000, 8000});
  const Ledger& ledger = result.ledger;
  EXPECT_TRUE(ledger.is_exact());
  EXPECT_EQ(charge_of(ledger.root(), {"idle device"}), 3000U);
  EXPECT_EQ(charge_of(ledger.root(), {"launch"}), 100U);
  EXPECT_EQ(charge_of(ledger.root(), {"memory", "dram"}), 500U);
  EXPECT_EQ(charge_of(ledger.root(), {"memory", "local memory"}), 200U);
  // Issue time goes by lost slots: 30 integer, 20 loads, and no slot of a fused multiply-add.
  EXPECT_EQ(charge_of(ledger.root(), {"issue", "integer and address"}), 600U);
  EXPECT_EQ(charge_of(ledger.root(), {"issue", "loads and stores"}), 400U);
  EXPECT_EQ(charge_of(ledger.root(), {"issue", "arithmetic that is not fused"}), 0U);
  EXPECT_EQ(charge_of(ledger.root(), {"other arithmetic"}), 1200U);
  EXPECT_EQ(charge_of(ledger.root(), {kUseful}), 2000U);
  EXPECT_DOUBLE_EQ(result.mfu, 0.25);
  EXPECT_EQ(result.credited, 0U);
}

TEST(TrainingLedger, TellsIdleLanesAndUnfusedArithmeticApart) {
  cl_isobar_kernel_row row = gemm_row();
  cl_isobar_counters& c = row.counters;
  // Half the lanes of the integer instructions idle; additions instead of half the fused ones.
  c.thread_instructions[CL_ISOBAR_CLASS_INT_ALU] /= 2;
  c.flops_fp32 = cl_ulong{50} * 32 * 3 / 2;
  const std::vector rows{row};
  const Ledger ledger = ledger_from_training({rows, test_chip(), 0, 5000}).ledger;
  // Lost slots in warps: 15 integer, 20 loads, 12.5 short, 15 idle, of 62.5.
  EXPECT_EQ(charge_of(ledger.root(), {"issue", "integer and address"}), 240U);
  EXPECT_EQ(charge_of(ledger.root(), {"issue", "loads and stores"}), 320U);
  EXPECT_EQ(charge_of(ledger.root(), {"issue", "arithmetic that is not fused"}), 200U);
  EXPECT_EQ(charge_of(ledger.root(), {"issue", "idle lanes"}), 240U);
  EXPECT_TRUE(ledger.is_exact());
}

TEST(TrainingLedger, CreditsWhatTheConventionCountsButNobodyExecuted) {
  const std::vector rows{gemm_row()};
  // 4000 model FLOPs, of which 3200 were executed.
  const TrainingLedger result = ledger_from_training({rows, test_chip(), 4000, 5000});
  EXPECT_TRUE(result.ledger.is_exact());
  EXPECT_EQ(charge_of(result.ledger.root(), {kUseful}), 3200U);
  EXPECT_EQ(charge_of(result.ledger.root(), {"other arithmetic"}), 0U);
  EXPECT_EQ(result.credited, 800U);
  EXPECT_DOUBLE_EQ(result.mfu, 0.8);
}

TEST(TrainingLedger, ShowsKernelsThatTookLongerThanTheStretch) {
  const std::vector rows{gemm_row()};
  const TrainingLedger result = ledger_from_training({rows, test_chip(), 2000, 4000});
  EXPECT_EQ(result.ledger.unattributed(), -1000);
}

TEST(TrainingLedger, OfNothingIsIdle) {
  const TrainingLedger result = ledger_from_training({{}, test_chip(), 0, 77});
  EXPECT_TRUE(result.ledger.is_exact());
  EXPECT_EQ(charge_of(result.ledger.root(), {"idle device"}), 77U);
  EXPECT_TRUE(ledger_from_training({}).ledger.is_exact());
}

TEST(TrainingLedger, NamesItsConventions) {
  const Convention convention = ledger_from_training({{}, test_chip(), 0, 1}).ledger.convention();
  EXPECT_THAT(convention.peak, HasSubstr("fp32 dense, 1 TFLOP/s (isobar-nano)"));
  EXPECT_THAT(convention.flops, HasSubstr("6N + 12 L H Q T"));
  EXPECT_THAT(convention.source, HasSubstr("first-order"));
}

TEST(TrainingLedger, IsExactForAnyCounters) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 2000; ++i) {
    std::vector<cl_isobar_kernel_row> rows(random() % 6, cl_isobar_kernel_row{"k", {}});
    std::uint64_t busy = 0;
    for (cl_isobar_kernel_row& row : rows) {
      cl_isobar_counters& c = row.counters;
      for (int k = 0; k < CL_ISOBAR_CLASS_COUNT; ++k) {
        c.warp_instructions[k] = random() % 1'000'000;
        c.thread_instructions[k] = random() % (32 * c.warp_instructions[k] + 1);
      }
      c.flops_fp32 = random() % 100'000'000;  // more than was issued, sometimes
      for (cl_ulong* part : {&c.part_arithmetic, &c.part_issue, &c.part_local_memory, &c.part_dram,
                             &c.part_launch}) {
        *part = random() >> (16 + random() % 40);
        c.device_picoseconds += *part;
      }
      busy += c.device_picoseconds;
    }
    const std::uint64_t total = busy + random() % 1'000'000;
    ASSERT_TRUE(
        ledger_from_training({rows, test_chip(), random() >> 20U, total}).ledger.is_exact());
  }
}

TEST(TrainingLedger, FlopsThatTakeLongerThanALedgerHoldsAreRefusedWithBothTimes) {
  TrainingRun run{.kernels = {}, .chip = test_chip(), .model_flops = 0, .device_picoseconds = 1};
  run.model_flops = 8'000'000'000'000'000'000;  // as many picoseconds: 93 days
  EXPECT_EQ(ledger_from_training(run).credited, run.model_flops);
  run.chip.fp32_flops = 5e11;
  try {
    (void)ledger_from_training(run);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("1.6e+07 s at isobar-nano's peak of 500 GFLOP/s"));
    EXPECT_THAT(error.what(), HasSubstr("9e+06 s at most"));
  }
}

}  // namespace
}  // namespace isobar::ledger
