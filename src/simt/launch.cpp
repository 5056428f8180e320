// Work-groups over host threads. Which thread runs a group changes nothing: groups share no state
// but global memory, counts are sums, and of several faults the lowest-numbered group's is told.
#include "simt/launch.h"

#include <time.h>

#include <algorithm>
#include <exception>
#include <mutex>

#include "simt/standard_floating_point.h"
#include "simt/thread_pool.h"
#include "simt/worker.h"

namespace isobar::simt {
namespace {

std::uint64_t thread_cpu_nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// What the threads of a launch share.
struct Shared {
  std::uint64_t end = 0;  // behind the last group
  std::uint64_t chunk = 1;
  std::atomic<std::uint64_t> next{0};
  std::atomic<std::uint64_t> faulted{~std::uint64_t{0}};  // lowest group that faulted so far
  std::mutex mutex;
  LaunchResult result;
  std::exception_ptr error;  // of a thread that could not work: no memory
};

/// Takes work-groups until there are no more. A thread that comes too late costs next to nothing.
void run_share(DecodedProgram& program, GlobalMemory& memory, const LaunchConfig& config,
               Shared& shared) {
  std::uint64_t begin = shared.next.fetch_add(shared.chunk, std::memory_order_relaxed);
  if (begin >= shared.end) return;
  const std::uint64_t started = thread_cpu_nanoseconds();
  const StandardFloatingPoint standard;
  Worker worker(program, memory, config);
  std::optional<Fault> fault;
  std::uint64_t fault_group = ~std::uint64_t{0};
  for (; begin < shared.end;
       begin = shared.next.fetch_add(shared.chunk, std::memory_order_relaxed)) {
    // Groups come in order: behind one that faulted nothing is left to do.
    if (begin > shared.faulted.load(std::memory_order_relaxed)) break;
    for (std::uint64_t g = begin; g < std::min(begin + shared.chunk, shared.end); ++g) {
      if (g > shared.faulted.load(std::memory_order_relaxed)) break;
      std::optional<Fault> found = worker.run_group(g);
      if (!found || g > fault_group) continue;
      fault = std::move(found);
      fault_group = g;
      std::uint64_t lowest = shared.faulted.load();
      while (g < lowest && !shared.faulted.compare_exchange_weak(lowest, g)) {}
    }
  }
  const std::scoped_lock lock(shared.mutex);
  shared.result.counters += worker.counters();
  shared.result.host_cpu_nanoseconds += thread_cpu_nanoseconds() - started;
  if (fault && fault_group == shared.faulted.load()) shared.result.fault = std::move(fault);
}

}  // namespace

std::uint64_t count_groups(const LaunchConfig& config) {
  std::uint64_t groups = 1;
  for (std::size_t d = 0; d < 3; ++d)
    groups *= (config.global_size[d] + config.local_size[d] - 1) / config.local_size[d];
  return groups;
}

bool is_supported(VectorPath path) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  switch (path) {
    case VectorPath::kAvx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    case VectorPath::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("bmi2");
    case VectorPath::kPortable:
      return true;
  }
#endif
  return path == VectorPath::kPortable;
}

VectorPath best_vector_path() {
  for (const VectorPath path : {VectorPath::kAvx512, VectorPath::kAvx2}) {
    if (is_supported(path)) return path;
  }
  return VectorPath::kPortable;
}

LaunchResult launch(Program& program, GlobalMemory& memory, const LaunchConfig& config,
                    unsigned threads) {
  auto& loaded = static_cast<DecodedProgram&>(program);
  Shared shared;
  const std::uint64_t all = count_groups(config), first = std::min(config.groups.first, all);
  const std::uint64_t groups = std::min(config.groups.count, all - first);
  shared.next = first;
  shared.end = first + groups;
  threads = static_cast<unsigned>(std::clamp<std::uint64_t>(groups, 1, std::max(1U, threads)));
  // Small enough that the threads end together, large enough that taking one costs nothing.
  shared.chunk = std::clamp<std::uint64_t>(groups / (std::uint64_t{threads} * 16), 1, 64);
  ThreadPool::instance().share(threads - 1, [&] {
    try {
      run_share(loaded, memory, config, shared);
    } catch (...) {
      const std::scoped_lock lock(shared.mutex);
      shared.error = std::current_exception();
      shared.next = shared.end;
    }
  });
  if (shared.error) std::rethrow_exception(shared.error);
  shared.result.counters.launches = 1;
  return std::move(shared.result);
}

}  // namespace isobar::simt
