#include "bench/counters.h"

#include <array>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"

namespace isobar::bench {
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

}  // namespace

CounterReader::CounterReader(const cl::Device& device) {
  const auto extensions = device.getInfo<CL_DEVICE_EXTENSIONS>();
  if (extensions.find(CL_ISOBAR_KERNEL_COUNTERS_EXTENSION_NAME) == std::string::npos) return;
  const cl_platform_id platform = device.getInfo<CL_DEVICE_PLATFORM>();
  const auto find = [&](const char* name) {
    return clGetExtensionFunctionAddressForPlatform(platform, name);
  };
  get_ = reinterpret_cast<clGetContextCountersISOBAR_fn>(find("clGetContextCountersISOBAR"));
  reset_ = reinterpret_cast<clResetContextCountersISOBAR_fn>(find("clResetContextCountersISOBAR"));
  if (get_ == nullptr || reset_ == nullptr)
    fail("the device names the extension {} but has not its functions (an incomplete build?)",
         CL_ISOBAR_KERNEL_COUNTERS_EXTENSION_NAME);
}

void CounterReader::reset(const cl::Context& context) const {
  if (reset_ != nullptr && reset_(context()) != CL_SUCCESS)
    fail("clResetContextCountersISOBAR failed");
}

std::optional<cl_isobar_counters> CounterReader::read(const cl::Context& context) const {
  if (get_ == nullptr) return std::nullopt;
  cl_uint count = 0;
  if (get_(context(), sizeof(cl_isobar_kernel_row), 0, nullptr, &count) != CL_SUCCESS)
    fail("clGetContextCountersISOBAR failed");
  std::vector<cl_isobar_kernel_row> rows(count);
  if (count > 0 &&
      get_(context(), sizeof(cl_isobar_kernel_row), count, rows.data(), nullptr) != CL_SUCCESS)
    fail("clGetContextCountersISOBAR failed");
  cl_isobar_counters sum{};
  for (const cl_isobar_kernel_row& row : rows) add(sum, row.counters);
  return sum;
}

double thread_instructions(const cl_isobar_counters& counters) {
  double sum = 0;
  for (const cl_ulong n : counters.thread_instructions) sum += static_cast<double>(n);
  return sum;
}

double simd_efficiency(const cl_isobar_counters& counters) {
  return counters.lane_slots == 0
             ? 1
             : thread_instructions(counters) / static_cast<double>(counters.lane_slots);
}

}  // namespace isobar::bench
