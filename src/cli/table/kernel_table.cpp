#include "cli/table/kernel_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include "cli/table/hot_table.h"
#include "cli/table/text_table.h"
#include "ledger/cycle_ledger.h"

namespace isobar::cli {
namespace {

using Row = device::KernelSums::Row;

constexpr std::ptrdiff_t kDramColumn = 6;  // behind the sectors

bool has_cycles(const device::Profile& profile) {
  return profile.kernels.front().stats.cycles.capacity > 0;
}

std::string main_table(const device::Profile& profile, Picoseconds total, std::size_t columns) {
  // What warps ask of global memory, in whole sectors, and what of it DRAM really moved: between
  // the two stand the caches, which only the timed machine has.
  const bool by_cycles = has_cycles(profile);
  std::vector<Cells> rows{{"kernel", "launches", "thread instr", "SIMD %", "global B", "sectors B",
                           "local B", "private B", "time ms", "share %"}};
  if (by_cycles) rows.front().insert(rows.front().begin() + kDramColumn, "DRAM B");
  for (const Row& row : profile.kernels) {
    const simt::Counters& c = row.stats.counters;
    constexpr std::uint64_t kSectorBytes = 32;
    const double share = total.count() == 0 ? 0
                                            : 100.0 * static_cast<double>(row.stats.time.count()) /
                                                  static_cast<double>(total.count());
    rows.push_back({row.kernel, std::to_string(c.launches), scaled(c.total_thread_instructions()),
                    fmt::format("{:.1f}", 100 * c.simd_efficiency()),
                    scaled((c.global_load_bytes + c.global_store_bytes).count()),
                    scaled(c.global_sectors * kSectorBytes), scaled(c.local_bytes.count()),
                    scaled(c.private_bytes.count()), milliseconds(row.stats.time),
                    fmt::format("{:.1f}", share)});
    if (by_cycles)
      rows.back().insert(rows.back().begin() + kDramColumn,
                         scaled(device::roofline_point(row).dram_bytes));
  }
  return lay_out(rows, columns);
}

/// Only the classes that occur.
std::string class_table(const device::Profile& profile, std::size_t columns) {
  std::array<std::uint64_t, simt::kClasses> sums{};
  for (const Row& row : profile.kernels)
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums.at(i) += row.stats.counters.thread_instructions.at(i);
  std::vector<Cells> rows{{"kernel"}};
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (sums.at(i) > 0) rows.front().push_back(device::class_names()[i]);
  for (const Row& row : profile.kernels) {
    Cells cells{row.kernel};
    for (std::size_t i = 0; i < sums.size(); ++i)
      if (sums.at(i) > 0) cells.push_back(scaled(row.stats.counters.thread_instructions.at(i)));
    rows.push_back(std::move(cells));
  }
  return "thread instructions by class\n" + lay_out(rows, columns);
}

std::string first_order_table(const device::Profile& profile, std::size_t columns) {
  std::vector<Cells> rows{
      {"kernel", "arithmetic", "issue", "local memory", "dram", "launch", "total"}};
  for (const Row& row : profile.kernels) {
    const timing::KernelTime& t = row.stats.first_order;
    rows.push_back({row.kernel, milliseconds(t.arithmetic), milliseconds(t.issue),
                    milliseconds(t.local_memory), milliseconds(t.dram), milliseconds(t.launch),
                    milliseconds(t.total)});
  }
  return "simulated time by part, ms (first-order model)\n" + lay_out(rows, columns);
}

/// Shares of the issue slots by group of causes.
std::string cycle_table(const device::Profile& profile, std::size_t columns) {
  std::vector<Cells> rows{{"kernel", "cycles", "warp instr", "IPC"}};
  for (const std::string_view group : ledger::cycle_groups())
    rows.front().push_back(fmt::format("{} %", group));
  for (const Row& row : profile.kernels) {
    const timing::CycleTotals& t = row.stats.cycles;
    const auto cycles = static_cast<double>(std::max<std::uint64_t>(t.cycles.count(), 1));
    Cells cells{row.kernel, scaled(t.cycles.count()), scaled(t.warp_instructions),
                fmt::format("{:.3f}", static_cast<double>(t.warp_instructions) / cycles)};
    for (const std::string_view group : ledger::cycle_groups()) {
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < ledger::kCycleCauses; ++i)
        if (ledger::name(static_cast<ledger::CycleCause>(i)).group == group) sum += t.charges.at(i);
      cells.push_back(
          fmt::format("{:.1f}", 100.0 * static_cast<double>(sum) /
                                    static_cast<double>(std::max<std::uint64_t>(t.capacity, 1))));
    }
    rows.push_back(std::move(cells));
  }
  return "where the issue slots went\n" + lay_out(rows, columns);
}

/// Where each kernel stands under the chip's roofline.
std::string roofline_table(const device::Profile& profile, std::size_t columns) {
  std::vector<Cells> rows{{"kernel", "FLOP", "DRAM B", "FLOP/B", "FLOP/s", "DRAM B/s",
                           "roof FLOP/s", "under", "of it %"}};
  for (const Row& row : profile.kernels) {
    const ledger::RooflinePoint point = device::roofline_point(row);
    const bool memory = point.is_under_memory_roof(profile.roofs);
    rows.push_back({row.kernel, scaled(point.flops()), scaled(point.dram_bytes),
                    point.dram_bytes == 0 ? "-" : fmt::format("{:.3g}", point.intensity()),
                    scaled(point.flops_per_second()), scaled(point.bytes_per_second()),
                    scaled(point.roof(profile.roofs)), memory ? "memory" : "arithmetic",
                    fmt::format("{:.1f}", 100 * point.reached(profile.roofs))});
  }
  return fmt::format("roofline ({}FLOP/s single precision, {}B/s DRAM)\n",
                     scaled(profile.roofs.fp32_flops),
                     scaled(profile.roofs.dram_bytes_per_second)) +
         lay_out(rows, columns);
}

std::string energy_table(const device::Profile& profile, std::size_t columns) {
  if (!profile.describes_energy)
    return fmt::format("energy: not described ({} has no [energy] in its chip file)\n",
                       profile.chip);
  std::vector<Cells> rows{{"kernel", "mJ", "W", "pJ/instr"}};
  for (std::size_t i = 0; i < timing::kEnergyParts; ++i)
    rows.front().push_back(fmt::format("{} %", ledger::name(static_cast<ledger::EnergyPart>(i))));
  for (const Row& row : profile.kernels) {
    const timing::Energy& energy = row.stats.energy;
    const auto total = static_cast<double>(energy.total());
    const auto picoseconds =
        static_cast<double>(std::max<std::uint64_t>(row.stats.time.count(), 1));
    const auto instructions = static_cast<double>(
        std::max<std::uint64_t>(row.stats.counters.total_thread_instructions(), 1));
    Cells cells{row.kernel, fmt::format("{:.4g}", total * 1e-9),
                fmt::format("{:.3g}", total / picoseconds),
                fmt::format("{:.3g}", total / instructions)};
    for (const std::uint64_t part : energy.picojoules)
      cells.push_back(
          fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / std::max(total, 1.0)));
    rows.push_back(std::move(cells));
  }
  return "energy (pJ per thread instruction, static power included)\n" + lay_out(rows, columns);
}

