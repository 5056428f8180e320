// Section `rtl` of suite `timing`: the six kernels whose cycles in RTL simulation Vortex publishes
// (vortexgpgpu/vortex, ci/baselines/perf/core.json: driver rtlsim, 32 bit, 1 core of 4 warps with 4
// or 16 lanes), on chips described like theirs. Their compiler and instruction set differ from
// ours, so instructions per cycle are compared, and both counts are printed.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "base/error.h"
#include "bench/session.h"
#include "bench/timed_run.h"
#include "bench/timing/suite_timing_sections.h"
#include "nn/device.h"

namespace isobar::bench {
namespace {

struct Published {
  unsigned lanes;
  const char* kernel;
  double cycles, warp_instructions;
};
constexpr std::array<Published, 12> kPublished{{
    {4, "vecadd", 292'046, 98'320},
    {4, "sgemm", 5'957'013, 2'494'480},
    {4, "sgemmx", 4'292'070, 1'067'536},
    {4, "sgemv", 1'095'272, 316'432},
    {4, "softmax", 4'889'616, 1'789'797},
    {4, "stencil3d", 4'195'670, 1'785'872},
    {16, "vecadd", 75'335, 24'592},
    {16, "sgemm", 1'821'882, 623'632},
    {16, "sgemmx", 1'599'812, 266'896},
    {16, "sgemv", 637'372, 79'120},
    {16, "softmax", 3'584'289, 464'089},
    {16, "stencil3d", 2'681'071, 892'944},
}};

/// 0, 1 / n, 2 / n, ...: values of no consequence, the same everywhere.
cl::Buffer ramp(Session& session, std::size_t n) {
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<float>(i) / static_cast<float>(n);
  return session.buffer<float>(values);
}

struct Launch {
  const char* file;
  const char* kernel;
  cl::NDRange global, local;
};

template <class... Args>
void launch(Session& session, const Launch& what, const Args&... arguments) {
  cl::Kernel kernel = session.kernel(what.file, what.kernel);
  cl_uint index = 0;
  (kernel.setArg(index++, arguments), ...);
  session.queue().enqueueNDRangeKernel(kernel, cl::NullRange, what.global, what.local);
  session.queue().finish();
}

}  // namespace

/// `what` is KERNEL:LANES; the work-groups are those of bench/kernels/vortex.cl.
void run_timing_rtl_client(const std::string& what) {
  const std::size_t colon = what.find(':');
  if (colon == std::string::npos) fail("--only {}: KERNEL:LANES is meant, as in sgemm:4", what);
  const std::string kernel = what.substr(0, colon);
  const std::size_t lanes = std::strtoul(what.c_str() + colon + 1, nullptr, 10);
  Session session(nn::choose_device("isobar"));
  const cl::NDRange line(4 * lanes);
  if (kernel == "vecadd") {
    const cl::Buffer a = ramp(session, 16384), b = ramp(session, 16384), c = ramp(session, 16384);
    launch(session, {"vortex", "vx_vecadd", cl::NDRange(16384), line}, a, b, c);
  } else if (kernel == "sgemm") {
    const cl::Buffer a = ramp(session, 16384), b = ramp(session, 16384), c = ramp(session, 16384);
    launch(session, {"vortex", "vx_sgemm", cl::NDRange(128, 128), cl::NDRange(lanes, 4)}, a, b, c,
           128);
  } else if (kernel == "sgemmx") {
    const cl::Buffer a = ramp(session, 16384), b = ramp(session, 16384), c = ramp(session, 16384);
    launch(session, {"vortex", "vx_sgemmx", cl::NDRange(32, 32), cl::NDRange(4, 4)}, a, b, c, 128,
           1.0F, 0.5F);
  } else if (kernel == "sgemv") {
    const cl::Buffer a = ramp(session, std::size_t{512} * 512), x = ramp(session, 512),
                     y = ramp(session, 512);
    launch(session, {"vortex", "vx_sgemv", cl::NDRange(512), line}, a, x, y, 512, 512);
  } else if (kernel == "softmax") {
    const cl::Buffer values = ramp(session, 4096), out = ramp(session, 4096);
    launch(session, {"vortex_softmax", "vx_softmax", cl::NDRange(64), line}, values, out,
           cl_uint{64}, cl_uint{64});
  } else if (kernel == "stencil3d") {
    const cl::Buffer in = ramp(session, 32768), out = ramp(session, 32768);
    launch(session, {"vortex", "vx_stencil3d", cl::NDRange(32, 32, 32), cl::NDRange(2, 2, 2)}, in,
           out, 32);
  } else {
    fail("--only {}: no such kernel", what);
  }
}

int run_timing_rtl(const Options& options, Printer& printer) {
  std::vector<double> errors;
  int wrong = 0;
  for (const Published& row : kPublished) {
    const std::string name = fmt::format("{} {} lanes", row.kernel, row.lanes);
    if (name.find(options.only) == std::string::npos) continue;
    const std::vector<TimedKernel> kernels =
        run_timed({.chip = fmt::format("vortex-1c4w{}t", row.lanes),
                   .client = "timing-rtl-client",
                   .what = fmt::format("{}:{}", row.kernel, row.lanes)});
    if (kernels.size() != 1) fail("{}: the client ran {} kernels, not one", name, kernels.size());
    const TimedKernel& ours = kernels.front();
    const double theirs = row.warp_instructions / row.cycles;
    const double error = ours.ipc() / theirs - 1;
    errors.push_back(std::abs(error));
    if (ours.unattributed != 0) wrong = 1;
    printer.print({"timing", "rtl " + name, ours.ipc(), "instr/cycle", "Vortex rtlsim", theirs,
                   ours.ipc() / theirs});
    if (!options.json)
      fmt::print(
          "    error {:+.1f} %; warp instructions {} (theirs {:.0f}); cycles {} (theirs "
          "{:.0f}); most waiting: {}\n",
          100 * error, ours.warp_instructions, row.warp_instructions, ours.cycles, row.cycles,
          ours.largest_stall());
  }
  if (errors.empty()) fail("no kernel of section rtl is called \"{}\"", options.only);
  const double mean =
      std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  printer.print({"timing", "rtl mean absolute error", 100 * mean, "% (at most 15)"});
  if (options.only.empty() && mean > 0.15) wrong = 1;
  return wrong;
}

}  // namespace isobar::bench
