// Simulator speed: each kernel on our device and on the peer's, one host thread each, in turn, so
// that a slow moment of the machine hits both. Times are the host's, around enqueue and finish.
#include <fmt/format.h>

#include <cstdio>
#include <functional>

#include "base/error.h"
#include "bench/session.h"
#include "bench/suites.h"
#include "bench/workloads.h"

namespace isobar::bench {
namespace {

/// What the geometric means are of.
struct Totals {
  std::vector<double> rates;   // G thread-instructions per second and core
  std::vector<double> ratios;  // of times
  int wrong = 0;
};

void print_time(const Workload& workload, const std::vector<double>& ours,
                const std::vector<double>& theirs, const std::string& peer, Totals& totals,
                Printer& printer) {
  std::vector<double> ratios;
  ratios.reserve(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / theirs[i]);
  const double ratio = median(ratios);
  if (workload.in_mean) totals.ratios.push_back(ratio);
  printer.print({"simt", fmt::format("{} time", workload.name), median(ours) * 1e3, "ms", peer,
                 median(theirs) * 1e3, ratio});
}

/// Rows that only a device with counters has.
void print_counted(const Workload& workload, const std::vector<Measurement>& ours, Totals& totals,
                   Printer& printer) {
  std::vector<double> rates;
  rates.reserve(ours.size());
  cl_isobar_counters last{};
  for (const Measurement& run : ours) {
    last = run.counters.value_or(cl_isobar_counters{});
    if (last.host_cpu_nanoseconds == 0) return;
    rates.push_back(thread_instructions(last) / static_cast<double>(last.host_cpu_nanoseconds));
  }
  if (workload.in_mean) totals.rates.push_back(median(rates));
  printer.print(
      {"simt", fmt::format("{} rate", workload.name), median(rates), "G thread-instr/s/core"});
  printer.print({"simt", fmt::format("{} SIMD efficiency", workload.name),
                 100 * simd_efficiency(last), "% of lanes active"});
}

void run_workload(const Workload& workload, Session& device, Session& peer, const Options& options,
                  Totals& totals, Printer& printer) {
  const Size size = options.quick ? Size::kQuick : Size::kFull;
  const Instance mine = workload.prepare(device, size), theirs = workload.prepare(peer, size);
  // [1] Warm up, and hold the results against each other while both have run once.
  (void)device.measure(mine.enqueue);
  (void)peer.measure(theirs.enqueue);
  if (const auto wrong = disagreement(workload, mine.result(), theirs.result())) {
    fmt::print(stderr, "isobar: wrong result: {}\n", *wrong);
    ++totals.wrong;
  }
  // [2] In turn.
  std::vector<Measurement> runs;
  std::vector<double> ours, others;
  for (unsigned pair = 0; pair < options.pairs; ++pair) {
    runs.push_back(device.measure(mine.enqueue));
    ours.push_back(runs.back().seconds);
    others.push_back(peer.measure(theirs.enqueue).seconds);
  }
  // [3] Report.
  print_time(workload, ours, others, peer.device().platform + ", 1 thread", totals, printer);
  print_counted(workload, runs, totals, printer);
}

}  // namespace

int run_simt(const Options& options, Printer& printer) {
  use_one_thread();
  Session device(nn::choose_device(options.device)), peer(nn::choose_device(options.peer));
  Totals totals;
  for (const Workload& workload : workloads())
    if (std::string_view(workload.name).find(options.only) != std::string_view::npos)
      run_workload(workload, device, peer, options, totals, printer);
  if (totals.ratios.empty() && !options.only.empty())
    fail("no kernel of suite simt is called \"{}\" (without --only it names them all)",
         options.only);
  if (!totals.rates.empty())
    printer.print(
        {"simt", "geometric mean rate", geometric_mean(totals.rates), "G thread-instr/s/core"});
  printer.print({"simt", "geometric mean time ratio", geometric_mean(totals.ratios),
                 "x the peer's time", peer.device().platform + ", 1 thread", 1.0,
                 geometric_mean(totals.ratios)});
  printer.print({"simt", "wrong results", static_cast<double>(totals.wrong), "kernels"});
  return totals.wrong == 0 ? 0 : 1;
}

}  // namespace isobar::bench