/// In words, where the times come from.
std::string source_of(const device::Profile& profile) {
  device::KernelStats sum;
  for (const Row& row : profile.kernels) sum += row.stats;
  if (sum.timed_launches == 0) return "first-order model";
  if (sum.timed_groups == sum.counters.work_groups) return "every cycle of every launch";
  return fmt::format(
      "{} of {} work-groups of {} of {} launches timed, the others extrapolated, +-{:.1f} %",
      sum.timed_groups, sum.counters.work_groups, sum.timed_launches, sum.counters.launches,
      100 * static_cast<double>(sum.margin.count()) /
          static_cast<double>(std::max<std::uint64_t>(sum.time.count(), 1)));
}

/// Launches that had not ended when their process did.
std::string still_running(const device::Profile& profile) {
  std::string text;
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  for (const device::RunningLaunch& each : profile.running)
    text += fmt::format(
        "isobar run: kernel {} had run for {:.1f} s and not ended when the program did\n",
        shortened(each.kernel),
        static_cast<double>(now.count() - static_cast<std::int64_t>(each.since_nanoseconds)) *
            1e-9);
  return text;
}

}  // namespace

std::string kernel_table(const device::Profile& profile, bool detailed, std::size_t columns) {
  if (profile.kernels.empty())
    return still_running(profile) + (profile.running.empty()
                                         ? "isobar run: the program launched no kernel\n"
                                         : "isobar run: no kernel ran to its end\n");
  Picoseconds total;
  std::uint64_t host = 0;
  for (const Row& row : profile.kernels) {
    total += row.stats.time;
    host += row.stats.host_nanoseconds;
  }
  std::string text =
      fmt::format("\nkernels on {} (simulated time: {})\n", profile.chip, source_of(profile));
  text += main_table(profile, total, columns);
  text += fmt::format("  simulated {} ms in {:.2f} s of this host\n", milliseconds(total),
                      static_cast<double>(host) * 1e-9);
  text +=
      "  The program's own clocks show this host's time, so a rate that it prints from them is "
      "the\n"
      "  simulation's; profiling events and this table have the chip's.\n";
  text += "\n" + class_table(profile, columns);
  const bool by_cycles = has_cycles(profile);
  if (by_cycles) text += "\n" + cycle_table(profile, columns);
  if (by_cycles && detailed)
    text += "\n" + roofline_table(profile, columns) + "\n" + energy_table(profile, columns) +
            hot_table(profile);
  else if (detailed)
    text += "\n" + first_order_table(profile, columns);
  if (std::ranges::any_of(profile.kernels,
                          [](const Row& row) { return row.kernel.size() > kNameWidth; }))
    text += "  (--json and --csv have the names whole)\n";
  return text + still_running(profile);
}

}  // namespace isobar::cli
