// How far sampled fidelity is from timed, kernel by kernel, over steps of training of which it
// timed next to nothing, and how much faster it is.
//
// Both run the same steps twice, a few and some more; what the first few took (where sampling times
// nearly every launch, so that it cannot be wrong) is subtracted from both.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include "base/error.h"
#include "bench/timed_run.h"
#include "bench/timing/suite_timing_sections.h"
#include "bench/training_steps.h"

namespace isobar::bench {
namespace {

constexpr unsigned kFirstSteps = 2;    // sampling takes its samples in the first of these
constexpr unsigned kDefaultRun = 700;  // steps of `isobar train` without options
constexpr unsigned kChecks = 1;        // of these steps are timed again (timing/sampled/sampling.h)
constexpr double kMicroseconds = 1e6;

struct KernelTime {
  double seconds = 0;  // simulated
  double launches = 0, timed_launches = 0;
};

/// Some steps of training: what each kernel took, and the host.
struct Steps {
  std::map<std::string, KernelTime> kernels;
  std::map<std::string, double> charges;  // lane-slots by cause: the ledger of all kernels
  double dram_bytes = 0, joules = 0;
  double cpu_seconds = 0;         // of the host's threads, inside launches
  std::int64_t unattributed = 0;  // lane-slots of all ledgers
};

Steps simulate(const std::string& fidelity, unsigned steps) {
  TimedRun run{"isobar-nano", fidelity, "timing-sampled-client", std::to_string(steps)};
  run.threads = std::thread::hardware_concurrency();
  Steps out;
  for (const TimedKernel& kernel : run_timed(run)) {
    out.kernels[kernel.name] = {kernel.seconds, static_cast<double>(kernel.launches),
                                static_cast<double>(kernel.timed_launches)};
    for (const auto& [cause, share] : kernel.shares)
      out.charges[cause] += share * static_cast<double>(kernel.capacity);
    out.dram_bytes += static_cast<double>(kernel.dram_read_bytes + kernel.dram_write_bytes);
    out.joules += kernel.joules;
    out.cpu_seconds += kernel.host_cpu_seconds;
    out.unattributed += std::abs(kernel.unattributed);
  }
  return out;
}

/// The steps of `all` behind those of `first`.
Steps between(const Steps& first, const Steps& all) {
  Steps rest = all;
  rest.cpu_seconds -= first.cpu_seconds;
  rest.dram_bytes -= first.dram_bytes;
  rest.joules -= first.joules;
  for (const auto& [cause, charge] : first.charges) rest.charges[cause] -= charge;
  for (auto& [name, kernel] : rest.kernels) {
    const KernelTime& before = first.kernels.at(name);
    kernel.seconds -= before.seconds;
    kernel.launches -= before.launches;
    kernel.timed_launches -= before.timed_launches;
  }
  return rest;
}

double total(const Steps& steps) {
  double sum = 0;
  for (const auto& [name, kernel] : steps.kernels) sum += kernel.seconds;
  return sum;
}

/// Of the ledger, in percent of all.
double share(const Steps& steps, const std::string& cause) {
  double sum = 0;
  for (const auto& [name, charge] : steps.charges) sum += charge;
  const auto found = steps.charges.find(cause);
  return found == steps.charges.end() ? 0 : 100 * found->second / sum;
}

/// How far a ledger of sampled steps is from that of timed ones.
void print_ledger(const Steps& sampled, const Steps& timed, Printer& printer) {
  std::string worst;
  double most = 0;
  for (const auto& [cause, charge] : timed.charges) {
    const double moved = std::abs(share(sampled, cause) - share(timed, cause));
    if (moved <= most) continue;
    most = moved;
    worst = cause;
  }
  printer.print({"timing", fmt::format("sampled, the ledger's cause that moves most: {}", worst),
                 share(sampled, worst), "% of the step", "timed", share(timed, worst)});
  printer.print({"timing", "sampled, DRAM bytes of the steps", sampled.dram_bytes / 1e6, "MB",
                 "timed", timed.dram_bytes / 1e6, sampled.dram_bytes / timed.dram_bytes});
  printer.print({"timing", "sampled, energy of the steps", sampled.joules * 1e3, "mJ", "timed",
                 timed.joules * 1e3, sampled.joules / timed.joules});
}

double error_percent(double value, double truth) { return 100 * (value - truth) / truth; }

}  // namespace

int run_timing_sampled(const Options& options, Printer& printer) {
  const unsigned more = options.quick ? 1 : 4;
  const Steps sampled_first = simulate("sampled", kFirstSteps);
  const Steps timed_first = simulate("timed", kFirstSteps);
  const Steps sampled = between(sampled_first, simulate("sampled", kFirstSteps + more));
  const Steps timed = between(timed_first, simulate("timed", kFirstSteps + more));

  // [1] Errors: of every kernel's time in these steps, and of their sum.
  double sum = 0, worst = 0;
  for (const auto& [name, truth] : timed.kernels) {
    const KernelTime& estimate = sampled.kernels.at(name);
    const double error = error_percent(estimate.seconds, truth.seconds);
    sum += std::abs(error);
    worst = std::max(worst, std::abs(error));
    printer.print({"timing",
                   fmt::format("sampled {}, {:.0f} of {:.0f} launches timed", name,
                               estimate.timed_launches, estimate.launches),
                   estimate.seconds * kMicroseconds / more, "us/step", "timed",
                   truth.seconds * kMicroseconds / more, estimate.seconds / truth.seconds});
  }
  const auto kernels = static_cast<double>(timed.kernels.size());
  printer.print({"timing", "sampled, mean error of kernels (bar: 3)", sum / kernels, "%"});
  printer.print({"timing", "sampled, worst error of kernels (bar: 8)", worst, "%"});
  printer.print({"timing", "sampled, error of a step's device time",
                 std::abs(error_percent(total(sampled), total(timed))), "%"});

  print_ledger(sampled, timed, printer);

  // [2] Speed, in processor time, which other programs on this machine change least: of a step once
  // the samples are taken, and of a whole run of default length with its samples and checks.
  const unsigned many = options.quick ? 8 : 24;  // no check falls in these
  const double sampled_step =
      between(sampled_first, simulate("sampled", kFirstSteps + many)).cpu_seconds / many;
  const double functional_step =
      between(simulate("functional", kFirstSteps), simulate("functional", kFirstSteps + many))
          .cpu_seconds /
      many;
  const double timed_step = timed.cpu_seconds / more;
  const double run =
      sampled_first.cpu_seconds + (kDefaultRun - kFirstSteps) * sampled_step + kChecks * timed_step;
  printer.print({"timing", "sampled, a step", sampled_step, "CPU s", "timed", timed_step,
                 timed_step / sampled_step});
  printer.print({"timing", "sampled, 700 steps, checks included", run, "CPU s", "timed",
                 kDefaultRun * timed_step, kDefaultRun * timed_step / run});
  printer.print({"timing", "sampled, 700 steps, checks included", run, "CPU s", "functional",
                 kDefaultRun * functional_step, kDefaultRun * functional_step / run});

  // [3] The ledgers must be exact.
  const std::int64_t unattributed = sampled_first.unattributed + sampled.unattributed +
                                    timed_first.unattributed + timed.unattributed;
  printer.print({"timing", "ledger, lane-slots unattributed", static_cast<double>(unattributed),
                 "lane-slots"});
  return unattributed == 0 ? 0 : 1;
}

void run_timing_sampled_client(const std::string& steps) {
  const auto count = static_cast<unsigned>(std::strtoul(steps.c_str(), nullptr, 10));
  if (count == 0) fail("--only {}: a number of steps is meant, as in 4", steps);
  const model::ModelFile model = model::find_model("gpt-nano");
  (void)TrainingSteps("isobar", model).run(count);
}

}  // namespace isobar::bench
