// What the interface itself costs: the same calls on both devices, in turn, in one process.
#include <chrono>
#include <functional>
#include <random>

#include "bench/session.h"
#include "bench/suites.h"

namespace isobar::bench {
namespace {

using Body = std::function<void()>;

double seconds_of(const Body& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs both bodies in turn, each doing `operations` of the same kind, and prints one row.
void compare(const char* name, const char* unit, double scale, unsigned operations, unsigned pairs,
             const Body& ours, const Body& theirs, const std::string& peer, Printer& printer) {
  ours();
  theirs();
  std::vector<double> mine, others, ratios;
  for (unsigned i = 0; i < pairs; ++i) {
    mine.push_back(seconds_of(ours) * scale / operations);
    others.push_back(seconds_of(theirs) * scale / operations);
    ratios.push_back(mine.back() / others.back());
  }
  printer.print({"opencl", name, median(mine), unit, peer, median(others), median(ratios)});
}

/// The measured calls on one device.
class Calls {
 public:
  Calls(Session& session, unsigned repeats)
      : session_(session),
        repeats_(repeats),
        small_(session.buffer(kSmall)),
        large_(session.buffer(kLarge)),
        host_(kLarge),
        nothing_(session.kernel("nothing", "nothing")),
        salt_(std::random_device{}()) {
    nothing_.setArg(0, small_);
  }

  void launch_one_by_one() {
    for (unsigned i = 0; i < repeats_; ++i) {
      enqueue_nothing();
      session_.queue().finish();
    }
  }
  void launch_in_a_row() {
    for (unsigned i = 0; i < repeats_; ++i) enqueue_nothing();
    session_.queue().finish();
  }
  void write_small() {
    for (unsigned i = 0; i < repeats_; ++i)
      session_.queue().enqueueWriteBuffer(small_, CL_TRUE, 0, kSmall, host_.data());
  }
  void read_small() {
    for (unsigned i = 0; i < repeats_; ++i)
      session_.queue().enqueueReadBuffer(small_, CL_TRUE, 0, kSmall, host_.data());
  }
  void map_small() {
    for (unsigned i = 0; i < repeats_; ++i) {
      void* at = session_.queue().enqueueMapBuffer(small_, CL_TRUE, CL_MAP_WRITE, 0, kSmall);
      session_.queue().enqueueUnmapMemObject(small_, at);
      session_.queue().finish();
    }
  }
  void copy_large() {
    session_.queue().enqueueWriteBuffer(large_, CL_TRUE, 0, kLarge, host_.data());
    session_.queue().enqueueReadBuffer(large_, CL_TRUE, 0, kLarge, host_.data());
  }
  /// Source to kernel. Some drivers compile when the kernel is first launched, so that is timed
  /// too.
  void compile(unsigned salt) {
    const cl::Program program =
        session_.build(kernel_source("nothing"), "-DSALT=" + std::to_string(salt) + "u");
    cl::Kernel kernel(program, "one");
    kernel.setArg(0, small_);
    session_.queue().enqueueNDRangeKernel(kernel, cl::NullRange, cl::NDRange(32), cl::NDRange(32));
    session_.queue().finish();
  }
  /// Never seen before, by this process or one that left something in a cache.
  void compile_new() { compile(salt_++); }
  void compile_again() { compile(0); }

  static constexpr std::size_t kSmall = 4096, kLarge = std::size_t{32} << 20U;

 private:
  void enqueue_nothing() {
    session_.queue().enqueueNDRangeKernel(nothing_, cl::NullRange, cl::NDRange(32),
                                          cl::NDRange(32));
  }
  Session& session_;
  unsigned repeats_;
  cl::Buffer small_, large_;
  std::vector<char> host_;
  cl::Kernel nothing_;
  unsigned salt_;
};

}  // namespace

int run_opencl(const Options& options, Printer& printer) {
  use_one_thread();
  Session device(nn::choose_device(options.device)), peer(nn::choose_device(options.peer));
  const unsigned repeats = options.quick ? 20 : 500;
  Calls ours(device, repeats), theirs(peer, repeats);
  const std::string name = peer.device().platform + ", 1 thread";
  const auto row = [&](const char* what, void (Calls::*call)(), const char* unit, double scale,
                       unsigned operations, unsigned pairs) {
    compare(
        what, unit, scale, operations, pairs, [&] { (ours.*call)(); }, [&] { (theirs.*call)(); },
        name, printer);
  };
  const unsigned pairs = options.pairs;
  row("launch and wait", &Calls::launch_one_by_one, "us", 1e6, repeats, pairs);
  row("launch, many in a row", &Calls::launch_in_a_row, "us", 1e6, repeats, pairs);
  row("write 4 KiB", &Calls::write_small, "us", 1e6, repeats, pairs);
  row("read 4 KiB", &Calls::read_small, "us", 1e6, repeats, pairs);
  row("map and unmap 4 KiB", &Calls::map_small, "us", 1e6, repeats, pairs);
  row("write and read 32 MiB", &Calls::copy_large, "ms", 1e3, 1, pairs);
  row("compile a new kernel", &Calls::compile_new, "ms", 1e3, 1, options.quick ? 1 : 3);
  row("compile a known kernel", &Calls::compile_again, "ms", 1e3, 1, pairs);
  return 0;
}

}  // namespace isobar::bench
