#include "timing/energy.h"

#include <cmath>
#include <numeric>

namespace isobar::timing {
namespace {

using isa::CostClass;

constexpr double kPicojoulesPerJoule = 1e12;

std::uint64_t picojoules(double joules) {
  return static_cast<std::uint64_t>(std::llround(joules * kPicojoulesPerJoule));
}
std::uint64_t picojoules(std::uint64_t events, Joules each) {
  return picojoules(static_cast<double>(events) * each.count());
}

Joules energy_of_lane(const chip::Energy& energy, CostClass cost) {
  switch (cost) {
    case CostClass::kIntMul:
      return energy.multiply_op;
    case CostClass::kIntDiv:
    case CostClass::kFpSpecial:
      return energy.special_op;
    case CostClass::kFp16:
      return energy.fp16_op;
    case CostClass::kFp32:
      return energy.fp32_op;
    case CostClass::kFp64:
      return energy.fp64_op;
    default:
      return energy.int_op;
  }
}

}  // namespace

Energy& Energy::operator+=(const Energy& other) {
  for (std::size_t i = 0; i < kEnergyParts; ++i) picojoules[i] += other.picojoules[i];
  return *this;
}

std::uint64_t Energy::total() const {
  return std::accumulate(picojoules.begin(), picojoules.end(), std::uint64_t{0});
}

Energy energy_of(const chip::Chip& chip, const simt::Counters& counters, const CycleTotals& cycles,
                 Picoseconds time) {
  const chip::Energy& each = chip.energy;
  Energy sum;
  const auto set = [&](EnergyPart part, std::uint64_t value) {
    sum.picojoules[static_cast<std::size_t>(part)] = value;
  };
  double arithmetic = 0;
  for (std::size_t c = 0; c < simt::kClasses; ++c)
    arithmetic += static_cast<double>(counters.thread_instructions[c]) *
                  energy_of_lane(each, static_cast<CostClass>(c)).count();
  const MemoryEvents& memory = cycles.memory;
  const std::uint64_t l2_sectors = memory.l2_reads + memory.l2_writes + memory.l2_atomics;
  set(EnergyPart::kInstructions, picojoules(counters.total_warp_instructions(), each.instruction));
  set(EnergyPart::kArithmetic, picojoules(arithmetic));
  set(EnergyPart::kRegisters, picojoules(counters.total_thread_instructions(), each.registers));
  set(EnergyPart::kLocalMemory, picojoules(cycles.first_level.local_bytes, each.local_byte));
  set(EnergyPart::kL1, picojoules(cycles.first_level.l1_bytes, each.l1_byte));
  set(EnergyPart::kL2, picojoules(l2_sectors * chip.l2.sector.count(), each.l2_byte));
  set(EnergyPart::kNetwork, picojoules(memory.network_bytes, each.network_byte));
  set(EnergyPart::kDram,
      picojoules(memory.dram_read_bytes + memory.dram_write_bytes, each.dram_byte));
  set(EnergyPart::kStatic,
      picojoules(static_cast<double>(time.count()) * 1e-12 * each.static_power.count()));
  return sum;
}

}  // namespace isobar::timing
