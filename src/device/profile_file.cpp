#include "device/profile_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace isobar::device {
namespace {

using nlohmann::json;

json to_json(const KernelSums::Row& row) {
  const simt::Counters& c = row.stats.counters;
  const timing::KernelTime& t = row.stats.time;
  json by_class = json::object();
  for (std::size_t i = 0; i < simt::kClasses; ++i)
    by_class[class_names()[i]] = {{"warp", c.warp_instructions.at(i)},
                                  {"thread", c.thread_instructions.at(i)}};
  return {{"kernel", row.kernel},
          {"launches", c.launches},
          {"work_groups", c.work_groups},
          {"work_items", c.work_items},
          {"warps", c.warps},
          {"instructions", by_class},
          {"lane_slots", c.lane_slots},
          {"simd_efficiency", c.simd_efficiency()},
          {"flops_fp16", c.flops_fp16},
          {"flops_fp32", c.flops_fp32},
          {"flops_fp64", c.flops_fp64},
          {"global_load_bytes", c.global_load_bytes.count()},
          {"global_store_bytes", c.global_store_bytes.count()},
          {"global_sectors", c.global_sectors},
          {"local_bytes", c.local_bytes.count()},
          {"private_bytes", c.private_bytes.count()},
          {"constant_bytes", c.constant_bytes.count()},
          {"local_accesses", c.local_accesses},
          {"divergent_branches", c.divergent_branches},
          {"device_picoseconds", t.total.count()},
          {"arithmetic_picoseconds", t.arithmetic.count()},
          {"issue_picoseconds", t.issue.count()},
          {"local_memory_picoseconds", t.local_memory.count()},
          {"dram_picoseconds", t.dram.count()},
          {"launch_picoseconds", t.launch.count()},
          {"host_nanoseconds", row.stats.host_nanoseconds},
          {"host_cpu_nanoseconds", row.stats.host_cpu_nanoseconds}};
}

KernelSums::Row row_from_json(const json& j) {
  KernelSums::Row row;
  row.kernel = j.at("kernel");
  simt::Counters& c = row.stats.counters;
  for (std::size_t i = 0; i < simt::kClasses; ++i) {
    const json& one = j.at("instructions").at(class_names()[i]);
    c.warp_instructions.at(i) = one.at("warp");
    c.thread_instructions.at(i) = one.at("thread");
  }
  const auto number = [&](const char* key) { return j.at(key).get<std::uint64_t>(); };
  const auto bytes = [&](const char* key) { return Bytes(number(key)); };
  const auto time = [&](const char* key) { return Picoseconds(number(key)); };
  c.launches = number("launches");
  c.work_groups = number("work_groups");
  c.work_items = number("work_items");
  c.warps = number("warps");
  c.lane_slots = number("lane_slots");
  c.flops_fp16 = number("flops_fp16");
  c.flops_fp32 = number("flops_fp32");
  c.flops_fp64 = number("flops_fp64");
  c.global_load_bytes = bytes("global_load_bytes");
  c.global_store_bytes = bytes("global_store_bytes");
  c.global_sectors = number("global_sectors");
  c.local_bytes = bytes("local_bytes");
  c.private_bytes = bytes("private_bytes");
  c.constant_bytes = bytes("constant_bytes");
  c.local_accesses = number("local_accesses");
  c.divergent_branches = number("divergent_branches");
  row.stats.time = {time("device_picoseconds"), time("arithmetic_picoseconds"),
                    time("issue_picoseconds"),  time("local_memory_picoseconds"),
                    time("dram_picoseconds"),   time("launch_picoseconds")};
  row.stats.host_nanoseconds = number("host_nanoseconds");
  row.stats.host_cpu_nanoseconds = number("host_cpu_nanoseconds");
  return row;
}

}  // namespace

const std::vector<std::string>& class_names() {
  static const std::vector<std::string> names{"int_alu", "int_mul",    "int_div", "fp16",  "fp32",
                                              "fp64",    "fp_special", "load",    "store", "atomic",
                                              "branch",  "cross_lane", "sync",    "system"};
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
