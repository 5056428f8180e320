// Suite `timing`: the timed machine held against the world, in sections. Each section is one file,
// bench/suite_timing_<name>.cpp, and one row of the table in suite_timing.cpp; what a section runs
// on a simulated chip is a client, one more row (bench/timed_run.h says why).
#pragma once

#include <span>
#include <string_view>

#include "bench/suites.h"

namespace isobar::bench {

struct TimingSection {
  std::string_view name;
  std::string_view help;
  /// 0, or 1 if a result is wrong.
  int (*run)(const Options& options, Printer& printer);
  /// Which of --quick --pairs --only it minds.
  std::string_view minds;
};
[[nodiscard]] std::span<const TimingSection> timing_sections();

/// A program of ours that runs on one simulated chip: `isobar bench NAME --only WHAT`, started by
/// run_timed(). Suites do not list them.
struct TimingClient {
  std::string_view name;
  void (*run)(const std::string& what);
};
[[nodiscard]] std::span<const TimingClient> timing_clients();

}  // namespace isobar::bench
