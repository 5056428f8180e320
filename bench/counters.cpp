#include "bench/counters.h"

namespace isobar::bench {

std::optional<cl_isobar_counters> total_of(const nn::DeviceCounters& counters,
                                           const cl::Context& context) {
  if (!counters.exist()) return std::nullopt;
  cl_isobar_counters sum{};
  for (const cl_isobar_kernel_row& row : counters.rows(context)) nn::add(sum, row.counters);
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
