#include "cli/kernel_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ledger/cycle_ledger.h"

namespace isobar::cli {
namespace {

using Row = device::KernelSums::Row;

/// 12.3k, 4.56M: three significant digits.
std::string scaled(double value) {
  constexpr std::array kSuffixes{"", "k", "M", "G", "T", "P"};
  std::size_t i = 0;
  while (value >= 999.5 && i + 1 < kSuffixes.size()) {
    value /= 1000;
    ++i;
  }
  if (i == 0) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}{}", value,
                     value < 9.995   ? 2
                     : value < 99.95 ? 1
                                     : 0,
                     kSuffixes.at(i));
}
std::string scaled(std::uint64_t value) { return scaled(static_cast<double>(value)); }

std::string milliseconds(Picoseconds time) {
  return fmt::format("{:.3f}", static_cast<double>(time.count()) * 1e-9);
}

using Cells = std::vector<std::string>;

/// The first column to the left, the others to the right.
std::string lay_out(const std::vector<Cells>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Cells& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Cells& row : rows) {
    std::string line = fmt::format("  {:<{}}", row[0], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) line += fmt::format("  {:>{}}", row[i], widths[i]);
    text += line + "\n";
  }
  return text;
}

std::string main_table(const device::Profile& profile, Picoseconds total) {
  std::vector<Cells> rows{{"kernel", "launches", "thread instr", "SIMD %", "global B",
                           "DRAM sectors B", "local B", "private B", "time ms", "share %"}};
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
  }
  return lay_out(rows);
}

/// Only the classes that occur.
std::string class_table(const device::Profile& profile) {
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
  return "thread instructions by class\n" + lay_out(rows);
}

std::string first_order_table(const device::Profile& profile) {
  std::vector<Cells> rows{
      {"kernel", "arithmetic", "issue", "local memory", "dram", "launch", "total"}};
  for (const Row& row : profile.kernels) {
    const timing::KernelTime& t = row.stats.first_order;
    rows.push_back({row.kernel, milliseconds(t.arithmetic), milliseconds(t.issue),
                    milliseconds(t.local_memory), milliseconds(t.dram), milliseconds(t.launch),
                    milliseconds(t.total)});
  }
  return "simulated time by part, ms (first-order model)\n" + lay_out(rows);
}

/// Shares of the issue slots by group of causes.
std::string cycle_table(const device::Profile& profile) {
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
  return "where the issue slots went\n" + lay_out(rows);
}

/// In words, where the times come from.
std::string source_of(const device::Profile& profile) {
  std::uint64_t launches = 0, timed = 0;
  for (const Row& row : profile.kernels) {
    launches += row.stats.counters.launches;
    timed += row.stats.timed_launches;
  }
  if (timed == 0) return "first-order model";
  if (timed == launches) return "every cycle of every launch";
  return fmt::format("every cycle of {} of {} launches, the others extrapolated", timed, launches);
}

}  // namespace

std::string kernel_table(const device::Profile& profile, bool detailed) {
  if (profile.kernels.empty()) return "isobar run: the program launched no kernel\n";
  Picoseconds total;
  std::uint64_t host = 0;
  for (const Row& row : profile.kernels) {
    total += row.stats.time;
    host += row.stats.host_nanoseconds;
  }
  std::string text =
      fmt::format("\nkernels on {} (simulated time: {})\n", profile.chip, source_of(profile));
  text += main_table(profile, total);
  text += fmt::format("  simulated {} ms in {:.2f} s of this host\n", milliseconds(total),
                      static_cast<double>(host) * 1e-9);
  text += "\n" + class_table(profile);
  const bool by_cycles = profile.kernels.front().stats.cycles.capacity > 0;
  if (by_cycles)
    text += "\n" + cycle_table(profile);
  else if (detailed)
    text += "\n" + first_order_table(profile);
  return text;
}

}  // namespace isobar::cli
