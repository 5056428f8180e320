// The symbols that the loader looks up, and cl_isobar_kernel_counters
// (include/isobar/cl_isobar.h): what a launch did, found through
// clGetExtensionFunctionAddressForPlatform.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "isobar/cl_isobar.h"
#include "opencl/queue/event.h"
#include "opencl/queue/queue.h"

namespace isobar::opencl {
namespace {

void set_cycles(const device::KernelStats& stats, cl_isobar_counters& out) {
  static_assert(ledger::kCycleCauses == CL_ISOBAR_CAUSE_COUNT, "one list of causes, two headers");
  const timing::CycleTotals& t = stats.cycles;
  out.device_cycles = t.cycles.count();
  out.cycle_capacity = t.capacity;
  std::ranges::copy(t.charges, out.cycle_charges);
  out.resident_warp_cycles = t.resident_warp_cycles;
  out.timed_launches = stats.timed_launches;
  out.timed_work_groups = stats.timed_groups;
  out.timed_warp_instructions = stats.timed_warp_instructions;
  out.margin_picoseconds = stats.margin.count();
  out.l1_sector_hits = t.first_level.l1_sector_hits;
  out.l1_sector_misses = t.first_level.l1_sector_misses;
  out.l2_sector_hits = t.memory.l2_hits;
  out.l2_sector_misses = t.memory.l2_misses;
  out.network_bytes = t.memory.network_bytes;
  out.dram_read_bytes = t.memory.dram_read_bytes;
  out.dram_write_bytes = t.memory.dram_write_bytes;
  std::ranges::copy(stats.energy.picojoules, out.energy_picojoules);
}

cl_isobar_counters to_public(const device::KernelStats& stats) {
  const simt::Counters& c = stats.counters;
  static_assert(simt::kClasses == CL_ISOBAR_CLASS_COUNT, "one class list, in two headers");
  cl_isobar_counters out{};
  out.launches = c.launches;
  out.work_groups = c.work_groups;
  out.work_items = c.work_items;
  out.warps = c.warps;
  std::ranges::copy(c.warp_instructions, out.warp_instructions);
  std::ranges::copy(c.thread_instructions, out.thread_instructions);
  out.lane_slots = c.lane_slots;
  out.flops_fp16 = c.flops_fp16;
  out.flops_fp32 = c.flops_fp32;
  out.flops_fp64 = c.flops_fp64;
  out.global_load_bytes = c.global_load_bytes.count();
  out.global_store_bytes = c.global_store_bytes.count();
  out.global_sectors = c.global_sectors;
  out.local_bytes = c.local_bytes.count();
  out.private_bytes = c.private_bytes.count();
  out.constant_bytes = c.constant_bytes.count();
  out.local_accesses = c.local_accesses;
  out.divergent_branches = c.divergent_branches;
  out.host_nanoseconds = stats.host_nanoseconds;
  out.host_cpu_nanoseconds = stats.host_cpu_nanoseconds;
  out.device_picoseconds = stats.time.count();
  out.part_arithmetic = stats.first_order.arithmetic.count();
  out.part_issue = stats.first_order.issue.count();
  out.part_local_memory = stats.first_order.local_memory.count();
  out.part_dram = stats.first_order.dram.count();
  out.part_launch = stats.first_order.launch.count();
  set_cycles(stats, out);
  return out;
}

cl_int CL_API_CALL get_event_counters(cl_event handle, std::size_t size,
                                      cl_isobar_counters* counters) {
  return guarded([&] {
    const _cl_event& event = valid(handle);
    require(counters != nullptr && size == sizeof *counters, CL_INVALID_VALUE);
    require(event.status() == CL_COMPLETE && event.stats.has_value(),
            CL_PROFILING_INFO_NOT_AVAILABLE);
    *counters = to_public(*event.stats);
  });
}

cl_int CL_API_CALL get_context_counters(cl_context handle, std::size_t row_size, cl_uint num_rows,
                                        cl_isobar_kernel_row* rows, cl_uint* num_rows_ret) {
  return guarded([&] {
    const _cl_context& context = valid(handle);
    require(row_size == sizeof(cl_isobar_kernel_row), CL_INVALID_VALUE);
    require(rows != nullptr || num_rows_ret != nullptr, CL_INVALID_VALUE);
    const auto all = context.sums.rows();
    if (num_rows_ret != nullptr) *num_rows_ret = static_cast<cl_uint>(all.size());
    if (rows == nullptr) return;
    for (std::size_t i = 0; i < std::min<std::size_t>(num_rows, all.size()); ++i)
      rows[i] = {context.sums.stable_name(all[i].kernel), to_public(all[i].stats)};
  });
}

cl_int CL_API_CALL reset_context_counters(cl_context handle) {
  return guarded([&] { valid(handle).sums.reset(); });
}

template <std::size_t size>
void copy_text(char (&to)[size], std::string_view text) {
  std::ranges::copy(text.substr(0, size - 1), to);
}

cl_int CL_API_CALL get_device_chip(cl_device_id handle, std::size_t size, cl_isobar_chip* out) {
  return guarded([&] {
    const chip::Chip& chip = valid(handle).chip();
    require(out != nullptr && size == sizeof *out, CL_INVALID_VALUE);
    *out = {};
    copy_text(out->name, chip.name);
    copy_text(out->path, chip.path.string());
    out->clock_hz = chip.clock.count();
    out->cores = chip.core.count;
    out->lanes = chip.core.lanes;
    out->fp16_flops = chip.peak_fp16().count();
    out->fp32_flops = chip.peak_fp32().count();
    out->fp64_flops = chip.peak_fp64().count();
    out->dram_bytes_per_second = chip.dram.bandwidth.count();
    out->describes_energy = chip.energy.is_described() ? 1 : 0;
    out->static_watts = chip.energy.static_power.count();
  });
}

cl_int CL_API_CALL get_device_time(cl_device_id handle, cl_ulong* picoseconds) {
  return guarded([&] {
    const _cl_device_id& device = valid(handle);
    require(picoseconds != nullptr, CL_INVALID_VALUE);
    *picoseconds = device.machine->now().count();
  });
}

cl_int CL_API_CALL restart_timing(cl_device_id handle) {
  return guarded([&] { valid(handle).machine->restart_timing(); });
}

cl_int CL_API_CALL icd_get_platform_ids(cl_uint num_entries, cl_platform_id* platforms,
                                        cl_uint* num_platforms) {
  return api::clGetPlatformIDs(num_entries, platforms, num_platforms);
}

void* find_function(const char* name) {
  struct Entry {
    std::string_view name;
    void* address;
  };
  static const Entry entries[] = {
      {"clIcdGetPlatformIDsKHR", reinterpret_cast<void*>(&icd_get_platform_ids)},
      {"clGetKernelSubGroupInfoKHR", reinterpret_cast<void*>(&api::clGetKernelSubGroupInfoKHR)},
      {"clGetEventCountersISOBAR", reinterpret_cast<void*>(&get_event_counters)},
      {"clGetContextCountersISOBAR", reinterpret_cast<void*>(&get_context_counters)},
      {"clResetContextCountersISOBAR", reinterpret_cast<void*>(&reset_context_counters)},
      {"clGetDeviceChipISOBAR", reinterpret_cast<void*>(&get_device_chip)},
      {"clGetDeviceTimeISOBAR", reinterpret_cast<void*>(&get_device_time)},
      {"clRestartTimingISOBAR", reinterpret_cast<void*>(&restart_timing)},
  };
  for (const Entry& entry : entries)
    if (name != nullptr && entry.name == name) return entry.address;
  return nullptr;
}

}  // namespace

namespace api {

void* CL_API_CALL clGetExtensionFunctionAddress(const char* name) { return find_function(name); }

void* CL_API_CALL clGetExtensionFunctionAddressForPlatform(cl_platform_id handle,
                                                           const char* name) {
  return is_live(handle, Kind::kPlatform) ? find_function(name) : nullptr;
}

}  // namespace api
}  // namespace isobar::opencl

// All that the library exports (exports.map).
extern "C" {

__attribute__((visibility("default"))) void* CL_API_CALL
clGetExtensionFunctionAddress(const char* name) {
  return isobar::opencl::api::clGetExtensionFunctionAddress(name);
}

__attribute__((visibility("default"))) cl_int CL_API_CALL
clIcdGetPlatformIDsKHR(cl_uint num_entries, cl_platform_id* platforms, cl_uint* num_platforms) {
  return isobar::opencl::api::clGetPlatformIDs(num_entries, platforms, num_platforms);
}

__attribute__((visibility("default"))) cl_int CL_API_CALL clGetPlatformInfo(cl_platform_id platform,
                                                                            cl_platform_info name,
                                                                            std::size_t size,
                                                                            void* value,
                                                                            std::size_t* size_ret) {
  return isobar::opencl::api::clGetPlatformInfo(platform, name, size, value, size_ret);
}

}  // extern "C"
