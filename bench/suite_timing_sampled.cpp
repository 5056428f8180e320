// How far sampled fidelity is from timed, kernel by kernel, over steps of training of which it
// timed next to nothing, and how much faster it is.
//
// Both run the same steps twice, a few and some more; what the first few took (where sampling times
// nearly every launch, so that it cannot be wrong) is subtracted from both.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "bench/clients.h"
#include "bench/timing_sections.h"

namespace isobar::bench {
namespace {

constexpr unsigned kFirstSteps = 3;    // sampling takes its samples in these
constexpr unsigned kDefaultRun = 700;  // steps of `isobar train` without options
constexpr double kPicosecondsPerMicrosecond = 1e6;

struct KernelTime {
  double picoseconds = 0;
  double launches = 0, timed_launches = 0;
};
using KernelTimes = std::map<std::string, KernelTime>;

/// Some steps of training: what each kernel took, and the host.
struct Steps {
  KernelTimes kernels;
  double seconds = 0;       // of the steps
  double unattributed = 0;  // lane-slots of all ledgers
};

Steps simulate(const std::string& fidelity, unsigned steps) {
  const ClientResult result = simulate_client(
      {"isobar-nano", fidelity, 0, {"training-steps", "gpt-nano", std::to_string(steps)}});
  Steps out;
  out.seconds = std::stod(result.output);
  for (const auto& kernel : result.profile.at("kernels")) {
    out.kernels[kernel.at("kernel")] = {kernel.at("device_picoseconds"), kernel.at("launches"),
                                        kernel.at("timed_launches")};
    if (fidelity != "functional")
      out.unattributed += kernel.at("ledger").at("unattributed").get<double>();
  }
  return out;
}

/// The steps of `all` behind those of `first`.
Steps between(const Steps& first, const Steps& all) {
  Steps rest = all;
  rest.seconds -= first.seconds;
  for (auto& [name, kernel] : rest.kernels) {
    const KernelTime& before = first.kernels.at(name);
    kernel.picoseconds -= before.picoseconds;
    kernel.launches -= before.launches;
    kernel.timed_launches -= before.timed_launches;
  }
  return rest;
}

double total(const Steps& steps) {
  double sum = 0;
  for (const auto& [name, kernel] : steps.kernels) sum += kernel.picoseconds;
  return sum;
}

double error_percent(double value, double truth) { return 100 * (value - truth) / truth; }

}  // namespace

int run_timing_sampled(const Options& options, Printer& printer) {
  const unsigned more = options.quick ? 1 : 5;
  const Steps sampled_first = simulate("sampled", kFirstSteps);
  const Steps timed_first = simulate("timed", kFirstSteps);
  const Steps sampled = between(sampled_first, simulate("sampled", kFirstSteps + more));
  const Steps timed = between(timed_first, simulate("timed", kFirstSteps + more));
  const Steps functional =
      between(simulate("functional", kFirstSteps), simulate("functional", kFirstSteps + more));

  // [1] Errors: of every kernel's time in these steps, and of their sum.
  double sum = 0, worst = 0;
  for (const auto& [name, truth] : timed.kernels) {
    const KernelTime& estimate = sampled.kernels.at(name);
    const double error = error_percent(estimate.picoseconds, truth.picoseconds);
    sum += std::abs(error);
    worst = std::max(worst, std::abs(error));
    printer.print({"timing",
                   fmt::format("sampled {}, {:.0f} of {:.0f} launches timed", name,
                               estimate.timed_launches, estimate.launches),
                   estimate.picoseconds / more / kPicosecondsPerMicrosecond, "us/step", "timed",
                   truth.picoseconds / more / kPicosecondsPerMicrosecond,
                   estimate.picoseconds / truth.picoseconds});
  }
  const auto kernels = static_cast<double>(timed.kernels.size());
  printer.print({"timing", "sampled, mean error of kernels (bar: 3)", sum / kernels, "%"});
  printer.print({"timing", "sampled, worst error of kernels (bar: 8)", worst, "%"});
  printer.print({"timing", "sampled, error of a step's device time",
                 std::abs(error_percent(total(sampled), total(timed))), "%"});

  // [2] Speed: a step once the samples are taken, and a whole run of default length with them.
  const double whole_sampled =
      sampled_first.seconds + (kDefaultRun - kFirstSteps) * sampled.seconds / more;
  const double whole_timed = kDefaultRun * timed.seconds / more;
  const double whole_functional = kDefaultRun * functional.seconds / more;
  printer.print({"timing", "sampled, a step", sampled.seconds / more, "s", "timed",
                 timed.seconds / more, timed.seconds / sampled.seconds});
  printer.print({"timing", "sampled, 700 steps", whole_sampled, "s", "timed", whole_timed,
                 whole_timed / whole_sampled});
  printer.print({"timing", "sampled, 700 steps", whole_sampled, "s", "functional", whole_functional,
                 whole_functional / whole_sampled});

  // [3] The ledgers must be exact.
  const double unattributed = sampled_first.unattributed + sampled.unattributed +
                              timed_first.unattributed + timed.unattributed;
  printer.print({"timing", "ledger, lane-slots unattributed", unattributed, "lane-slots"});
  return unattributed == 0 ? 0 : 1;
}

}  // namespace isobar::bench
