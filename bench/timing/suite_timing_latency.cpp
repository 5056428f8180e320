// Section `latency` of suite `timing`: a pointer chase through growing pieces of memory. The curve
// has a plateau for each level of caches, which ends where the level does (docs/TIMING.md draws
// it).
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>

#include "base/error.h"
#include "bench/session.h"
#include "bench/timed_run.h"
#include "bench/timing/suite_timing_sections.h"
#include "nn/device.h"

namespace isobar::bench {
namespace {

constexpr std::uint64_t kLine = 128;         // bytes
constexpr std::uint64_t kMostLines = 65536;  // of a walk: 8 MiB, more than the caches hold
constexpr char kChip[] = "isobar-nano";

std::uint64_t steps_of(std::uint64_t bytes) { return std::min(bytes / kLine, kMostLines); }

std::string size_text(std::uint64_t bytes) {
  return bytes < (2U << 20U) ? fmt::format("{} KiB", bytes >> 10U)
                             : fmt::format("{} MiB", bytes >> 20U);
}

std::uint64_t cycles_of(const std::vector<TimedKernel>& kernels, const std::string& name) {
  const auto found = std::ranges::find(kernels, name, &TimedKernel::name);
  if (found == kernels.end()) fail("the client did not run {}", name);
  return found->cycles;
}

}  // namespace

/// `bytes`: of the buffer that is walked through, one load a line, in random order.
void run_timing_latency_client(const std::string& bytes) {
  const std::uint64_t size = std::strtoull(bytes.c_str(), nullptr, 10);
  const std::uint64_t lines = size / kLine, steps = steps_of(size);
  constexpr std::uint64_t kWords = kLine / sizeof(cl_ulong);
  if (lines == 0)
    fail("--only {}: a number of bytes is meant, at least a line of {}", bytes, kLine);
  std::vector<std::uint64_t> order(lines);
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin() + 1, order.end(), std::mt19937_64(1));  // walks begin at line 0
  std::vector<cl_ulong> next(lines * kWords);
  for (std::uint64_t i = 0; i < lines; ++i)
    next[order[i] * kWords] = order[(i + 1) % lines] * kWords;

  Session session(nn::choose_device("isobar"));
  const cl::Buffer memory = session.buffer<cl_ulong>(next), out = session.buffer(sizeof(cl_ulong));
  const auto walk = [&](const char* name, cl_ulong length) {
    cl::Kernel kernel = session.kernel("chase", name);
    kernel.setArg(0, memory);
    kernel.setArg(1, length);
    kernel.setArg(2, out);
    session.queue().enqueueNDRangeKernel(kernel, cl::NullRange, cl::NDRange(1), cl::NDRange(1));
  };
  walk("chase_first", steps);
  walk("chase_once", steps);
  walk("chase_twice", 2 * steps);
  session.queue().finish();
}

int run_timing_latency(const Options& options, Printer& printer) {
  const unsigned last = options.quick ? 23 : 26;  // 8 MiB, 64 MiB
  for (unsigned power = 14; power <= last; ++power) {
    for (const std::uint64_t bytes : {std::uint64_t{1} << power, std::uint64_t{3} << (power - 1)}) {
      const auto kernels = run_timed(
          {.chip = kChip, .client = "timing-latency-client", .what = std::to_string(bytes)});
      const auto more = cycles_of(kernels, "chase_twice") - cycles_of(kernels, "chase_once");
      printer.print({"timing", fmt::format("latency of a load, {}", size_text(bytes)),
                     static_cast<double>(more) / static_cast<double>(steps_of(bytes)), "cycles"});
    }
  }
  return 0;
}

}  // namespace isobar::bench
