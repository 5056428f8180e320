// The suites of `isobar bench`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bench/row.h"

namespace isobar::bench {

struct Options {
  bool quick = false;
  bool json = false;
  RowWriter csv{};                // where rows go as CSV, too; empty: nowhere
  bool csv_alone = false;         // and nothing is printed
  std::string device = "isobar";  // patterns as nn::choose_device takes them
  std::string peer = "portable computing";
  unsigned pairs = 5;   // measurements of each, taken in turn
  std::string only;     // simt, timing: the kernels whose names contain this
  std::string section;  // timing: one of its sections; empty: all
};

struct Suite {
  std::string_view name;
  std::string_view help;
  /// Sees to the process's environment and devices itself; the result is the exit code: 1 if a
  /// result is wrong.
  int (*run)(const Options& options, Printer& printer);
  /// Which of --quick --device --peer --pairs --only --section it minds.
  std::string_view minds;
};
[[nodiscard]] std::span<const Suite> suites();

/// Runs the suite of that name. Throws UserError naming the suites there are.
int run_suite(std::string_view name, const Options& options);

int run_simt(const Options& options, Printer& printer);
int run_opencl(const Options& options, Printer& printer);
int run_train(const Options& options, Printer& printer);
int run_timing(const Options& options, Printer& printer);
int run_explain(const Options& options, Printer& printer);
int run_plan(const Options& options, Printer& printer);
int run_fab(const Options& options, Printer& printer);

/// Both drivers on one host thread, and both visible. Before the first OpenCL call.
void use_one_thread();

}  // namespace isobar::bench
