// What the kernels of a program did as CSV: the tables of kernel_table.cpp with whole names and
// whole numbers.
#include "base/text/csv.h"
#include "cli/table/kernel_table.h"
#include "ledger/cycle_ledger.h"

namespace isobar::cli {
namespace {

using Row = device::KernelSums::Row;

std::string whole(std::uint64_t value) { return std::to_string(value); }

CsvSheet::Row counts(const Row& row) {
  const simt::Counters& c = row.stats.counters;
  constexpr std::uint64_t kSectorBytes = 32;
  return {{"kernel", row.kernel},
          {"launches", whole(c.launches)},
          {"work_groups", whole(c.work_groups)},
          {"thread_instructions", whole(c.total_thread_instructions())},
          {"simd_efficiency", csv_number(c.simd_efficiency())},
          {"global_bytes", whole((c.global_load_bytes + c.global_store_bytes).count())},
          {"sector_bytes", whole(c.global_sectors * kSectorBytes)},
          {"local_bytes", whole(c.local_bytes.count())},
          {"private_bytes", whole(c.private_bytes.count())},
          {"time_ps", whole(row.stats.time.count())},
          {"host_ns", whole(row.stats.host_nanoseconds)}};
}

CsvSheet::Row classes(const Row& row) {
  CsvSheet::Row cells{{"kernel", row.kernel}};
  for (std::size_t i = 0; i < simt::kClasses; ++i)
    cells.emplace_back(device::class_names()[i],
                       whole(row.stats.counters.thread_instructions.at(i)));
  return cells;
}

/// Issue slots by cause, and what they add up to.
CsvSheet::Row cycles(const Row& row) {
  const timing::CycleTotals& t = row.stats.cycles;
  CsvSheet::Row cells{{"kernel", row.kernel},
                      {"cycles", whole(t.cycles.count())},
                      {"warp_instructions", whole(t.warp_instructions)},
                      {"issue_slots", whole(t.capacity)}};
  for (std::size_t i = 0; i < ledger::kCycleCauses; ++i) {
    const auto& name = ledger::name(static_cast<ledger::CycleCause>(i));
    cells.emplace_back(std::string(name.group) + ": " + std::string(name.name),
                       whole(t.charges.at(i)));
  }
  return cells;
}

CsvSheet::Row roofline(const Row& row, const ledger::Roofs& roofs) {
  const ledger::RooflinePoint point = device::roofline_point(row);
  return {{"kernel", row.kernel},
          {"flops", csv_number(point.flops())},
          {"dram_bytes", whole(point.dram_bytes)},
          {"flops_per_second", csv_number(point.flops_per_second())},
          {"dram_bytes_per_second", csv_number(point.bytes_per_second())},
          {"roof_flops_per_second", csv_number(point.roof(roofs))},
          {"under", point.is_under_memory_roof(roofs) ? "memory" : "arithmetic"}};
}

CsvSheet::Row energy(const Row& row) {
  CsvSheet::Row cells{{"kernel", row.kernel}, {"energy_pj", whole(row.stats.energy.total())}};
  for (std::size_t i = 0; i < timing::kEnergyParts; ++i)
    cells.emplace_back(std::string(ledger::name(static_cast<ledger::EnergyPart>(i))) + " pJ",
                       whole(row.stats.energy.picojoules.at(i)));
  return cells;
}

}  // namespace

std::string kernel_csv(const device::Profile& profile) {
  CsvSheet sheet;
  for (const Row& row : profile.kernels) sheet.add("kernels", counts(row));
  for (const Row& row : profile.kernels) sheet.add("thread instructions", classes(row));
  for (const Row& row : profile.kernels) {
    if (row.stats.cycles.capacity == 0) continue;  // only the timed machine has them
    sheet.add("issue slots", cycles(row));
    sheet.add("roofline", roofline(row, profile.roofs));
    if (profile.describes_energy) sheet.add("energy", energy(row));
  }
  return sheet.text();
}

}  // namespace isobar::cli
