#include "device/profile_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "base/error.h"
#include "base/file.h"
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
  visit("timed_warp_instructions", stats.timed_warp_instructions);
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

/// The tree of the kernel's time: lane-slots of the timed machine, or the first-order model's
/// parts.
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

json to_json(const KernelSums::Row& row) {
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

void Profile::merge(const Profile& other) {
  if (chip.empty()) chip = other.chip;
  for (const KernelSums::Row& row : other.kernels) {
    const auto mine = std::ranges::find(kernels, row.kernel, &KernelSums::Row::kernel);
    if (mine == kernels.end())
      kernels.push_back(row);
    else
      mine->stats += row.stats;
  }
  faults.insert(faults.end(), other.faults.begin(), other.faults.end());
}

std::string profile_to_json(const Profile& profile) {
  json kernels = json::array();
  for (const KernelSums::Row& row : profile.kernels) kernels.push_back(to_json(row));
  const json all{{"chip", profile.chip}, {"kernels", kernels}, {"faults", profile.faults}};
  return all.dump(1, ' ', true, json::error_handler_t::replace) + "\n";
}

Profile profile_from_json(const std::string& text, const std::string& origin) {
  try {
    const json all = json::parse(text);
    Profile profile;
    profile.chip = all.at("chip");
    profile.faults = all.at("faults").get<std::vector<std::string>>();
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
