#include "cli/table/hot_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/table/text_table.h"

namespace isobar::cli {
namespace {

using device::HotCharges;
using device::HotLine;
using device::HotOperation;
using Row = device::KernelSums::Row;

constexpr std::size_t kKernels = 6, kLines = 8, kOperations = 3, kCauses = 3;
constexpr std::size_t kSourceWidth = 120;
constexpr double kLeastShare = 0.01;  // of the kernel's slots, for a line or an instruction
constexpr double kLeastTime = 0.01;   // of all kernels' time, for a kernel

/// "DRAM queue 20, issued integer 8": percent of the kernel's slots.
std::string causes_of(const HotCharges& charges, double slots) {
  std::string text;
  std::size_t count = 0;
  for (const ledger::CycleCause cause : device::main_causes(charges.charges)) {
    const double percent =
        100 * static_cast<double>(charges.charges[static_cast<std::size_t>(cause)]) / slots;
    if (percent < 0.05 || ++count > kCauses) break;
    const ledger::CycleCauseName& name = ledger::name(cause);
    text +=
        fmt::format("{}{}: {} {:.1f}", text.empty() ? "" : ", ", name.group, name.name, percent);
  }
  return text;
}

/// What it is and its causes stand side by side where there is room, else below each other.
std::string row_of(const HotCharges& charges, const Row& row, std::uint32_t lanes,
                   const std::string& what) {
  constexpr std::size_t kIndent = 26, kWidth = 40;
  const auto slots = static_cast<double>(row.stats.timed_capacity);
  const double share = static_cast<double>(charges.total()) / slots;
  const double full = static_cast<double>(charges.issues) * lanes;
  const std::string place = what.size() > kWidth
                                ? fmt::format("{}\n{:{}}", what, "", kIndent + kWidth)
                                : fmt::format("{:{}}", what, kWidth);
  return fmt::format("  {:5.1f}  {:>7}  {:6.1f}  {}  {}\n", 100 * share,
                     scaled(share * static_cast<double>(row.stats.cycles.cycles.count())),
                     full > 0 ? 100 * static_cast<double>(charges.lanes) / full : 0, place,
                     causes_of(charges, slots));
}

std::string text_of(const HotLine& line) {
  if (line.file.empty()) return "(no source line)";
  // Generated programs have lines of any length.
  return fmt::format("{}:{}  {}", shortened(std::filesystem::path(line.file).filename().string()),
                     line.line, shortened(line.source, kSourceWidth));
}

std::string table_of(const Row& row, double time, std::uint32_t lanes) {
  const std::vector<HotLine> lines = device::hot_lines(row.operations);
  const auto slots = static_cast<double>(row.stats.timed_capacity);
  const auto share = [&](const HotCharges& charges) {
    return static_cast<double>(charges.total()) / slots;
  };
  double all = 0;
  for (const HotLine& line : lines) all += share(line);
  std::string text = fmt::format(
      "\nhot lines of {} ({:.1f} % of the time; lines have {:.1f} % of its slots, the "
      "rest had no warp)\n  slot%   cycles  SIMD %  line, instructions; causes in "
      "percent of the kernel's slots\n",
      shortened(row.kernel), 100 * time, 100 * all);
  for (std::size_t i = 0; i < std::min(kLines, lines.size()); ++i) {
    if (share(lines[i]) < kLeastShare) break;
    text += row_of(lines[i], row, lanes, text_of(lines[i]));
    const auto& operations = lines[i].operations;
    for (std::size_t k = 0; k < std::min(kOperations, operations.size()); ++k) {
      const HotOperation& each = row.operations[operations[k]];
      if (share(each) < kLeastShare) break;
      text += row_of(each, row, lanes, fmt::format("  {:#x}  {}", each.pc, each.text));
    }
  }
  return text;
}

}  // namespace

std::string hot_table(const device::Profile& profile) {
  std::vector<const Row*> rows;
  double total = 0;
  for (const Row& row : profile.kernels) {
    total += static_cast<double>(row.stats.time.count());
    if (!row.operations.empty() && row.stats.timed_capacity > 0) rows.push_back(&row);
  }
  std::ranges::sort(rows, [](const Row* a, const Row* b) {
    return a->stats.time != b->stats.time ? a->stats.time > b->stats.time : a->kernel < b->kernel;
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(kKernels, rows.size()); ++i) {
    const double time = static_cast<double>(rows[i]->stats.time.count()) / std::max(total, 1.0);
    if (time < kLeastTime) break;
    text += table_of(*rows[i], time, profile.lanes);
  }
  return text;
}

}  // namespace isobar::cli
