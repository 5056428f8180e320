// Section `silicon` of suite `timing`: four operations of a transformer in half precision, whose
// times on an NVIDIA A100 are published (PrincetonUniversity/LLMCompass, ae/figure5, measured with
// PyTorch, the host waiting for each), against the same on chip `a100-like`.
//
// Measured times include the host's way to the kernel, which LLMCompass gives per operation and
// which is added to ours. The matrix unit that their matmul uses is not there, so for it efficiency
// is compared: the share of the peak of the pipe that is used, theirs in matrix units, ours in
// single precision, where both would take equally long at their peaks.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/error.h"
#include "bench/session.h"
#include "bench/timed_run.h"
#include "bench/timing/suite_timing_sections.h"
#include "nn/device.h"

namespace isobar::bench {
namespace {

constexpr double kMicroseconds = 1e6;

/// Rows and columns of the operand, and 10^9 elements per second.
struct Streamed {
  const char* operation;
  double rows, columns, rate;
};
constexpr std::array<Streamed, 17> kStreamed{{
    {"gelu", 1, 1'048'576, 21.935394070344138},
    {"gelu", 1, 2'097'152, 43.980465111040004},
    {"gelu", 1, 4'194'304, 86.66101499712316},
    {"gelu", 1, 8'388'608, 141.87246810012903},
    {"gelu", 1, 16'777'216, 210.36993775086398},
    {"softmax", 4096, 128, 37.27158060257627},
    {"softmax", 4096, 512, 111.34294964820253},
    {"softmax", 4096, 1024, 152.9755308210087},
    {"softmax", 4096, 2048, 167.5446289944381},
    {"softmax", 4096, 4096, 204.5603028420465},
    {"softmax", 32, 4096, 8.457781752123077},
    {"softmax", 512, 4096, 96.6603628814066},
    {"layernorm", 4096, 128, 10.064179659276888},
    {"layernorm", 4096, 1024, 78.888726656574},
    {"layernorm", 4096, 2048, 139.06866438273516},
    {"layernorm", 4096, 4096, 211.31755008307508},
    {"layernorm", 512, 4096, 40.16480832058447},
}};

/// M x K by K x N with K = N: what is simulated, and what is published of the one whose work is 16
/// times as much, as the peak of the pipe is.
struct Multiplied {
  double rows, inner, published_inner, milliseconds;
};
constexpr std::array<Multiplied, 4> kMultiplied{{
    {8192, 64, 256, 0.0356},
    {8192, 128, 512, 0.0471},
    {8192, 256, 1024, 0.0927},
    {8192, 512, 2048, 0.2818},
}};
constexpr double kTensorPeak = 312e12, kVectorPeak = 19.5e12;  // NVIDIA A100 data sheet, 2021

/// From the call to the kernel: LLMCompass, hardware_model/compute_module.py.
double host_seconds(const std::string& operation) {
  if (operation == "matmul") return 21e-6;
  return operation == "softmax" ? 12e-6 : 45e-6;
}

// ---- the client -------------------------------------------------------------------------------

constexpr std::size_t kGroup = 256, kPiece = 4, kBlock = 64;  // as in silicon.cl
constexpr std::size_t kWarp = 32, kLongestOfWarp = 1024;      // columns that one warp takes

/// Of normal numbers that half precision represents.
std::uint16_t half_of(float value) {
  if (value == 0) return 0;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000) |
                                    (((bits >> 13) - (112U << 10)) & 0x7fff));
}

float float_of(std::uint16_t half) {
  const auto magnitude = static_cast<float>((half & 0x3ff) | ((half & 0x7c00) != 0 ? 0x400 : 0));
  const int exponent = std::max(1, half >> 10 & 31) - 25;
  return std::ldexp(half >> 15 != 0 ? -magnitude : magnitude, exponent);
}

/// From -2 to 2 in steps of 1/16, over and over.
float value_at(std::size_t i) { return static_cast<float>(i % 64) / 16 - 2; }

cl::Buffer values(Session& session, std::size_t count) {
  std::vector<std::uint16_t> halves(count);
  for (std::size_t i = 0; i < count; ++i) halves[i] = half_of(value_at(i));
  return session.buffer<std::uint16_t>(halves);
}

template <class... Args>
void launch(Session& session, const std::string& name, const cl::NDRange& global,
            const cl::NDRange& local, const Args&... arguments) {
  // Reductions of warps and work-groups are of OpenCL 3.
  static const cl::Program program = session.build(kernel_source("silicon"), "-cl-std=CL3.0");
  cl::Kernel kernel(program, name.c_str());
  cl_uint index = 0;
  (kernel.setArg(index++, arguments), ...);
  session.queue().enqueueNDRangeKernel(kernel, cl::NullRange, global, local);
  session.queue().finish();
}

void check(const std::string& what, double is, double should_be) {
  if (!(std::abs(is - should_be) <= 0.01 * std::max(1.0, std::abs(should_be))))
    fail("{} is {}, not {}: the kernel is wrong", what, is, should_be);
}

void multiply(Session& session, std::size_t rows, std::size_t inner) {
  const cl::Buffer a = values(session, rows * inner), b = values(session, inner * inner);
  const cl::Buffer c = session.buffer(rows * inner * sizeof(std::uint16_t));
  const auto k = static_cast<cl_uint>(inner);
  launch(session, "matmul", cl::NDRange(inner / kBlock * kGroup, rows / kBlock),
         cl::NDRange(kGroup, 1), a, b, c, k, k);
  const std::vector<std::uint16_t> first = session.read<std::uint16_t>(c, 2);
  double sum = 0;
  for (std::size_t i = 0; i < inner; ++i) sum += value_at(i) * value_at(i * inner + 1);
  check("an element of the product", float_of(first[1]), sum);
}

