#include "train/device_meter.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "base/error.h"

namespace isobar::train {
namespace {

static_assert(sizeof(cl_isobar_counters) % sizeof(cl_ulong) == 0 &&
              std::is_trivially_copyable_v<cl_isobar_counters>);
constexpr std::size_t kWords = sizeof(cl_isobar_counters) / sizeof(cl_ulong);

/// Every member is a cl_ulong, and every one of them is a sum.
void add(cl_isobar_counters& sum, const cl_isobar_counters& other) {
  std::array<cl_ulong, kWords> a{}, b{};
  std::memcpy(a.data(), &sum, sizeof sum);
  std::memcpy(b.data(), &other, sizeof other);
  for (std::size_t i = 0; i < kWords; ++i) a[i] += b[i];
  std::memcpy(&sum, a.data(), sizeof sum);
}

void require(cl_int status, const char* function) {
  if (status != CL_SUCCESS) throw cl::Error(status, function);
}

}  // namespace

std::vector<cl_isobar_kernel_row> Stretch::rows() const {
  std::vector<cl_isobar_kernel_row> rows;
  for (std::size_t i = 0; i < names.size(); ++i) rows.push_back({names[i].c_str(), counters[i]});
  return rows;
}

DeviceMeter::DeviceMeter(nn::ClContext& cl) : cl_(cl) {
  const cl::Device& device = cl.device().handle;
  if (device.getInfo<CL_DEVICE_EXTENSIONS>().find(CL_ISOBAR_KERNEL_COUNTERS_EXTENSION_NAME) ==
      std::string::npos)
    return;
  const cl_platform_id platform = device.getInfo<CL_DEVICE_PLATFORM>();
  const auto find = [&](const char* name) {
    return clGetExtensionFunctionAddressForPlatform(platform, name);
  };
  get_ = reinterpret_cast<clGetContextCountersISOBAR_fn>(find("clGetContextCountersISOBAR"));
  reset_ = reinterpret_cast<clResetContextCountersISOBAR_fn>(find("clResetContextCountersISOBAR"));
  const auto chip = reinterpret_cast<clGetDeviceChipISOBAR_fn>(find("clGetDeviceChipISOBAR"));
  if (get_ == nullptr || reset_ == nullptr || chip == nullptr)
    fail("{}: names the extension {} but has not its functions (build Isobar again)",
         cl.device().full_name(), CL_ISOBAR_KERNEL_COUNTERS_EXTENSION_NAME);
  require(chip(device(), sizeof(cl_isobar_chip), &chip_.emplace()), "clGetDeviceChipISOBAR");
}

std::optional<std::uint64_t> DeviceMeter::now() {
  try {
    cl::Event marker;
    cl_.queue().enqueueMarkerWithWaitList(nullptr, &marker);
    marker.wait();
    return marker.getProfilingInfo<CL_PROFILING_COMMAND_END>();
  } catch (const cl::Error& error) {
    // Not every driver times its markers; a failed queue is another matter.
    if (error.err() == CL_PROFILING_INFO_NOT_AVAILABLE) return std::nullopt;
    throw;
  }
}

void DeviceMeter::begin() {
  if (running_) return;
  cl_.queue().finish();
  if (reset_ != nullptr) require(reset_(cl_.context()()), "clResetContextCountersISOBAR");
  start_ = last_ = now();
  running_ = true;
}

std::optional<double> DeviceMeter::lap() {
  const std::optional<std::uint64_t> before = last_;
  last_ = now();
  if (!before || !last_ || *last_ < *before) return std::nullopt;
  return static_cast<double>(*last_ - *before) * 1e-6;
}

void DeviceMeter::end() {
  if (!running_) return;
  running_ = false;
  const std::optional<std::uint64_t> last = now();
  std::uint64_t picoseconds = start_ && last && *last > *start_ ? (*last - *start_) * 1000 : 0;
  if (get_ != nullptr) {
    // Events tell whole nanoseconds, counters picoseconds: the stretch may come out short by the
    // rounding of one. More than that is a defect, and stays visible in the ledger.
    const std::uint64_t busy = add_counters();
    if (busy > picoseconds && busy - picoseconds <= 1000) picoseconds = busy;
  }
  total_.device_picoseconds += picoseconds;
}

/// Adds the context's counters to the total; the time all its kernels took.
std::uint64_t DeviceMeter::add_counters() {
  cl_uint count = 0;
  constexpr std::size_t kRow = sizeof(cl_isobar_kernel_row);
  require(get_(cl_.context()(), kRow, 0, nullptr, &count), "clGetContextCountersISOBAR");
  std::vector<cl_isobar_kernel_row> rows(count);
  if (count > 0)
    require(get_(cl_.context()(), kRow, count, rows.data(), nullptr), "clGetContextCountersISOBAR");
  std::uint64_t busy = 0;
  for (const cl_isobar_kernel_row& row : rows) {
    busy += row.counters.device_picoseconds;
    const auto known = std::ranges::find(total_.names, row.kernel_name);
    const auto index = static_cast<std::size_t>(known - total_.names.begin());
    if (known == total_.names.end()) {
      total_.names.emplace_back(row.kernel_name);
      total_.counters.push_back({});
    }
    add(total_.counters[index], row.counters);
  }
  return busy;
}

}  // namespace isobar::train
