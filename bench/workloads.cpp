#include "bench/workloads.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <type_traits>
#include <utility>

namespace isobar::bench {
namespace {

/// A whole number of the position alone (the finaliser of SplitMix64, Steele et al. 2014).
std::uint32_t scrambled(std::uint64_t position) {
  std::uint64_t z = (position + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return static_cast<std::uint32_t>((z ^ (z >> 31U)) >> 32U);
}

/// Between -1 and 1.
std::vector<float> reals(std::size_t n, std::uint64_t seed) {
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] =
        static_cast<float>(static_cast<std::int32_t>(scrambled((seed << 32U) + i))) * 0x1p-31F;
  return values;
}
std::vector<std::uint32_t> words(std::size_t n, std::uint64_t seed) {
  std::vector<std::uint32_t> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = scrambled((seed << 32U) + i);
  return values;
}
cl::Buffer random_buffer(Session& session, std::size_t n, std::uint64_t seed) {
  return session.buffer<float>(reals(n, seed));
}

unsigned pick(Size size, unsigned test, unsigned quick, unsigned full) {
  return size == Size::kTest ? test : size == Size::kQuick ? quick : full;
}
std::size_t rounded_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

/// A kernel with its arguments set. OpenCL does not keep an argument's buffer alive; this does.
struct Bound {
  cl::Kernel kernel;
  std::vector<cl::Buffer> buffers;
};

template <class... Args>
Bound with(cl::Kernel kernel, const Args&... arguments) {
  Bound bound{std::move(kernel), {}};
  cl_uint index = 0;
  const auto set = [&](const auto& argument) {
    bound.kernel.setArg(index++, argument);
    if constexpr (std::is_same_v<std::decay_t<decltype(argument)>, cl::Buffer>)
      bound.buffers.push_back(argument);
  };
  (set(arguments), ...);
  return bound;
}

/// Launches it `times` times over `global` in groups of `local`; reads `count` T of `out`.
template <class T>
Instance instance(Session& session, const Bound& bound, const cl::NDRange& global,
                  const cl::NDRange& local, const cl::Buffer& out, std::size_t count,
                  unsigned times) {
  Session* on = &session;
  return {[=] {
            for (unsigned i = 0; i < times; ++i)
              on->queue().enqueueNDRangeKernel(bound.kernel, cl::NullRange, global, local);
          },
          [=] { return Values(on->read<T>(out, count)); }};
}

Instance vecadd(Session& s, Size size) {
  const cl_uint n = pick(size, 100'003, 1 << 20, 1 << 24);
  const cl::Buffer a = random_buffer(s, n, 1), b = random_buffer(s, n, 2),
                   c = s.buffer(std::size_t{4} * n);
  return instance<float>(s, with(s.kernel("streams", "vecadd"), a, b, c, n),
                         cl::NDRange(rounded_up(n, 256)), cl::NDRange(256), c, n,
                         pick(size, 1, 4, 4));
}

Instance saxpy(Session& s, Size size) {
  const cl_uint n = pick(size, 100'003, 1 << 20, 1 << 24);
  const cl::Buffer x = random_buffer(s, n, 3), y = random_buffer(s, n, 4);
  return instance<float>(s, with(s.kernel("streams", "saxpy"), 0.37F, x, y, n),
                         cl::NDRange(rounded_up(n, 256)), cl::NDRange(256), y, n,
                         pick(size, 1, 4, 4));
}

Instance reduce(Session& s, Size size) {
  const cl_uint n = pick(size, 100'003, 1 << 20, 1 << 22);
  constexpr std::size_t kGroups = 256, kLocal = 256;
  const cl::Buffer in = random_buffer(s, n, 5), out = s.buffer(4 * kGroups);
  return instance<float>(s, with(s.kernel("reduce", "reduce"), in, out, n, cl::Local(4 * kLocal)),
                         cl::NDRange(kGroups * kLocal), cl::NDRange(kLocal), out, kGroups,
                         pick(size, 1, 8, 32));
}

Instance softmax(Session& s, Size size) {
  const cl_uint rows = pick(size, 37, 1024, 4096), columns = pick(size, 300, 1024, 1024);
  const std::size_t n = std::size_t{rows} * columns;
  const cl::Buffer in = random_buffer(s, n, 6), out = s.buffer(std::size_t{4} * n);
  return instance<float>(s, with(s.kernel("rows", "softmax"), in, out, columns),
                         cl::NDRange(std::size_t{rows} * 128), cl::NDRange(128), out, n,
                         pick(size, 1, 1, 3));
}

Instance layernorm(Session& s, Size size) {
  const cl_uint rows = pick(size, 37, 1024, 4096), columns = pick(size, 300, 1024, 1024);
  const std::size_t n = std::size_t{rows} * columns;
  const cl::Buffer in = random_buffer(s, n, 7), out = s.buffer(std::size_t{4} * n);
  const cl::Buffer weight = random_buffer(s, columns, 8), bias = random_buffer(s, columns, 9);
  return instance<float>(s, with(s.kernel("rows", "layernorm"), in, weight, bias, out, columns),
                         cl::NDRange(std::size_t{rows} * 128), cl::NDRange(128), out, n,
                         pick(size, 1, 1, 5));
}

Instance nbody(Session& s, Size size) {
  const cl_uint n = pick(size, 512, 2048, 8192);
  std::vector<float> bodies = reals(std::size_t{4} * n, 10);
  for (std::size_t i = 3; i < bodies.size(); i += 4)  // masses add up to about one half
    bodies[i] = std::abs(bodies[i]) / static_cast<float>(n);
  const cl::Buffer in = s.buffer<float>(bodies), out = s.buffer(std::size_t{16} * n);
  return instance<float>(
      s, with(s.kernel("nbody", "nbody"), in, out, n, cl::Local(std::size_t{16} * 128)),
      cl::NDRange(n), cl::NDRange(128), out, std::size_t{4} * n, 1);
}

Instance sgemm(Session& s, Size size, const char* name, const cl::NDRange& local) {
  const cl_uint n = pick(size, 96, 256, 512);
  const std::size_t elements = std::size_t{n} * n;
  const cl::Buffer a = random_buffer(s, elements, 11), b = random_buffer(s, elements, 12),
                   c = s.buffer(4 * elements);
  return instance<float>(s, with(s.kernel("sgemm", name), a, b, c, n), cl::NDRange(n, n), local, c,
                         elements, pick(size, 1, 2, 3));
}
Instance sgemm_naive(Session& s, Size size) {
  return sgemm(s, size, "sgemm_naive", cl::NDRange(32, 8));
}
Instance sgemm_tiled(Session& s, Size size) {
  return sgemm(s, size, "sgemm_tiled", cl::NDRange(16, 16));
}

Instance histogram(Session& s, Size size) {
  const cl_uint n = pick(size, 100'003, 1 << 20, 1 << 22);
  constexpr std::size_t kBins = 256;
  const cl::Buffer data = s.buffer<std::uint32_t>(words(n, 13)), bins = s.buffer(4 * kBins);
  const Bound bound = with(s.kernel("integers", "histogram"), data, bins, n);
  Session* on = &s;
  const unsigned times = pick(size, 1, 1, 3);
  return {[=] {
            on->queue().enqueueFillBuffer(bins, cl_uint{0}, 0, 4 * kBins);
            for (unsigned i = 0; i < times; ++i)
              on->queue().enqueueNDRangeKernel(bound.kernel, cl::NullRange,
                                               cl::NDRange(std::size_t{64} * 256),
                                               cl::NDRange(256));
          },
          [=] { return Values(on->read<std::uint32_t>(bins, kBins)); }};
}

Instance mandelbrot(Session& s, Size size) {
  const unsigned width = pick(size, 160, 320, 1024), height = pick(size, 120, 256, 768);
  const cl::Buffer out = s.buffer(std::size_t{4} * width * height);
  return instance<std::uint32_t>(
      s,
      with(s.kernel("integers", "mandelbrot"), out, 3.0F / static_cast<float>(width), cl_uint{256}),
      cl::NDRange(width, height), cl::NDRange(32, 8), out, std::size_t{width} * height,
      pick(size, 1, 1, 2));
}

Instance divergent(Session& s, Size size) {
  const std::size_t n = pick(size, 4096, 16384, 65536);
  const cl::Buffer left = s.buffer<std::uint32_t>(words(256, 14)),
                   right = s.buffer<std::uint32_t>(words(256, 15)),
                   out = s.buffer(std::size_t{4} * n);
  return instance<std::uint32_t>(
      s, with(s.kernel("integers", "divergent"), left, right, out, cl_uint{500}), cl::NDRange(n),
      cl::NDRange(256), out, n, 1);
}

constexpr char kContraction[] = "a compiler may fuse a multiply and an add, or not";
constexpr std::array<Workload, 11> kWorkloads{{
    {"vecadd", true, 0, 0, "", vecadd},
    {"saxpy", true, 1e-6, 2, kContraction, saxpy},  // 4 steps of up to 0.37 each
    {"reduce", true, 0, 0, "", reduce},             // the order of additions is the program's
    {"softmax", true, 3e-6, 1e-4, "exp may be 3 ulp off, a division 2.5", softmax},
    {"layernorm", true, 3e-6, 1, "rsqrt may be 2 ulp off; contraction", layernorm},
    {"nbody", true, 1e-5, 1, "rsqrt, cubed, may be 6 ulp off in each of thousands of terms", nbody},
    {"sgemm naive", true, 5e-6, 10, kContraction, sgemm_naive},
    {"sgemm tiled", true, 5e-6, 10, kContraction, sgemm_tiled},
    {"histogram", true, 0, 0, "", histogram},
    {"mandelbrot", true, 0, 0, "", mandelbrot},
    {"divergent if/else", false, 0, 0, "", divergent},
}};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

std::optional<std::string> disagreement(const Workload& workload, const Values& ours,
                                        const Values& peer) {
  if (ours.index() != peer.index()) return fmt::format("{}: results differ in type", workload.name);
  return std::visit(
      [&](const auto& a) -> std::optional<std::string> {
        const auto& b = std::get<std::decay_t<decltype(a)>>(peer);
        if (a.size() != b.size()) return fmt::format("{}: results differ in size", workload.name);
        for (std::size_t i = 0; i < a.size(); ++i) {
          const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
          const double allowed = workload.tolerance * std::max(std::abs(y), workload.magnitude);
          // Written so that a NaN on either side is a disagreement.
          if (x == y || std::abs(x - y) <= allowed) continue;
          return fmt::format("{}: element {} is {:.9g}, the peer has {:.9g} (allowed: {:.3g})",
                             workload.name, i, x, y, allowed);
        }
        return std::nullopt;
      },
      ours);
}

}  // namespace isobar::bench