void stream(Session& session, const std::string& operation, std::size_t rows, std::size_t columns) {
  const std::size_t count = rows * columns;
  const cl::Buffer in = values(session, count);
  const cl::Buffer out = session.buffer(count * sizeof(std::uint16_t));
  const cl::NDRange pieces(count / kPiece), group(kGroup);
  launch(session, "touch", pieces, group, in, out);
  if (operation == "gelu") {
    launch(session, "gelu", cl::NDRange(count / kPiece / 4), group, in, out);
    const double u = value_at(40);
    check("GELU", float_of(session.read<std::uint16_t>(out, 41)[40]),
          u / 2 * (1 + std::tanh(0.7978846 * (u + 0.044715 * u * u * u))));
    return;
  }
  const bool by_warp = columns <= kLongestOfWarp;
  launch(session, operation + (by_warp ? "_warp" : "_group"),
         cl::NDRange(rows * (by_warp ? kWarp : kGroup)), group, in, out,
         static_cast<cl_uint>(columns));
  double sum = 0, squares = 0;
  for (const std::uint16_t half : session.read<std::uint16_t>(out, columns)) {
    sum += float_of(half);
    squares += float_of(half) * float_of(half);
  }
  if (operation == "softmax") return check("the sum of a row", sum, 1);
  check("the mean of a row", sum / static_cast<double>(columns), 0);
  check("the variance of a row", squares / static_cast<double>(columns), 1);
}

// ---- the comparison ---------------------------------------------------------------------------

double simulated_seconds(const std::string& operation, double rows, double columns) {
  for (const TimedKernel& kernel :
       run_timed({.chip = "a100-like",
                  .client = "timing-silicon-client",
                  .what = fmt::format("{}:{:.0f}:{:.0f}", operation, rows, columns),
                  .threads = std::thread::hardware_concurrency()}))
    if (kernel.name.starts_with(operation)) return kernel.seconds;
  fail("the client did not run {}", operation);
}

struct Mean {
  double sum = 0;
  int count = 0;
  void add(double value) {
    sum += std::abs(value);
    ++count;
  }
  void print(Printer& printer, const char* what) const {
    if (count != 0) printer.print({"timing", what, 100 * sum / count, "%"});
  }
};

}  // namespace

/// `point` is OPERATION:ROWS:COLUMNS.
void run_timing_silicon_client(const std::string& point) {
  const std::size_t first = point.find(':'), second = point.find(':', first + 1);
  if (second == std::string::npos)
    fail("--only {}: OPERATION:ROWS:COLUMNS is meant, as in gelu:1:4096", point);
  const std::string operation = point.substr(0, first);
  const std::size_t rows = std::strtoull(point.c_str() + first + 1, nullptr, 10);
  const std::size_t columns = std::strtoull(point.c_str() + second + 1, nullptr, 10);
  Session session(nn::choose_device("isobar"));
  if (operation == "matmul") return multiply(session, rows, columns);
  stream(session, operation, rows, columns);
}

int run_timing_silicon(const Options& options, Printer& printer) {
  Mean all, work, efficiencies;
  for (const Streamed& point : kStreamed) {
    const std::string name =
        fmt::format("silicon {} {:.0f} x {:.0f}", point.operation, point.rows, point.columns);
    if (name.find(options.only) == std::string::npos) continue;
    const double host = host_seconds(point.operation);
    const double theirs = point.rows * point.columns / (point.rate * 1e9);
    const double kernel = simulated_seconds(point.operation, point.rows, point.columns);
    const double error = (host + kernel) / theirs - 1;
    all.add(error);
    printer.print({"timing", name, (host + kernel) * kMicroseconds, "us", "A100",
                   theirs * kMicroseconds, error + 1});
    const bool mostly_host = host > theirs / 2;
    const double without_host = kernel / (theirs - host) - 1;
    if (!mostly_host) work.add(without_host);
    if (!options.json)
      fmt::print(
          "    error {:+.1f} %; without the host {:.1f} us, theirs {:.1f}{}\n", 100 * error,
          kernel * kMicroseconds, (theirs - host) * kMicroseconds,
          mostly_host ? ": mostly the host" : fmt::format(": {:+.1f} %", 100 * without_host));
  }
  for (const Multiplied& point : kMultiplied) {
    const std::string name = fmt::format("silicon matmul {:.0f} x {:.0f}", point.rows, point.inner);
    if (name.find(options.only) == std::string::npos) continue;
    const auto flops = [&](double inner) { return 2 * point.rows * inner * inner; };
    const double theirs = flops(point.published_inner) /
                          (point.milliseconds * 1e-3 - host_seconds("matmul")) / kTensorPeak;
    const double ours =
        flops(point.inner) / simulated_seconds("matmul", point.rows, point.inner) / kVectorPeak;
    efficiencies.add(ours / theirs - 1);
    printer.print({"timing", name, 100 * ours, "% of peak", "A100", 100 * theirs, ours / theirs});
    if (!options.json)
      fmt::print("    error {:+.1f} %; {:.0f} x {:.0f} there, {:.1f} us at either's peak\n",
                 100 * (ours / theirs - 1), point.rows, point.published_inner,
                 flops(point.inner) / kVectorPeak * kMicroseconds);
  }
  if (all.count + efficiencies.count == 0)
    fail("no point of section silicon is called \"{}\"", options.only);
  all.print(printer, "silicon mean absolute error of times");
  work.print(printer, "silicon the same without the host, where it is less than half");
  efficiencies.print(printer, "silicon mean absolute error of matmul's efficiency");
  return 0;
}

}  // namespace isobar::bench
