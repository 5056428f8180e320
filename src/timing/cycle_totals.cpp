#include "timing/cycle_totals.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ledger/apportion.h"
#include "timing/machine.h"

namespace isobar::timing {
namespace {

bool is_once_per_launch(std::size_t cause) {
  return cause == static_cast<std::size_t>(Cause::kLaunch) ||
         cause == static_cast<std::size_t>(Cause::kTail);
}

std::uint64_t times(std::uint64_t value, double factor) {
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(value) * factor));
}

LoadStoreEvents times(const LoadStoreEvents& e, double f) {
  return {times(e.l1_sector_hits, f), times(e.l1_sector_misses, f), times(e.l1_lines, f),
          times(e.l1_bytes, f),       times(e.local_bytes, f),      times(e.local_cycles, f),
          times(e.local_accesses, f)};
}

MemoryEvents times(const MemoryEvents& e, double f) {
  MemoryEvents out;
  out.network_bytes = times(e.network_bytes, f);
  out.l2_reads = times(e.l2_reads, f);
  out.l2_writes = times(e.l2_writes, f);
  out.l2_atomics = times(e.l2_atomics, f);
  out.l2_hits = times(e.l2_hits, f);
  out.l2_misses = times(e.l2_misses, f);
  out.dram_read_bytes = times(e.dram_read_bytes, f);
  out.dram_write_bytes = times(e.dram_write_bytes, f);
  out.dram_activates = times(e.dram_activates, f);
  out.dram_refreshes = times(e.dram_refreshes, f);
  out.dram_row_hits = times(e.dram_row_hits, f);
  out.dram_row_misses = times(e.dram_row_misses, f);
  out.dram_row_conflicts = times(e.dram_row_conflicts, f);
  return out;
}

/// Everything times `factor`, but for the cycles; the charges are apportioned by `weights`.
CycleTotals with_cycles(const CycleTotals& totals, double cycles, const CauseCharges& weights,
                        double factor) {
  CycleTotals out;
  out.cycles = Cycles(static_cast<std::uint64_t>(std::llround(cycles)));
  if (totals.cycles.count() > 0)
    out.capacity = out.cycles.count() * (totals.capacity / totals.cycles.count());
  out.warp_instructions = times(totals.warp_instructions, factor);
  out.resident_warp_cycles = times(totals.resident_warp_cycles, factor);
  out.first_level = times(totals.first_level, factor);
  out.memory = times(totals.memory, factor);
  std::ranges::copy(ledger::apportion(out.capacity, weights), out.charges.begin());
  return out;
}

}  // namespace

CycleTotals& CycleTotals::operator+=(const CycleTotals& other) {
  cycles += other.cycles;
  capacity += other.capacity;
  for (std::size_t i = 0; i < kCauses; ++i) charges[i] += other.charges[i];
  warp_instructions += other.warp_instructions;
  resident_warp_cycles += other.resident_warp_cycles;
  first_level += other.first_level;
  memory += other.memory;
  return *this;
}

std::uint64_t CycleTotals::charged() const {
  return std::accumulate(charges.begin(), charges.end(), std::uint64_t{0});
}

CycleTotals totals_of(const LaunchTimes& times) {
  return {times.cycles(),
          times.capacity,
          times.charges,
          times.warp_instructions,
          times.resident_warp_cycles,
          times.first_level,
          times.memory};
}

double fixed_cycles(const CycleTotals& totals) {
  if (totals.capacity == 0) return 0;
  std::uint64_t fixed = 0;
  for (std::size_t i = 0; i < kCauses; ++i)
    if (is_once_per_launch(i)) fixed += totals.charges[i];
  return static_cast<double>(totals.cycles.count()) * static_cast<double>(fixed) /
         static_cast<double>(totals.capacity);
}

CycleTotals scaled(const CycleTotals& totals, std::uint64_t warp_instructions) {
  if (totals.warp_instructions == warp_instructions || totals.warp_instructions == 0) return totals;
  const double factor =
      static_cast<double>(warp_instructions) / static_cast<double>(totals.warp_instructions);
  const double fixed = fixed_cycles(totals);
  const double working = static_cast<double>(totals.cycles.count()) - fixed;
  CauseCharges weights{};
  for (std::size_t i = 0; i < kCauses; ++i)
    weights[i] = is_once_per_launch(i) ? totals.charges[i] : times(totals.charges[i], factor);
  return with_cycles(totals, fixed + working * factor, weights, factor);
}

CycleTotals with_time(const CycleTotals& totals, double cycles) {
  const double fixed = fixed_cycles(totals);
  const double working = static_cast<double>(totals.cycles.count()) - fixed;
  const double factor = working > 0 ? std::max(0.0, cycles - fixed) / working : 1;
  CauseCharges weights{};
  for (std::size_t i = 0; i < kCauses; ++i)
    weights[i] = is_once_per_launch(i) ? totals.charges[i] : times(totals.charges[i], factor);
  CycleTotals out = with_cycles(totals, std::max(cycles, 0.0), weights, 1);
  out.resident_warp_cycles = times(totals.resident_warp_cycles, factor);
  return out;
}

CycleTotals mean(const CycleTotals& sum, std::uint64_t count) {
  const double share = 1 / static_cast<double>(count);
  return with_cycles(sum, static_cast<double>(sum.cycles.count()) * share, sum.charges, share);
}

}  // namespace isobar::timing
