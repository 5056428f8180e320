// Section `sampled-memory` of suite `timing`: sampled against timed fidelity on programs that use
// memory in different ways (bench/timing/memory_cases.h), on chips with caches so small that short
// kernels overflow them. Time, bytes of DRAM read and written, energy, and whether the margin that
// sampled fidelity prints holds its error.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/file/paths.h"
#include "bench/timed_run.h"
#include "bench/timing/memory_cases.h"
#include "bench/timing/suite_timing_sections.h"
#include "nn/device.h"

namespace isobar::bench {
namespace {

struct SmallChip {
  const char* name;      // of a file beside the kernels
  std::uint64_t l1, l2;  // bytes, of all cores
  std::size_t every;     // cases that run on it: one in so many
};
constexpr std::array<SmallChip, 2> kChips{
    {{"small-caches", 64 << 10, 256 << 10, 1}, {"small-write-back", 32 << 10, 128 << 10, 3}}};

constexpr double kMeanTime = 3, kWorstTime = 8, kMeanBytes = 5, kHolds = 90;  // bars, percent
constexpr std::size_t kQuick = 6;  // of the cases, in a short run: one in so many
// Less than this much DRAM traffic is compared with it.
constexpr double kLeastBytes = 16 << 10;

/// A program's kernels together.
struct Totals {
  double seconds = 0, margin = 0, read = 0, written = 0, joules = 0, groups = 0, timed_groups = 0;
  double unattributed = 0;
};

Totals simulate(const SmallChip& chip, const std::string& fidelity, const std::string& name) {
  const auto file = share_directory() / "bench" / fmt::format("{}.toml", chip.name);
  const std::string what = fmt::format("{}:{}:{}", chip.l1, chip.l2, name);
  Totals sum;
  for (const TimedKernel& kernel : run_timed({.chip = file.string(),
                                              .fidelity = fidelity,
                                              .client = "timing-memory-client",
                                              .what = what})) {
    sum.seconds += kernel.seconds;
    sum.margin += kernel.margin_seconds;
    sum.read += static_cast<double>(kernel.dram_read_bytes);
    sum.written += static_cast<double>(kernel.dram_write_bytes);
    sum.joules += kernel.joules;
    sum.groups += static_cast<double>(kernel.work_groups);
    sum.timed_groups += static_cast<double>(kernel.timed_work_groups);
    sum.unattributed += std::abs(static_cast<double>(kernel.unattributed));
  }
  return sum;
}

double percent_off(double value, double truth, double least = 0) {
  return 100 * std::abs(value - truth) / std::max({truth, least, 1e-30});
}

/// Errors of all cases so far, in percent.
struct Errors {
  double time = 0, worst_time = 0, bytes = 0, worst_bytes = 0, energy = 0, unattributed = 0;
  double cases = 0, held = 0;

  void add(const Totals& sampled, const Totals& timed) {
    const double off = percent_off(sampled.seconds, timed.seconds);
    const double moved =
        percent_off(sampled.read + sampled.written, timed.read + timed.written, kLeastBytes);
    time += off;
    worst_time = std::max(worst_time, off);
    bytes += moved;
    worst_bytes = std::max(worst_bytes, moved);
    energy += percent_off(sampled.joules, timed.joules);
    unattributed += sampled.unattributed + timed.unattributed;
    cases += 1;
    held += std::abs(sampled.seconds - timed.seconds) <= sampled.margin ? 1 : 0;
  }
};

void print_case(const std::string& name, const Totals& sampled, const Totals& timed,
                Printer& printer) {
  const auto row = [&](const char* what, double value, const char* unit, double truth) {
    Row row{"timing", fmt::format("{}: {}", name, what), value, unit, "timed", truth};
    if (truth != 0) row.ratio = value / truth;
    printer.print(row);
  };
  row("time", sampled.seconds * 1e6, "us", timed.seconds * 1e6);
  row("DRAM read", sampled.read / 1e3, "kB", timed.read / 1e3);
  row("DRAM written", sampled.written / 1e3, "kB", timed.written / 1e3);
  const double error = percent_off(sampled.seconds, timed.seconds);
  const double margin = 100 * sampled.margin / sampled.seconds;
  printer.print({"timing",
                 fmt::format("{}: margin, {:.0f} of {:.0f} work-groups timed", name,
                             sampled.timed_groups, sampled.groups),
                 margin, "%", margin >= error ? "error, held" : "error, NOT held", error});
}

}  // namespace

int run_timing_memory(const Options& options, Printer& printer) {
  Errors errors;
  for (const SmallChip& chip : kChips) {
    const std::vector<MemoryCase> cases = memory_cases(chip.l1, chip.l2);
    for (std::size_t i = 0; i < cases.size(); i += chip.every * (options.quick ? kQuick : 1)) {
      const Totals timed = simulate(chip, "timed", cases[i].name);
      const Totals sampled = simulate(chip, "sampled", cases[i].name);
      print_case(fmt::format("{}, {}", chip.name, cases[i].name), sampled, timed, printer);
      errors.add(sampled, timed);
    }
  }
  const double n = errors.cases;
  const double held = 100 * errors.held / n;
  printer.print({"timing", "sampled memory, cases", n, "programs"});
  printer.print({"timing", "sampled memory, mean error of time (bar: 3)", errors.time / n, "%"});
  printer.print({"timing", "sampled memory, worst error of time (bar: 8)", errors.worst_time, "%"});
  printer.print(
      {"timing", "sampled memory, mean error of DRAM bytes (bar: 5)", errors.bytes / n, "%"});
  printer.print({"timing", "sampled memory, worst error of DRAM bytes", errors.worst_bytes, "%"});
  printer.print({"timing", "sampled memory, mean error of energy", errors.energy / n, "%"});
  printer.print({"timing", "sampled memory, margins that hold (bar: 90)", held, "%"});
  printer.print({"timing", "ledger, lane-slots unattributed", errors.unattributed, "lane-slots"});
  const bool good = errors.time / n <= kMeanTime && errors.worst_time <= kWorstTime &&
                    errors.bytes / n <= kMeanBytes && held >= kHolds && errors.unattributed == 0;
  return good ? 0 : 1;
}

/// `what`: bytes of the two levels and the case's name, as "65536:262144:stream, beyond".
void run_timing_memory_client(const std::string& what) {
  const std::size_t first = what.find(':'), second = what.find(':', first + 1);
  if (second == std::string::npos) fail("--only {}: L1:L2:CASE is meant", what);
  const auto cases = memory_cases(std::strtoull(what.c_str(), nullptr, 10),
                                  std::strtoull(what.c_str() + first + 1, nullptr, 10));
  const auto found = std::ranges::find(cases, what.substr(second + 1), &MemoryCase::name);
  if (found == cases.end()) fail("--only {}: there is no such case", what);
  Session session(nn::choose_device("isobar"));
  run_memory_case(*found, session);
}

}  // namespace isobar::bench
