// The account of energy against sums done by hand.
#include "timing/energy.h"

#include <gtest/gtest.h>

#include "chip/chip.h"

namespace isobar::timing {
namespace {

chip::Chip described() {
  chip::Chip chip = chip::read_chip(std::string(ISOBAR_SOURCE_DIR) + "/chips/isobar-nano.toml");
  chip.energy = {};
  return chip;
}

TEST(Energy, EachEventCostsWhatTheChipFileSays) {
  chip::Chip chip = described();
  chip.energy.fp32_op = Joules(2e-12);
  chip.energy.int_op = Joules(3e-12);
  chip.energy.registers = Joules(5e-12);
  chip.energy.instruction = Joules(100e-12);
  chip.energy.l2_byte = Joules(7e-12);
  chip.energy.dram_byte = Joules(11e-12);
  chip.energy.static_power = Watts(4);
  simt::Counters counters;
  const auto fp32 = static_cast<std::size_t>(isa::CostClass::kFp32);
  const auto load = static_cast<std::size_t>(isa::CostClass::kLoad);
  counters.warp_instructions[fp32] = 10;
  counters.thread_instructions[fp32] = 320;
  counters.warp_instructions[load] = 1;
  counters.thread_instructions[load] = 20;
  CycleTotals cycles;
  cycles.memory.l2_reads = 3;
  cycles.memory.dram_read_bytes = 64;
  cycles.memory.dram_write_bytes = 32;
  const Energy energy = energy_of(chip, counters, cycles, Picoseconds(1000));
  EXPECT_EQ(energy.of(EnergyPart::kArithmetic), 320U * 2 + 20 * 3);
  EXPECT_EQ(energy.of(EnergyPart::kRegisters), 340U * 5);
  EXPECT_EQ(energy.of(EnergyPart::kInstructions), 1100U);
  EXPECT_EQ(energy.of(EnergyPart::kL2), 3U * 32 * 7);
  EXPECT_EQ(energy.of(EnergyPart::kDram), 96U * 11);
  EXPECT_EQ(energy.of(EnergyPart::kStatic), 4000U) << "4 W for a nanosecond";
  EXPECT_EQ(energy.of(EnergyPart::kLocalMemory), 0U);
  EXPECT_EQ(energy.total(), 700U + 1700 + 1100 + 672 + 1056 + 4000);
}

TEST(Energy, AChipThatDescribesNoneHasNone) {
  const chip::Chip chip = described();
  simt::Counters counters;
  counters.thread_instructions.fill(1000);
  EXPECT_FALSE(chip.energy.is_described());
  EXPECT_EQ(energy_of(chip, counters, {}, Picoseconds(1000000)).total(), 0U);
  EXPECT_TRUE(chip::find_chip("isobar-1").energy.is_described());
}

}  // namespace
}  // namespace isobar::timing
