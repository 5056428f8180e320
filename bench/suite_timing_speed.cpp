// The host speed of the timed machine: warp instructions simulated per second of one host core, for
// kernels that live in the caches and for those that live off DRAM; what a second host thread
// brings; and what cores cost that have nothing to do.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/temporary_folder.h"
#include "bench/suite_timing_sections.h"
#include "bench/timed_child.h"

namespace isobar::bench {
namespace fs = std::filesystem;
namespace {

constexpr char kSuite[] = "timing";
// Of Vortex's own cycle-level simulator, SimX, on kernels like these with 32 lanes.
constexpr char kPeer[] = "Vortex SimX, 32 lanes, published";
constexpr double kPeerFastest = 0.05;  // M warp instructions/s

/// A kernel with zeroed buffers of so many floats each, then one integer argument: what it computes
/// does not matter here, only where it reads.
std::function<void()> launch(Session& session, const char* file, const char* name,
                             std::span<const std::size_t> floats, cl_uint argument,
                             const cl::NDRange& global, const cl::NDRange& local) {
  cl::Kernel kernel = session.kernel(file, name);
  std::vector<cl::Buffer> buffers;
  cl_uint index = 0;
  for (const std::size_t n : floats) {
    buffers.push_back(session.buffer<float>(std::vector<float>(n, 1.0F)));
    kernel.setArg(index++, buffers.back());
  }
  kernel.setArg(index, argument);
  // The copy of `buffers` keeps them: OpenCL does not keep what an argument names.
  return [&session, kernel, buffers, global, local] {
    session.queue().enqueueNDRangeKernel(kernel, cl::NullRange, global, local);
  };
}

std::function<void()> square(Session& s, const char* file, const char* name, cl_uint n,
                             const cl::NDRange& global, const cl::NDRange& local) {
  const std::size_t elements = std::size_t{n} * n;
  return launch(s, file, name, std::array{elements, elements, elements}, n, global, local);
}

struct SpeedKernel {
  const char* name;
  const char* where;  // its data are, most of the time
  std::function<void()> (*prepare)(Session& session, bool quick);
};

constexpr std::array<SpeedKernel, 5> kKernels{{
    {"sgemm naive", "in caches",
     [](Session& s, bool quick) {
       const cl_uint n = quick ? 128 : 256;
       return square(s, "sgemm", "sgemm_naive", n, cl::NDRange(n, n), cl::NDRange(32, 8));
     }},
    {"sgemm tiled", "in caches",
     [](Session& s, bool quick) {
       const cl_uint n = quick ? 128 : 256;
       return square(s, "sgemm", "sgemm_tiled", n, cl::NDRange(n, n), cl::NDRange(16, 16));
     }},
    {"stencil3d", "in caches",
     [](Session& s, bool quick) {
       const cl_uint n = quick ? 32 : 64;
       const std::size_t cells = std::size_t{n} * n * n;
       return launch(s, "vortex", "vx_stencil3d", std::array{cells, cells}, n, cl::NDRange(n, n, n),
                     cl::NDRange(32, 4, 1));
     }},
    {"softmax", "in DRAM",
     [](Session& s, bool quick) {
       const cl_uint rows = quick ? 512 : 2048, columns = 1024;
       const std::size_t n = std::size_t{rows} * columns;
       return launch(s, "rows", "softmax", std::array{n, n}, columns,
                     cl::NDRange(std::size_t{rows} * 128), cl::NDRange(128));
     }},
    {"vecadd", "in DRAM",
     [](Session& s, bool quick) {
       const cl_uint n = quick ? 1 << 20 : 1 << 22;
       return launch(s, "streams", "vecadd", std::array<std::size_t, 3>{n, n, n}, n, cl::NDRange(n),
                     cl::NDRange(256));
     }},
}};

ChildTimes run(const SpeedKernel& kernel, const TimedSetup& setup, bool quick) {
  return time_in_child(setup, [&](Session& session) { return kernel.prepare(session, quick); });
}

void print_speed(const SpeedKernel& kernel, const fs::path& chip, const Options& options,
                 Printer& printer) {
  std::vector<double> one, scaling;
  double cycles = 0;
  for (unsigned pair = 0; pair < options.pairs; ++pair) {
    const ChildTimes single = run(kernel, {chip, 1}, options.quick);
    const ChildTimes both = run(kernel, {chip, 2}, options.quick);
    if (single.cycles != both.cycles)
      fail("{} takes {} cycles on one host thread, {} on two", kernel.name, single.cycles,
           both.cycles);
    one.push_back(single.per_cpu_second() * 1e-6);
    scaling.push_back(both.per_second() / single.per_second());
    cycles = single.cycles;
  }
  printer.print({kSuite, fmt::format("{} speed, {}", kernel.name, kernel.where), median(one),
                 "M warp-instr/s/core", kPeer, kPeerFastest, median(one) / kPeerFastest});
  printer.print({kSuite, fmt::format("{} on 2 host threads", kernel.name), median(scaling),
                 "x one thread's speed"});
  printer.print({kSuite, fmt::format("{} simulated", kernel.name), cycles, "cycles"});
}

/// isobar-nano with another number of cores, in a folder that is gone at the end.
class ChipsOfSizes {
 public:
  [[nodiscard]] fs::path with_cores(unsigned count) const {
    constexpr std::string_view kLine = "\ncount = 4\n";
    std::string text = read_text(share_directory() / "chips" / "isobar-nano.toml");
    const std::size_t at = text.find(kLine);
    if (at == std::string::npos) fail("isobar-nano has not 4 cores any more");
    text.replace(at, kLine.size(), fmt::format("\ncount = {}\n", count));
    fs::path path = folder_.path() / fmt::format("nano-{}.toml", count);
    write_text_atomically(path, text);
    return path;
  }

 private:
  TemporaryFolder folder_{"isobar-bench"};
};

/// Four work-groups that fill a core each, on a chip of four and on one of 128.
void print_idleness(const Options& options, Printer& printer) {
  const ChipsOfSizes chips;
  const TimedSetup small{chips.with_cores(4), 1}, large{chips.with_cores(128), 1};
  const auto work = [&](Session& session) {
    const cl_uint n = options.quick ? 512 : 2048;
    return square(session, "sgemm", "sgemm_naive", n, cl::NDRange(128, 32), cl::NDRange(128, 8));
  };
  std::vector<double> ratios;
  for (unsigned pair = 0; pair < options.pairs; ++pair) {
    const ChildTimes four = time_in_child(small, work);
    ratios.push_back(time_in_child(large, work).per_cpu_second() / four.per_cpu_second());
  }
  printer.print(
      {kSuite, "4 busy cores of 128", 100 * median(ratios), "% of a 4-core chip's speed"});
}

}  // namespace

int run_timing_speed(const Options& options, Printer& printer) {
  const fs::path chip = share_directory() / "chips" / "isobar-nano.toml";
  for (const SpeedKernel& kernel : kKernels)
    if (std::string_view(kernel.name).find(options.only) != std::string_view::npos)
      print_speed(kernel, chip, options, printer);
  if (std::string_view("idleness").find(options.only) != std::string_view::npos)
    print_idleness(options, printer);
  return 0;
}

}  // namespace isobar::bench
