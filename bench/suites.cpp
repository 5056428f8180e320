#include "bench/suites.h"

#include <array>
#include <cstdlib>

#include "base/error.h"
#include "bench/timing/suite_timing.h"

namespace isobar::bench {
namespace {

constexpr std::array<Suite, 7> kSuites{{
    {"simt", "ten OpenCL kernels: simulator speed, time compared with a peer, SIMD efficiency",
     run_simt, "--quick --device --peer --pairs --only"},
    {"train", "training steps of gpt-nano: tokens/s and model GFLOP/s", run_train,
     "--quick --device --peer --pairs"},
    {"opencl", "overheads of the OpenCL interface: launches, copies, maps, compiling", run_opencl,
     "--quick --device --peer --pairs"},
    {"timing", "the timed machine: host speed, error of sampling, comparison with RTL and silicon",
     run_timing, "--quick --pairs --only --section"},
    {"explain",
     "DeepSeek's trace and an independent analysis; time and memory for up to a gigabyte",
     run_explain, "--quick"},
    {"plan", "the planner: evaluations per second, time of a full search, errors on published runs",
     run_plan, "--quick --pairs"},
    {"fab",
     "comparison with published die areas, yields, export classes and dates; a sweep of 10,000 "
     "designs",
     run_fab, "--quick"},
}};

}  // namespace

std::span<const Suite> suites() { return kSuites; }

int run_suite(std::string_view name, const Options& options) {
  for (const TimingClient& client : timing_clients()) {
    if (client.name != name) continue;
    client.run(options.only);
    return 0;
  }
  Printer printer(options.json, options.csv, options.csv_alone);
  std::string names;
  for (const Suite& suite : kSuites) {
    if (suite.name == name) return suite.run(options, printer);
    names += (names.empty() ? "" : ", ") + std::string(suite.name);
  }
  fail("no benchmark suite is called \"{}\" (there are {})", name, names);
}

void use_one_thread() {
  // What the two drivers read when they are loaded: ours (device/settings.h) and PoCL's
  // (portablecl.org, "Debugging and environment variables").
  setenv("ISOBAR_THREADS", "1", 1);
  setenv("POCL_MAX_PTHREAD_COUNT", "1", 1);
}

}  // namespace isobar::bench
