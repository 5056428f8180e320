// The sections of suite `timing` and their clients: one line each, one file each.
#pragma once

#include <string>

#include "bench/row.h"
#include "bench/suites.h"

namespace isobar::bench {

int run_timing_rtl(const Options& options, Printer& printer);
void run_timing_rtl_client(const std::string& kernel);
int run_timing_silicon(const Options& options, Printer& printer);
void run_timing_silicon_client(const std::string& point);

/// Warp instructions per second of the host, two host threads against one, idle cores.
int run_timing_speed(const Options& options, Printer& printer);
void run_timing_speed_client(const std::string& what);

/// A pointer chase: the latency of a load by the size of what is walked through.
int run_timing_latency(const Options& options, Printer& printer);
void run_timing_latency_client(const std::string& bytes);
/// Sampled against timed fidelity: the error of each kernel's time over training steps, the speed.
int run_timing_sampled(const Options& options, Printer& printer);
void run_timing_sampled_client(const std::string& steps);
/// The same on programs that stream, reuse, scatter, on either side of each cache's size.
int run_timing_memory(const Options& options, Printer& printer);
void run_timing_memory_client(const std::string& what);

}  // namespace isobar::bench
