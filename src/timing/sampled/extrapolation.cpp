#include "timing/sampled/extrapolation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>
#include <vector>

#include "timing/machine.h"
#include "timing/sampled/sampling.h"

namespace isobar::timing {
namespace {

std::uint64_t dram_bytes(const MemoryEvents& events) {
  return events.dram_read_bytes + events.dram_write_bytes;
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::uint64_t times(std::uint64_t value, double factor) {
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(value) * factor));
}

/// What is not counted without timing, at the rate at which the timed part had it.
void complete(MemoryEvents& events, const MemoryEvents& timed) {
  const double factor = ratio(dram_bytes(events), dram_bytes(timed));
  events.dram_activates = times(timed.dram_activates, factor);
  events.dram_refreshes = times(timed.dram_refreshes, factor);
  events.dram_row_hits = times(timed.dram_row_hits, factor);
  events.dram_row_misses = times(timed.dram_row_misses, factor);
  events.dram_row_conflicts = times(timed.dram_row_conflicts, factor);
}

void complete(LoadStoreEvents& events, const LoadStoreEvents& timed) {
  events.local_cycles =
      times(timed.local_cycles, ratio(events.local_accesses, timed.local_accesses));
}

/// Of a block, in the marks that lie within it.
struct Pace {
  double cycles = 0;  // per warp instruction
  double spread = 0;  // how far the pace may be off for where the marks fall, relative
  double bytes = 0;   // of DRAM per warp instruction
};

Pace pace_between(std::span<const PaceMark> marks) {
  Pace pace;
  const PaceMark &first = marks.front(), &last = marks.back();
  const auto instructions = static_cast<double>(
      std::max<std::uint64_t>(1, last.warp_instructions - first.warp_instructions));
  pace.cycles = static_cast<double>(last.cycle - first.cycle) / instructions;
  pace.bytes = static_cast<double>(last.dram_bytes - first.dram_bytes) / instructions;
  // How far the marks between are from an even pace: the outer ones, which make it, are no better.
  double squares = 0;
  for (const PaceMark& mark : marks.subspan(1, marks.size() - 2)) {
    const double off =
        static_cast<double>(mark.cycle - first.cycle) -
        pace.cycles * static_cast<double>(mark.warp_instructions - first.warp_instructions);
    squares += 2 * off * off;
  }
  const double whole = pace.cycles * instructions;
  if (whole > 0) pace.spread = std::sqrt(squares / static_cast<double>(marks.size() - 2)) / whole;
  return pace;
}

/// A byte more than expected, in cycles: at the peak of DRAM it costs its transfer, far below it
/// next to nothing.
double cycles_of_bytes(double more, double bytes, double cycles, double peak) {
  if (peak <= 0) return 0;
  const double share = cycles > 0 ? std::min(1.0, bytes / cycles / peak) : 0;
  return more * share / peak;
}

}  // namespace

double peak_dram_bytes(const chip::Chip& chip) {
  return chip.dram.bandwidth.count() / chip.clock.count();
}

Estimate whole_launch(const chip::Chip& chip, const LaunchTimes& launch) {
  Estimate whole{totals_of(launch), 0};
  if (launch.gaps.empty()) return whole;
  const std::span<const PaceMark> marks = launch.pace;
  if (marks.size() < (launch.gaps.size() + 1) * kChipFulls - 1)
    throw std::logic_error("a launch with gaps has too few marks of its pace");
  std::vector<Pace> paces;
  for (std::size_t block = 0; block <= launch.gaps.size(); ++block) {
    // Mark i was taken when i + 1 fulls of the chip were handed out; the first and the last of a
    // block are its neighbours' as much as its own.
    const std::size_t begin = block * kChipFulls;
    const std::size_t end = std::min(begin + kChipFulls, marks.size());
    paces.push_back(pace_between(marks.subspan(begin, end - begin)));
  }
  const double peak = peak_dram_bytes(chip);
  Untimed work;
  double more = 0, errors = 0, doubt = 0;
  for (std::size_t gap = 0; gap < launch.gaps.size(); ++gap) {
    const Untimed& skipped = launch.gaps[gap];
    const Pace &before = paces[gap], &behind = paces[gap + 1];
    const auto instructions = static_cast<double>(skipped.warp_instructions);
    const double cycles = instructions * (before.cycles + behind.cycles) / 2;
    const double bytes = instructions * (before.bytes + behind.bytes) / 2;
    const double moved = static_cast<double>(dram_bytes(skipped.memory));
    const double traffic = cycles_of_bytes(moved - bytes, bytes, cycles, peak);
    more += std::max(0.0, cycles + traffic);
    const double error = cycles * std::hypot(before.spread, behind.spread) / 2;
    errors += error * error;
    doubt += instructions * std::abs(before.cycles - behind.cycles) / 2 + std::abs(traffic) / 2 +
             kLeastMargin * cycles;
    work += skipped;
  }
  const double timed = static_cast<double>(whole.totals.cycles.count());
  MemoryEvents moved = work.memory;
  complete(moved, whole.totals.memory);
  LoadStoreEvents first_level = work.first_level;
  complete(first_level, whole.totals.first_level);
  whole.totals = with_time(whole.totals, timed + more);
  whole.totals.warp_instructions += work.warp_instructions;
  whole.totals.memory += moved;
  whole.totals.first_level += first_level;
  whole.margin_cycles = doubt + std::sqrt(errors);
  return whole;
}

Estimate with_traffic(const chip::Chip& chip, const CycleTotals& totals, const Untimed& work) {
  const double peak = peak_dram_bytes(chip);
  const auto cycles = static_cast<double>(totals.cycles.count());
  const auto expected = static_cast<double>(dram_bytes(totals.memory));
  const auto moved = static_cast<double>(dram_bytes(work.memory));
  const double traffic = cycles_of_bytes(moved - expected, std::max(moved, expected), cycles, peak);
  Estimate estimate{with_time(totals, cycles + traffic), std::abs(traffic) / 2};
  estimate.totals.memory = work.memory;
  complete(estimate.totals.memory, totals.memory);
  estimate.totals.first_level = work.first_level;
  complete(estimate.totals.first_level, totals.first_level);
  return estimate;
}

}  // namespace isobar::timing
