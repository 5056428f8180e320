// --trace and --trace-limit, for commands that run kernels: a timeline for Perfetto. Our driver
// writes it (device/views/trace_file.h) and is told through the environment.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/file/output_file.h"
#include "cli/option/number_check.h"
#include "device/settings.h"
#include "device/trouble.h"

namespace isobar::cli {

struct TraceOptions {
  std::string file;
  std::uint64_t limit_mib = device::kDefaultTraceLimit / Bytes(1_MiB);
};

inline void add_trace(CLI::App& command, TraceOptions& options) {
  CLI::Option* trace = command.add_option(
      "--trace", options.file,
      "Write a timeline of launches, warps, pipes and DRAM to this file (JSON for "
      "ui.perfetto.dev)");
  trace->type_name("FILE");
  command.add_option("--trace-limit", options.limit_mib, "Largest size of the timeline, in MiB")
      ->capture_default_str()
      ->needs(trace)
      ->check(whole_number(1, 1 << 20));
}

/// Before the first OpenCL call. An older file of this name is emptied.
inline void set_trace(const TraceOptions& options) {
  if (options.file.empty()) return;
  check_writable(options.file);
  device::expect_trouble();
  const std::filesystem::path path = std::filesystem::absolute(options.file);
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) std::filesystem::resize_file(path, 0, error);
  ::setenv(device::kTraceFileVariable, path.c_str(), 1);
  ::setenv(device::kTraceLimitVariable, std::to_string(options.limit_mib << 20U).c_str(), 1);
}

}  // namespace isobar::cli
