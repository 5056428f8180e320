// Section `speed` of suite `timing`: the host speed of the timed machine, in warp instructions
// simulated per second of one host core, on kernels that live in the caches and on kernels that
// live off DRAM; what a second host thread brings; what cores cost that have nothing to do.
//
// Speed on one thread is per second of processor time, so that a busy machine hardly matters. For
// two threads it is the clock's: the same work is also run as two processes at the same time, which
// says what the machine itself gives twice.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "base/file/temporary_folder.h"
#include "bench/session.h"
#include "bench/timed_run.h"
#include "bench/timing/suite_timing_sections.h"
#include "nn/device.h"

namespace isobar::bench {
namespace fs = std::filesystem;
namespace {

constexpr char kClient[] = "timing-speed-client";
constexpr char kChip[] = "isobar-nano";
// The cycle-level simulator of Vortex, on its own regression kernels with 32 lanes: the fastest of
// 0.007 to 0.05 M warp instructions a second.
constexpr char kPeer[] = "Vortex SimX, published";
constexpr double kPeerMillions = 0.05;

/// A launch's buffers, in floats, all ones, and after them its one integer argument.
struct Workload {
  const char* file;
  const char* kernel;
  std::vector<std::size_t> buffers;
  cl_uint argument;
  cl::NDRange global, local;
};

Workload sgemm(const char* kernel, cl_uint n, const cl::NDRange& local) {
  const std::size_t elements = std::size_t{n} * n;
  return {"sgemm", kernel, {elements, elements, elements}, n, cl::NDRange(n, n), local};
}
Workload sgemm_naive(bool quick) {
  return sgemm("sgemm_naive", quick ? 128 : 256, cl::NDRange(32, 8));
}
Workload sgemm_tiled(bool quick) {
  return sgemm("sgemm_tiled", quick ? 128 : 256, cl::NDRange(16, 16));
}
Workload stencil(bool quick) {
  const cl_uint n = quick ? 32 : 64;
  const std::size_t cells = std::size_t{n} * n * n;
  return {"vortex", "vx_stencil3d", {cells, cells}, n, cl::NDRange(n, n, n), cl::NDRange(32, 4, 1)};
}
Workload softmax(bool quick) {
  const std::size_t rows = quick ? 512 : 2048, columns = 1024;
  return {"rows",
          "softmax",
          {rows * columns, rows * columns},
          static_cast<cl_uint>(columns),
          cl::NDRange(rows * 128),
          cl::NDRange(128)};
}
Workload vecadd(bool quick) {
  const std::size_t n = std::size_t{1} << (quick ? 20U : 22U);
  return {"streams",      "vecadd",        {n, n, n}, static_cast<cl_uint>(n),
          cl::NDRange(n), cl::NDRange(256)};
}
/// Four work-groups that each fill a core: a part of a product of matrices.
Workload four_groups(bool quick) {
  const cl_uint n = quick ? 512 : 2048;
  Workload part = sgemm("sgemm_naive", n, cl::NDRange(128, 8));
  part.global = cl::NDRange(128, 32);
  return part;
}

struct SpeedKernel {
  std::string_view name;
  std::string_view where;  // its data are, most of the time
  Workload (*workload)(bool quick);
};
constexpr std::array<SpeedKernel, 6> kKernels{{
    {"sgemm naive", "caches", sgemm_naive},
    {"sgemm tiled", "caches", sgemm_tiled},
    {"stencil3d", "caches", stencil},
    {"softmax", "DRAM", softmax},
    {"vecadd", "DRAM", vecadd},
    {"idle cores", "", four_groups},
}};

constexpr std::string_view kQuick = ":quick";

/// One measurement: the client's launches on a chip.
TimedKernel measure(const std::string& chip, const SpeedKernel& kernel, unsigned threads,
                    bool quick) {
  TimedRun run{.chip = chip, .client = kClient};
  run.what = std::string(kernel.name) + (quick ? std::string(kQuick) : "");
  run.threads = threads;
  const std::vector<TimedKernel> kernels = run_timed(run);
  if (kernels.size() != 1)
    fail("{}: the client ran {} kernels, not one", kernel.name, kernels.size());
  return kernels.front();
}

double per_cpu_second(const TimedKernel& run) {
  return static_cast<double>(run.warp_instructions) / run.host_cpu_seconds;
}

void print_speed(const SpeedKernel& kernel, const Options& options, Printer& printer) {
  std::vector<double> speeds;
  double cycles_per_instruction = 0;
  for (unsigned i = 0; i < options.pairs; ++i) {
    const TimedKernel run = measure(kChip, kernel, 1, options.quick);
    speeds.push_back(per_cpu_second(run) * 1e-6);
    cycles_per_instruction = 1 / run.ipc();
  }
  printer.print({"timing", fmt::format("speed {}, data in {}", kernel.name, kernel.where),
                 median(speeds), "M warp-instr/s/core", kPeer, kPeerMillions,
                 median(speeds) / kPeerMillions});
  printer.print({"timing", fmt::format("speed {}, simulated clock", kernel.name),
                 median(speeds) * cycles_per_instruction, "M cycles/s/core"});
}

/// 1 if the number of threads changes the cycles.
int print_scaling(const SpeedKernel& kernel, const Options& options, Printer& printer) {
  std::vector<double> gains, limits;
  for (unsigned pair = 0; pair < options.pairs; ++pair) {
    const TimedKernel one = measure(kChip, kernel, 1, options.quick);
    const TimedKernel two = measure(kChip, kernel, 2, options.quick);
    if (one.cycles != two.cycles) {
      fmt::print(stderr, "isobar: {} took {} cycles on one host thread, {} on two\n", kernel.name,
                 one.cycles, two.cycles);
      return 1;
    }
    gains.push_back(one.host_seconds / two.host_seconds);
    auto other =
        std::async(std::launch::async, [&] { return measure(kChip, kernel, 1, options.quick); });
    const TimedKernel beside = measure(kChip, kernel, 1, options.quick);
    limits.push_back(2 * one.host_seconds /
                     std::max(beside.host_seconds, other.get().host_seconds));
  }
  printer.print({"timing", fmt::format("speed {}, 2 host threads", kernel.name), median(gains),
                 "x one thread's (bar 1.5)", "two processes", median(limits),
                 median(gains) / median(limits)});
  return 0;
}

/// The default chip with another number of cores.
std::string with_cores(const fs::path& folder, unsigned count) {
  constexpr std::string_view kLine = "\ncount = 4\n";
  std::string text = read_text(share_directory() / "chips" / (std::string(kChip) + ".toml"));
  const std::size_t at = text.find(kLine);
  if (at == std::string::npos) fail("{} has not 4 cores any more", kChip);
  text.replace(at, kLine.size(), fmt::format("\ncount = {}\n", count));
  const fs::path path = folder / fmt::format("{}-cores.toml", count);
  write_text_atomically(path, text);
  return path.string();
}

void print_idleness(const SpeedKernel& kernel, const Options& options, Printer& printer) {
  const TemporaryFolder folder("isobar-bench");
  const std::string small = with_cores(folder.path(), 4), large = with_cores(folder.path(), 128);
  std::vector<double> ratios;
  for (unsigned pair = 0; pair < options.pairs; ++pair) {
    const double four = per_cpu_second(measure(small, kernel, 1, options.quick));
    ratios.push_back(per_cpu_second(measure(large, kernel, 1, options.quick)) / four);
  }
  printer.print({"timing", "speed of 128 cores, 4 of them busy", 100 * median(ratios),
                 "% of 4 cores' (bar 90)"});
}

}  // namespace

int run_timing_speed(const Options& options, Printer& printer) {
  int wrong = 0;
  for (const SpeedKernel& kernel : kKernels) {
    if (kernel.name.find(options.only) == std::string_view::npos) continue;
    if (kernel.workload == four_groups) {
      print_idleness(kernel, options, printer);
      continue;
    }
    print_speed(kernel, options, printer);
    wrong = std::max(wrong, print_scaling(kernel, options, printer));
  }
  return wrong;
}

/// `what` is a kernel's name, followed by ":quick" for a smaller one.
void run_timing_speed_client(const std::string& what) {
  const bool quick = what.ends_with(kQuick);
  const std::string name = quick ? what.substr(0, what.size() - kQuick.size()) : what;
  const auto* kernel = std::ranges::find(kKernels, name, &SpeedKernel::name);
  if (kernel == kKernels.end()) fail("--only {}: no such kernel", what);
  const Workload workload = kernel->workload(quick);

  Session session(nn::choose_device("isobar"));
  cl::Kernel bound = session.kernel(workload.file, workload.kernel);
  std::vector<cl::Buffer> buffers;
  cl_uint index = 0;
  for (const std::size_t floats : workload.buffers) {
    buffers.push_back(session.buffer<float>(std::vector<float>(floats, 1.0F)));
    bound.setArg(index++, buffers.back());
  }
  bound.setArg(index, workload.argument);
  for (int launches = 0; launches < 2; ++launches)
    session.queue().enqueueNDRangeKernel(bound, cl::NullRange, workload.global, workload.local);
  session.queue().finish();
}

}  // namespace isobar::bench
