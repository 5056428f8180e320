#include "ledger/training_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "ledger/apportion.h"
#include "ledger/cycle_ledger.h"

namespace isobar::ledger {
namespace {

// Where issue slots went that did not do a fused multiply-add at peak.
enum IssueKind : std::uint8_t {
  kInteger,
  kMemoryAccess,
  kBranches,
  kSpecial,
  kShortArithmetic,
  kSynchronisation,
  kIdleLanes,
  kIssueKinds
};
struct IssueName {
  const char* name;
  const char* explanation;
};
constexpr std::array<IssueName, kIssueKinds> kIssueNames{{
    {"integer and address", "add, shift, compare, multiply and divide of integers"},
    {"loads and stores", "issue slots of loads, stores and atomics, not their waiting"},
    {"branches", "branches and jumps"},
    {"divide and square root", "slots of the special unit"},
    {"arithmetic that is not fused",
     "floating-point slots that do less than a multiply and an add: additions, compares, moves, "
     "conversions"},
    {"synchronisation and system", "barriers, fences, shuffles, votes, special registers"},
    {"idle lanes", "lanes of issued warp instructions that were masked off or did not exist"},
}};

std::uint64_t sum_of(const cl_ulong (&counts)[CL_ISOBAR_CLASS_COUNT],
                     std::initializer_list<int> classes) {
  std::uint64_t sum = 0;
  for (const int c : classes) sum += counts[c];
  return sum;
}

/// Lane slots that did something other than fused arithmetic, by kind.
std::array<std::uint64_t, kIssueKinds> lost_slots(const cl_isobar_counters& c, cl_uint lanes) {
  const auto& threads = c.thread_instructions;
  std::array<std::uint64_t, kIssueKinds> slots{};
  slots[kInteger] =
      sum_of(threads, {CL_ISOBAR_CLASS_INT_ALU, CL_ISOBAR_CLASS_INT_MUL, CL_ISOBAR_CLASS_INT_DIV});
  slots[kMemoryAccess] =
      sum_of(threads, {CL_ISOBAR_CLASS_LOAD, CL_ISOBAR_CLASS_STORE, CL_ISOBAR_CLASS_ATOMIC});
  slots[kBranches] = threads[CL_ISOBAR_CLASS_BRANCH];
  slots[kSpecial] = threads[CL_ISOBAR_CLASS_FP_SPECIAL];
  slots[kSynchronisation] =
      sum_of(threads, {CL_ISOBAR_CLASS_CROSS_LANE, CL_ISOBAR_CLASS_SYNC, CL_ISOBAR_CLASS_SYSTEM});

  const std::uint64_t arithmetic =
      sum_of(threads, {CL_ISOBAR_CLASS_FP16, CL_ISOBAR_CLASS_FP32, CL_ISOBAR_CLASS_FP64});
  const std::uint64_t flops = c.flops_fp16 + c.flops_fp32 + c.flops_fp64;
  // A special instruction counts one FLOP; the rest belongs to the arithmetic slots, two each.
  const std::uint64_t fused = (flops - std::min<std::uint64_t>(flops, slots[kSpecial])) / 2;
  slots[kShortArithmetic] = arithmetic - std::min(arithmetic, fused);

  std::uint64_t warps = 0, all = 0;
  for (int i = 0; i < CL_ISOBAR_CLASS_COUNT; ++i) {
    warps += c.warp_instructions[i];
    all += threads[i];
  }
  slots[kIdleLanes] = warps * lanes - std::min<std::uint64_t>(warps * lanes, all);
  return slots;
}

/// Issue time of each kernel by its own mix of lost slots, then summed: exact for each.
std::array<std::uint64_t, kIssueKinds> issue_by_kind(const TrainingRun& run) {
  std::array<std::uint64_t, kIssueKinds> sums{};
  for (const cl_isobar_kernel_row& row : run.kernels) {
    const auto parts = apportion(row.counters.part_issue, lost_slots(row.counters, run.chip.lanes));
    for (std::size_t kind = 0; kind < kIssueKinds; ++kind) sums[kind] += parts[kind];
  }
  return sums;
}

std::string format_flops(double rate) {
  if (rate >= 1e15) return fmt::format("{:.4g} PFLOP/s", rate / 1e15);
  return rate >= 1e12 ? fmt::format("{:.4g} TFLOP/s", rate / 1e12)
                      : fmt::format("{:.4g} GFLOP/s", rate / 1e9);
}

/// Where the simulated time came from, in words.
std::string source_of(const TrainingRun& run, bool by_cycles) {
  if (!by_cycles)
    return "simulated: every instruction counted, timed by the first-order bottleneck model";
  std::uint64_t launches = 0, timed = 0, groups = 0, timed_groups = 0, margin = 0, time = 0;
  for (const cl_isobar_kernel_row& row : run.kernels) {
    launches += row.counters.launches;
    timed += row.counters.timed_launches;
    groups += row.counters.work_groups;
    timed_groups += row.counters.timed_work_groups;
    margin += row.counters.margin_picoseconds;
    time += row.counters.device_picoseconds;
  }
  if (timed_groups == groups) return "simulated: every cycle of every launch";
  return fmt::format(
      "simulated: {} of {} work-groups of {} of {} launches timed, the others extrapolated "
      "(time +-{:.1f} %)",
      timed_groups, groups, timed, launches,
      time > 0 ? 100 * static_cast<double>(margin) / static_cast<double>(time) : 0);
}

Convention convention_of(const TrainingRun& run, bool by_cycles) {
  return {source_of(run, by_cycles), run.flops_convention,
          fmt::format("fp32 dense, {} ({})", format_flops(run.chip.fp32_flops), run.chip.name),
          "ps x chip"};
}

constexpr char kOtherArithmetic[] =
    "executed FLOPs the convention does not count: optimiser, normalisation, softmax, other "
    "precisions";

void charge_issue(Ledger& ledger, const TrainingRun& run) {
  const auto kinds = issue_by_kind(run);
  for (std::size_t kind = 0; kind < kIssueKinds; ++kind)
    ledger.charge({"issue", kIssueNames[kind].name}, kinds[kind], kIssueNames[kind].explanation);
}

/// The first-order model's charges, outermost loss first; gives the useful time of `at_peak`.
std::uint64_t charge_first_order(Ledger& ledger, const TrainingRun& run, std::uint64_t at_peak) {
  std::uint64_t arithmetic = 0, local = 0, dram = 0, launch = 0;
  for (const cl_isobar_kernel_row& row : run.kernels) {
    arithmetic += row.counters.part_arithmetic;
    local += row.counters.part_local_memory;
    dram += row.counters.part_dram;
    launch += row.counters.part_launch;
  }
  const std::uint64_t useful = std::min(at_peak, arithmetic);
  ledger.charge({"launch"}, launch, "launches x the chip's launch latency");
  ledger.charge({"memory", "dram"}, dram,
                "what 32-byte sectors take through L2 and DRAM beyond the bounds above it");
  ledger.charge({"memory", "local memory"}, local,
                "what local-memory bytes take beyond arithmetic and issue");
  charge_issue(ledger, run);
  ledger.charge({"other arithmetic"}, arithmetic - useful, kOtherArithmetic);
  return useful;
}

/// Each kernel's picoseconds by the charges of its cycles, summed: exact for each.
CycleCharges picoseconds_by_cause(const TrainingRun& run) {
  CycleCharges sums{};
  for (const cl_isobar_kernel_row& row : run.kernels) {
    const auto parts = apportion(row.counters.device_picoseconds, row.counters.cycle_charges);
    for (std::size_t i = 0; i < kCycleCauses; ++i) sums[i] += parts[i];
  }
  return sums;
}

/// The timed machine's charges. Useful time comes out of arithmetic issue slots, and where a chip
/// issues more lanes than its pipes take, out of waiting for those pipes.
std::uint64_t charge_timed(Ledger& ledger, const TrainingRun& run, std::uint64_t at_peak) {
  CycleCharges parts = picoseconds_by_cause(run);
  std::uint64_t useful = 0;
  for (const CycleCause cause : {CycleCause::kArithmetic, CycleCause::kPipeFp32,
                                 CycleCause::kPipeFp16, CycleCause::kPipeFp64}) {
    std::uint64_t& part = parts[static_cast<std::size_t>(cause)];
    const std::uint64_t taken = std::min(at_peak - useful, part);
    useful += taken;
    part -= taken;
  }
  std::uint64_t& other = parts[static_cast<std::size_t>(CycleCause::kArithmetic)];
  const std::uint64_t other_arithmetic = std::exchange(other, 0);
  charge_cycles(ledger, parts);
  ledger.charge({"other arithmetic"}, other_arithmetic, kOtherArithmetic);
  return useful;
}

/// What the run's FLOPs take at the chip's peak; 0 where it has none.
std::uint64_t picoseconds_at_peak(const TrainingRun& run) {
  const double peak = run.chip.fp32_flops;
  if (!(peak > 0)) return 0;
  constexpr double kMost = 9e18;  // below 2^63: 104 days
  const auto flops = static_cast<double>(run.model_flops);
  const double picoseconds = flops / peak * 1e12;
  if (!(picoseconds <= kMost))
    fail("{:.3g} model FLOPs take {:.3g} s at {}'s peak of {}, and a ledger holds {:.3g} s at most",
         flops, flops / peak, run.chip.name, format_flops(peak), kMost * 1e-12);
  return static_cast<std::uint64_t>(std::llround(picoseconds));
}

}  // namespace

TrainingLedger ledger_from_training(const TrainingRun& run) {
  // [1] What the stretch was made of: kernels, and time in which none ran.
  std::uint64_t busy = 0;
  bool by_cycles = !run.kernels.empty();
  for (const cl_isobar_kernel_row& row : run.kernels) {
    busy += row.counters.device_picoseconds;
    by_cycles &= row.counters.device_cycles > 0;
  }
  const std::uint64_t at_peak = picoseconds_at_peak(run);

  // [2] Charges, outermost loss first, so that the waterfall ends at the useful share: the
  // convention's FLOPs at peak, as far as they were executed at all.
  TrainingLedger result{Ledger(run.device_picoseconds, convention_of(run, by_cycles)), 0, 0};
  result.ledger.charge({"idle device"},
                       run.device_picoseconds - std::min(run.device_picoseconds, busy),
                       "between commands of the queue, and copies to and from the host");
  const std::uint64_t useful = by_cycles ? charge_timed(result.ledger, run, at_peak)
                                         : charge_first_order(result.ledger, run, at_peak);
  result.ledger.charge({kUseful}, useful, "model FLOPs by the convention / peak");
  result.credited = at_peak - useful;
  if (run.device_picoseconds > 0)
    result.mfu = static_cast<double>(at_peak) / static_cast<double>(run.device_picoseconds);
  return result;
}

}  // namespace isobar::ledger
