// Energy of training: kernels, and the static power between them.
#include "ledger/training_energy.h"

#include <gtest/gtest.h>

namespace isobar::ledger {
namespace {

TEST(TrainingEnergy, IsWhatKernelsTookAndWhatTheChipDrewBetweenThem) {
  cl_isobar_chip chip{};
  chip.describes_energy = 1;
  chip.static_watts = 10;
  cl_isobar_kernel_row row{"k", {}};
  row.counters.cycle_capacity = 1;
  row.counters.device_picoseconds = 600'000'000'000;  // 0.6 s
  row.counters.energy_picojoules[CL_ISOBAR_ENERGY_STATIC] = 6'000'000'000'000;
  row.counters.energy_picojoules[CL_ISOBAR_ENERGY_DRAM] = 20'000'000'000'000;
  const std::array rows{row};
  ASSERT_TRUE(has_energy(rows, chip));
  const TrainingEnergy energy = training_energy(rows, chip, 1'000'000'000'000, 100);
  EXPECT_DOUBLE_EQ(energy.joules[CL_ISOBAR_ENERGY_STATIC], 10) << "10 W for the whole second";
  EXPECT_DOUBLE_EQ(energy.total(), 30);
  EXPECT_DOUBLE_EQ(energy.watts(), 30);
  EXPECT_DOUBLE_EQ(energy.joules_per_token(), 0.3);
}

TEST(TrainingEnergy, NeedsAChipThatDescribesItAndTimedKernels) {
  cl_isobar_chip chip{};
  cl_isobar_kernel_row row{"k", {}};
  row.counters.cycle_capacity = 1;
  EXPECT_FALSE(has_energy(std::array{row}, chip));
  chip.describes_energy = 1;
  row.counters.cycle_capacity = 0;
  EXPECT_FALSE(has_energy(std::array{row}, chip));
}

}  // namespace
}  // namespace isobar::ledger
