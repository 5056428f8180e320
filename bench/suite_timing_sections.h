// The sections of suite `timing` and their clients: one line each, one file each.
#pragma once

#include <string>

#include "bench/row.h"
#include "bench/suites.h"

namespace isobar::bench {

int run_timing_rtl(const Options& options, Printer& printer);
void run_timing_rtl_client(const std::string& kernel);

/// Host speed: instructions per second, a second thread's gain, the cost of idle cores.
int run_timing_speed(const Options& options, Printer& printer);
/// Sampled against timed fidelity: the error of each kernel's time over training steps, the speed.
int run_timing_sampled(const Options& options, Printer& printer);
void run_timing_sampled_client(const std::string& steps);

}  // namespace isobar::bench
