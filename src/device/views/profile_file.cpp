#include "device/views/profile_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "base/error.h"
#include "base/file/file.h"
#include "base/json_document.h"
#include "ledger/cycle_ledger.h"

namespace isobar::device {
namespace {

using nlohmann::json;

/// Every number of a kernel that is a plain sum, with its key.
template <class Stats, class Visit>
void visit_numbers(Stats& stats, Visit visit) {
  auto& c = stats.counters;
  visit("launches", c.launches);
  visit("work_groups", c.work_groups);
  visit("work_items", c.work_items);
  visit("warps", c.warps);
  visit("lane_slots", c.lane_slots);
  visit("flops_fp16", c.flops_fp16);
  visit("flops_fp32", c.flops_fp32);
  visit("flops_fp64", c.flops_fp64);
  visit("global_load_bytes", c.global_load_bytes);
  visit("global_store_bytes", c.global_store_bytes);
  visit("global_sectors", c.global_sectors);
  visit("local_bytes", c.local_bytes);
  visit("private_bytes", c.private_bytes);
  visit("constant_bytes", c.constant_bytes);
  visit("local_accesses", c.local_accesses);
  visit("divergent_branches", c.divergent_branches);
  visit("device_picoseconds", stats.time);
  visit("host_nanoseconds", stats.host_nanoseconds);
  visit("host_cpu_nanoseconds", stats.host_cpu_nanoseconds);

  auto& f = stats.first_order;
  visit("first_order_picoseconds", f.total);
  visit("arithmetic_picoseconds", f.arithmetic);
  visit("issue_picoseconds", f.issue);
  visit("local_memory_picoseconds", f.local_memory);
  visit("dram_picoseconds", f.dram);
  visit("launch_picoseconds", f.launch);

  auto& t = stats.cycles;
  visit("cycles", t.cycles);
  visit("capacity", t.capacity);
  visit("warp_instructions", t.warp_instructions);
  visit("resident_warp_cycles", t.resident_warp_cycles);
  visit("timed_launches", stats.timed_launches);
  visit("timed_work_groups", stats.timed_groups);
  visit("timed_warp_instructions", stats.timed_warp_instructions);
  visit("timed_capacity", stats.timed_capacity);
  visit("margin_picoseconds", stats.margin);
  visit("l1_sector_hits", t.first_level.l1_sector_hits);
  visit("l1_sector_misses", t.first_level.l1_sector_misses);
  visit("l1_lines", t.first_level.l1_lines);
  visit("l1_bytes", t.first_level.l1_bytes);
  visit("local_memory_bytes", t.first_level.local_bytes);
  visit("local_memory_cycles", t.first_level.local_cycles);
  visit("local_memory_accesses", t.first_level.local_accesses);
  visit("network_bytes", t.memory.network_bytes);
  visit("l2_reads", t.memory.l2_reads);
  visit("l2_writes", t.memory.l2_writes);
  visit("l2_atomics", t.memory.l2_atomics);
  visit("l2_hits", t.memory.l2_hits);
  visit("l2_misses", t.memory.l2_misses);
  visit("dram_read_bytes", t.memory.dram_read_bytes);
  visit("dram_write_bytes", t.memory.dram_write_bytes);
  visit("dram_activates", t.memory.dram_activates);
  visit("dram_refreshes", t.memory.dram_refreshes);
  visit("dram_row_hits", t.memory.dram_row_hits);
  visit("dram_row_misses", t.memory.dram_row_misses);
  visit("dram_row_conflicts", t.memory.dram_row_conflicts);
}

std::uint64_t plain(std::uint64_t value) { return value; }
template <class Tag>
std::uint64_t plain(Quantity<Tag> value) {
  return value.count();
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// Charges by cause, largest first: a list, because objects have no order.
json causes_of(const ledger::CycleCharges& charges, std::uint64_t whole) {
  json causes = json::array();
  for (const ledger::CycleCause cause : main_causes(charges)) {
    const std::uint64_t slots = charges[static_cast<std::size_t>(cause)];
    const ledger::CycleCauseName& name = ledger::name(cause);
    causes.push_back({{"group", name.group},
                      {"cause", name.name},
                      {"share", ratio(static_cast<double>(slots), static_cast<double>(whole))}});
  }
  return causes;
}

/// Shares are of the kernel's slots that the timed machine saw, cycles of all the kernel's.
void set_share(json& out, const HotCharges& charges, const KernelStats& stats) {
  const double share =
      ratio(static_cast<double>(charges.total()), static_cast<double>(stats.timed_capacity));
  out["issues"] = charges.issues;
  out["lanes"] = charges.lanes;
  out["share"] = share;
  out["cycles"] = share * static_cast<double>(stats.cycles.cycles.count());
  out["causes"] = causes_of(charges.charges, stats.timed_capacity);
}

json lines_to_json(const KernelSums::Row& row) {
  json lines = json::array();
  for (const HotLine& line : hot_lines(row.operations)) {
    json one{{"file", line.file}, {"line", line.line}, {"source", line.source}};
    set_share(one, line, row.stats);
    lines.push_back(std::move(one));
  }
  return lines;
}

json operations_to_json(const KernelSums::Row& row) {
  json operations = json::array();
  for (const HotOperation& each : row.operations) {
    json one{{"pc", each.pc},     {"text", each.text},     {"file", each.file},
             {"line", each.line}, {"source", each.source}, {"charges", each.charges}};
    set_share(one, each, row.stats);
    operations.push_back(std::move(one));
  }
  return operations;
}

HotOperation operation_from_json(const json& j) {
  HotOperation operation;
  operation.pc = j.at("pc");
  operation.text = j.at("text");
  operation.file = j.at("file");
  operation.line = j.at("line");
  operation.source = j.at("source");
  operation.issues = j.at("issues");
  operation.lanes = j.at("lanes");
  operation.charges = j.at("charges").get<ledger::CycleCharges>();
  return operation;
}

json roofline_to_json(const KernelSums::Row& row, const ledger::Roofs& roofs) {
  if (row.stats.cycles.capacity == 0) return {};  // only the timed machine knows DRAM's traffic
  const ledger::RooflinePoint point = roofline_point(row);
  return {{"flops", point.flops()},
          {"dram_bytes", point.dram_bytes},
          {"flops_per_byte", point.dram_bytes > 0 ? json(point.intensity()) : json()},
          {"flops_per_second", point.flops_per_second()},
          {"dram_bytes_per_second", point.bytes_per_second()},
          {"roof_flops_per_second", point.roof(roofs)},
          {"under", point.is_under_memory_roof(roofs) ? "memory" : "arithmetic"},
          {"reached", point.reached(roofs)}};
}

json energy_to_json(const KernelStats& stats) {
  const auto total = static_cast<double>(stats.energy.total());
  json parts = json::object();
  for (std::size_t i = 0; i < timing::kEnergyParts; ++i)
    parts[ledger::name(static_cast<ledger::EnergyPart>(i))] =
        static_cast<double>(stats.energy.picojoules[i]) * 1e-12;
  return {{"joules", total * 1e-12},
          {"watts", ratio(total, static_cast<double>(stats.time.count()))},  // pJ per ps
          {"picojoules_per_instruction",
           ratio(total, static_cast<double>(stats.counters.total_thread_instructions()))},
          {"parts", parts}};
}

json to_json(const KernelSums::Row& row, const Profile& profile) {
  json out{{"kernel", row.kernel}};
  visit_numbers(row.stats, [&](const char* key, const auto& value) { out[key] = plain(value); });
  const simt::Counters& c = row.stats.counters;
  json& by_class = out["instructions"] = json::object();
  for (std::size_t i = 0; i < simt::kClasses; ++i)
    by_class[class_names()[i]] = {{"warp", c.warp_instructions.at(i)},
                                  {"thread", c.thread_instructions.at(i)}};
  out["charges"] = row.stats.cycles.charges;
  out["simd_efficiency"] = c.simd_efficiency();
  const timing::CycleTotals& t = row.stats.cycles;
  out["ipc"] =
      t.cycles.count() == 0
          ? json()
          : json(static_cast<double>(t.warp_instructions) / static_cast<double>(t.cycles.count()));
  out["ledger"] = json::parse(ledger_of(row.stats).to_json());
  out["roofline"] = roofline_to_json(row, profile.roofs);
  out["energy_picojoules"] = row.stats.energy.picojoules;
  const bool counted = profile.describes_energy && t.capacity > 0;
  out["energy"] = counted ? energy_to_json(row.stats) : json("not described");
  out["lines"] = lines_to_json(row);
  out["operations"] = operations_to_json(row);
  return out;
}

KernelSums::Row row_from_json(const json& j) {
  KernelSums::Row row;
  row.kernel = j.at("kernel");
  visit_numbers(row.stats, [&](const char* key, auto& value) {
    value = std::remove_reference_t<decltype(value)>(j.at(key).get<std::uint64_t>());
  });
  simt::Counters& c = row.stats.counters;
  for (std::size_t i = 0; i < simt::kClasses; ++i) {
    const json& one = j.at("instructions").at(class_names()[i]);
    c.warp_instructions.at(i) = one.at("warp");
    c.thread_instructions.at(i) = one.at("thread");
  }
  row.stats.cycles.charges = j.at("charges").get<ledger::CycleCharges>();
  row.stats.energy.picojoules =
      j.at("energy_picojoules").get<std::array<std::uint64_t, timing::kEnergyParts>>();
  for (const json& each : j.at("operations")) row.operations.push_back(operation_from_json(each));
  return row;
}

}  // namespace

const std::vector<std::string>& class_names() {
  // Never destroyed: the profile is written when the process ends, after what it first used then.
  static const auto& names = *new std::vector<std::string>{
      "int_alu", "int_mul", "int_div", "fp16",   "fp32",       "fp64", "fp_special",
      "load",    "store",   "atomic",  "branch", "cross_lane", "sync", "system"};
  static_assert(simt::kClasses == 14, "name the new class here and in include/isobar/cl_isobar.h");
  return names;
}

ledger::Ledger ledger_of(const KernelStats& stats) {
  if (stats.cycles.capacity > 0)
    return ledger::cycle_ledger(stats.cycles.capacity, stats.cycles.charges,
                                {"simulated, cycle by cycle", "", "", "lane-slots"});
  const timing::KernelTime& f = stats.first_order;
  ledger::Ledger ledger(f.total.count(), {"simulated, first-order model", "", "", "ps"});
  ledger.charge({"launch"}, f.launch.count());
  ledger.charge({"memory", "dram"}, f.dram.count());
  ledger.charge({"memory", "local memory"}, f.local_memory.count());
  ledger.charge({"issue"}, f.issue.count());
  ledger.charge({"arithmetic"}, f.arithmetic.count());
  return ledger;
}

ledger::RooflinePoint roofline_point(const KernelSums::Row& row) {
  const simt::Counters& c = row.stats.counters;
  const timing::MemoryEvents& memory = row.stats.cycles.memory;
  return {row.kernel,
          c.flops_fp16,
          c.flops_fp32,
          c.flops_fp64,
          memory.dram_read_bytes + memory.dram_write_bytes,
          static_cast<double>(row.stats.time.count()) * 1e-12};
}

void Profile::merge(const Profile& other) {
  if (chip.empty()) {
    chip = other.chip;
    roofs = other.roofs;
    describes_energy = other.describes_energy;
  }
  lanes = std::max(lanes, other.lanes);
  for (const KernelSums::Row& row : other.kernels) {
    const auto mine = std::ranges::find(kernels, row.kernel, &KernelSums::Row::kernel);
    if (mine == kernels.end()) {
      kernels.push_back(row);
    } else {
      mine->stats += row.stats;
      device::merge(mine->operations, row.operations);
    }
  }
  faults.insert(faults.end(), other.faults.begin(), other.faults.end());
  running.insert(running.end(), other.running.begin(), other.running.end());
}

std::string profile_to_json(const Profile& profile) {
  json kernels = json::array();
  for (const KernelSums::Row& row : profile.kernels) kernels.push_back(to_json(row, profile));
  json running = json::array();
  for (const RunningLaunch& each : profile.running)
    running.push_back({{"kernel", each.kernel}, {"since_nanoseconds", each.since_nanoseconds}});
  const json all{{"chip", profile.chip},
                 {"lanes", profile.lanes},
                 {"describes_energy", profile.describes_energy},
                 {"roofs",
                  {{"fp16_flops_per_second", profile.roofs.fp16_flops},
                   {"fp32_flops_per_second", profile.roofs.fp32_flops},
                   {"fp64_flops_per_second", profile.roofs.fp64_flops},
                   {"dram_bytes_per_second", profile.roofs.dram_bytes_per_second}}},
                 {"kernels", kernels},
                 {"faults", profile.faults},
                 {"running", running}};
  return json_document(all, 1, JsonLetters::kAscii) + "\n";
}

Profile profile_from_json(const std::string& text, const std::string& origin) {
  try {
    const json all = json::parse(text);
    Profile profile;
    profile.chip = all.at("chip");
    profile.lanes = all.at("lanes");
    profile.describes_energy = all.at("describes_energy");
    const json& roofs = all.at("roofs");
    profile.roofs = {roofs.at("fp16_flops_per_second"), roofs.at("fp32_flops_per_second"),
                     roofs.at("fp64_flops_per_second"), roofs.at("dram_bytes_per_second")};
    profile.faults = all.at("faults").get<std::vector<std::string>>();
    for (const json& each : all.at("running"))
      profile.running.push_back({each.at("kernel"), each.at("since_nanoseconds")});
    for (const json& row : all.at("kernels")) profile.kernels.push_back(row_from_json(row));
    return profile;
  } catch (const json::exception& error) {
    fail("{}: not a kernel profile: {}", origin, error.what());
  }
}

Profile read_profiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::ranges::sort(files);
  Profile all;
  for (const auto& file : files) all.merge(profile_from_json(read_text(file), file.string()));
  return all;
}

}  // namespace isobar::device
