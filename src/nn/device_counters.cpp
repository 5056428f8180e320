#include "nn/device_counters.h"

#include <array>
#include <cstring>
#include <string>
#include <type_traits>

#include "base/error.h"

namespace isobar::nn {
namespace {

static_assert(sizeof(cl_isobar_counters) % sizeof(cl_ulong) == 0 &&
              std::is_trivially_copyable_v<cl_isobar_counters>);
constexpr std::size_t kWords = sizeof(cl_isobar_counters) / sizeof(cl_ulong);

void require(cl_int status, const char* function) {
  if (status != CL_SUCCESS) throw cl::Error(status, function);
}

}  // namespace

DeviceCounters::DeviceCounters(const cl::Device& device) {
  const std::string extensions = device.getInfo<CL_DEVICE_EXTENSIONS>();
  if (extensions.find(CL_ISOBAR_KERNEL_COUNTERS_EXTENSION_NAME) == std::string::npos) return;
  const cl_platform_id platform = device.getInfo<CL_DEVICE_PLATFORM>();
  const auto find = [&](const char* name) {
    return clGetExtensionFunctionAddressForPlatform(platform, name);
  };
  get_ = reinterpret_cast<clGetContextCountersISOBAR_fn>(find("clGetContextCountersISOBAR"));
  reset_ = reinterpret_cast<clResetContextCountersISOBAR_fn>(find("clResetContextCountersISOBAR"));
  const auto chip = reinterpret_cast<clGetDeviceChipISOBAR_fn>(find("clGetDeviceChipISOBAR"));
  time_ = reinterpret_cast<clGetDeviceTimeISOBAR_fn>(find("clGetDeviceTimeISOBAR"));
  restart_ = reinterpret_cast<clRestartTimingISOBAR_fn>(find("clRestartTimingISOBAR"));
  if (get_ == nullptr || reset_ == nullptr || chip == nullptr || time_ == nullptr ||
      restart_ == nullptr)
    fail("{}: names the extension {} but has not its functions (build Isobar again)",
         device.getInfo<CL_DEVICE_NAME>(), CL_ISOBAR_KERNEL_COUNTERS_EXTENSION_NAME);
  device_ = device();
  require(chip(device(), sizeof(cl_isobar_chip), &chip_.emplace()), "clGetDeviceChipISOBAR");
}

void DeviceCounters::reset(const cl::Context& context) const {
  if (exist()) require(reset_(context()), "clResetContextCountersISOBAR");
}

std::vector<cl_isobar_kernel_row> DeviceCounters::rows(const cl::Context& context) const {
  if (!exist()) return {};
  constexpr std::size_t kRow = sizeof(cl_isobar_kernel_row);
  cl_uint count = 0;
  require(get_(context(), kRow, 0, nullptr, &count), "clGetContextCountersISOBAR");
  std::vector<cl_isobar_kernel_row> rows(count);
  if (count > 0)
    require(get_(context(), kRow, count, rows.data(), nullptr), "clGetContextCountersISOBAR");
  return rows;
}

std::optional<std::uint64_t> DeviceCounters::picoseconds() const {
  if (!exist()) return std::nullopt;
  cl_ulong time = 0;
  require(time_(device_, &time), "clGetDeviceTimeISOBAR");
  return time;
}

void DeviceCounters::restart_timing() const {
  if (exist()) require(restart_(device_), "clRestartTimingISOBAR");
}

/// Every member is a cl_ulong, and every one of them is a sum.
void add(cl_isobar_counters& sum, const cl_isobar_counters& other) {
  std::array<cl_ulong, kWords> a{}, b{};
  std::memcpy(a.data(), &sum, sizeof sum);
  std::memcpy(b.data(), &other, sizeof other);
  for (std::size_t i = 0; i < kWords; ++i) a[i] += b[i];
  std::memcpy(&sum, a.data(), sizeof sum);
}

}  // namespace isobar::nn
