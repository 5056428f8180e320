// A bottleneck model in the manner of the roofline (Williams, Waterman, Patterson, "Roofline", CACM
// 2009), with one roof per resource. Left out: latencies and their hiding, bank conflicts, cache
// sets, the overlap of one launch's tail with the next launch. Those are the cycle-level machine's.
#include "timing/sampled/first_order.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace isobar::timing {
namespace {

using isa::CostClass;

constexpr std::uint64_t kSectorBytes = 32;

/// Rounded to a picosecond; far above any run, far below overflow of a sum of four.
Picoseconds picoseconds(double seconds) {
  constexpr double kMost = 1e18;  // eleven days
  return Picoseconds(static_cast<std::uint64_t>(std::min(kMost, std::round(seconds * 1e12))));
}

double count(const simt::Counters& counters, CostClass cost) {
  return static_cast<double>(counters.warp_instructions[static_cast<std::size_t>(cost)]);
}

/// Work-groups stay on their core: the busiest one runs ceil(groups / cores) of them, so work
/// spreads over this many cores on average. Between 1 and the number of cores.
double cores_in_use(const chip::Chip& chip, const simt::Counters& counters) {
  const std::uint64_t cores = std::max<std::uint64_t>(1, chip.core.count);
  const std::uint64_t groups = counters.work_groups;
  if (groups == 0) return static_cast<double>(cores);
  const std::uint64_t rounds = groups / cores + (groups % cores == 0 ? 0 : 1);
  return static_cast<double>(groups) / static_cast<double>(rounds);
}

/// The widest of the precisions' pipes, each at its peak, all cores busy: what the ledger's MFU
/// divides by.
double arithmetic_seconds(const chip::Chip& chip, const simt::Counters& counters) {
  return std::max({static_cast<double>(counters.flops_fp16) / chip.peak_fp16().count(),
                   static_cast<double>(counters.flops_fp32) / chip.peak_fp32().count(),
                   static_cast<double>(counters.flops_fp64) / chip.peak_fp64().count()});
}

/// Cycles of one core that had everything to itself: the schedulers issue so many warp instructions
/// per cycle, and each kind of instruction holds its pipe for lanes / (lanes served) cycles.
double issue_cycles(const chip::Chip& chip, const simt::Counters& counters) {
  double all = 0;
  for (const std::uint64_t n : counters.warp_instructions) all += static_cast<double>(n);
  const auto pipe = [&](std::initializer_list<CostClass> classes, std::uint32_t served) {
    double instructions = 0;
    for (const CostClass cost : classes) instructions += count(counters, cost);
    return instructions * chip.core.lanes / served;
  };
  return std::max({
      all / chip.core.schedulers,
      pipe({CostClass::kIntAlu, CostClass::kIntMul, CostClass::kBranch, CostClass::kCrossLane,
            CostClass::kSync, CostClass::kSystem},
           chip.core.integer.lanes),
      pipe({CostClass::kFp16}, chip.core.fp16.lanes),
      pipe({CostClass::kFp32}, chip.core.fp32.lanes),
      pipe({CostClass::kFp64}, chip.core.fp64.lanes),
      pipe({CostClass::kFpSpecial, CostClass::kIntDiv}, chip.core.special.lanes),
      pipe({CostClass::kLoad, CostClass::kStore, CostClass::kAtomic}, chip.core.load_store.lanes),
  });
}

/// Every 32-byte sector a warp instruction touches crosses the second-level cache. It comes from
/// DRAM each time, too, unless all buffers of the launch fit in that cache together: then DRAM
/// moves at most the buffers, once.
double memory_seconds(const chip::Chip& chip, const simt::Counters& counters,
                      std::optional<Bytes> footprint) {
  const double sectors = static_cast<double>(counters.global_sectors) * kSectorBytes;
  const bool cached = footprint && *footprint <= chip.l2.size;
  const double from_dram =
      cached ? std::min(sectors, static_cast<double>(footprint->count())) : sectors;
  const double l2_bandwidth =
      static_cast<double>(chip.l2.bytes_per_cycle.count()) * chip.clock.count();
  return std::max(from_dram / chip.dram.bandwidth.count(), sectors / l2_bandwidth);
}

}  // namespace

KernelTime& KernelTime::operator+=(const KernelTime& other) {
  total += other.total;
  arithmetic += other.arithmetic;
  issue += other.issue;
  local_memory += other.local_memory;
  dram += other.dram;
  launch += other.launch;
  return *this;
}

// The time of a launch is its latency plus the longest of four bounds, each as if it were alone:
//
//   A  arithmetic  FLOPs / peak of the chip, the slowest precision
//   I  issue       the slowest pipe of a core: warp instructions x lanes / lanes served per cycle
//                  (or / schedulers, for all kinds), / cores in use / clock
//   L  local       local-memory bytes / bytes per cycle / cores in use / clock
//   D  DRAM        sectors of 32 bytes through the second-level cache and to DRAM
//
// "Cores in use" is work-groups / ceil(work-groups / cores): 5 groups on 4 cores take the time
// of 8. The longest bound is the time, but it is charged in steps, so that each part is what its
// resource adds to those before it: arithmetic A, issue max(A,I)-A, local max(A,I,L)-max(A,I), DRAM
// the rest. A kernel at peak is all arithmetic; a streaming one is mostly DRAM. Rounded bounds are
// integers, so the parts sum exactly.
KernelTime estimate(const chip::Chip& chip, const simt::Counters& counters,
                    std::optional<Bytes> footprint) {
  const double clock_cores = chip.clock.count() * cores_in_use(chip, counters);
  const Picoseconds arithmetic = picoseconds(arithmetic_seconds(chip, counters));
  const Picoseconds issue =
      std::max(arithmetic, picoseconds(issue_cycles(chip, counters) / clock_cores));
  const double local = static_cast<double>(counters.local_bytes.count()) /
                       static_cast<double>(chip.core.local_bytes_per_cycle.count());
  const Picoseconds with_local = std::max(issue, picoseconds(local / clock_cores));
  const Picoseconds with_dram =
      std::max(with_local, picoseconds(memory_seconds(chip, counters, footprint)));

  KernelTime time;
  time.arithmetic = arithmetic;
  time.issue = issue - arithmetic;
  time.local_memory = with_local - issue;
  time.dram = with_dram - with_local;
  time.launch = picoseconds(chip.launch_latency.count() * static_cast<double>(counters.launches));
  time.total = with_dram + time.launch;
  return time;
}

}  // namespace isobar::timing
