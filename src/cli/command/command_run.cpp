// isobar run: runs any program with the simulated chip as its only OpenCL platform, and says
// afterwards what its kernels did. The program is not changed: the loader is pointed at our driver
// (OCL_ICD_VENDORS), the driver is told what it needs through device/settings.h, and each process
// of the program leaves a profile in a folder of ours.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/output_file.h"
#include "base/file/paths.h"
#include "base/file/temporary_folder.h"
#include "base/terminal.h"
#include "base/text/columns.h"
#include "chip/chip.h"
#include "cli/command/commands.h"
#include "cli/option/fidelity_option.h"
#include "cli/option/number_check.h"
#include "cli/option/trace_option.h"
#include "cli/process/child_program.h"
#include "cli/table/kernel_table.h"
#include "device/settings.h"
#include "device/trouble.h"
#include "device/views/profile_file.h"
#include "report/roofline.h"

namespace isobar::cli {
namespace fs = std::filesystem;
namespace {

/// More than any machine runs in a lifetime.
constexpr std::int64_t kMostInstructions = std::int64_t{1} << 62U;
/// Seconds. A kernel that never ends should not hold a machine for ever.
constexpr double kDefaultTimeLimit = 600;

constexpr char kNoTraffic[] =
    "--roofline needs DRAM's traffic, which only the timed machine counts (leave "
    "--fidelity functional out)";

struct RunOptions {
  std::string chip;
  std::string fidelity = "sampled";
  bool profile = false;
  double time_limit = kDefaultTimeLimit;
  std::uint64_t instruction_limit = 0;
  unsigned threads = 0;
  std::string csv_file, json_file, roofline_file;
  TraceOptions trace;
  std::vector<std::string> program;
};

void set(const char* variable, const std::string& value) { ::setenv(variable, value.c_str(), 1); }

/// The environment that the program inherits.
void prepare_environment(const RunOptions& options, const fs::path& folder) {
  const fs::path library = library_directory() / "libisobar-opencl.so";
  if (!fs::exists(library))
    fail("{}: no such file (build or install Isobar again)", library.string());
  fs::create_directory(folder / "icd");
  fs::create_directory(folder / "profile");
  write_text_atomically(folder / "icd" / "isobar.icd", library.string() + "\n");
  set("OCL_ICD_VENDORS", (folder / "icd").string() + "/");
  set(device::kProfileDirectoryVariable, (folder / "profile").string());
  // Read here too, so that a wrong chip file is answered before the program starts.
  if (!options.chip.empty())
    set(device::kChipVariable, fs::absolute(chip::find_chip(options.chip).path).string());
  set(device::kFidelityVariable, options.fidelity);
  detail("OpenCL drivers: {} alone; {} fidelity", library.string(), options.fidelity);
  if (options.threads > 0) set(device::kThreadsVariable, std::to_string(options.threads));
  set(device::kTimeLimitVariable, fmt::format("{}", options.time_limit));
  device::expect_trouble();
  set_trace(options.trace);
  if (options.instruction_limit > 0)
    set(device::kInstructionLimitVariable, std::to_string(options.instruction_limit));
}

/// Makes the driver end the launch that runs now (device/launch_watch.h). Best effort: it is asked
/// for while a program is being ended, which goes on without it.
void end_launch(const fs::path& profile) {
  try {
    write_text_atomically(profile / device::kEndLaunchFile, "");
  } catch (const UserError& error) {
    fmt::print(stderr, "isobar run: {}\n", error.what());
  }
}

/// What cannot be written is known before hours of work, not after.
void check_outputs(const RunOptions& options) {
  if (options.csv_file == "-")
    fail("--csv -: standard output is the program's here (--csv FILE writes a file)");
  for (const std::string& file :
       {options.csv_file, options.json_file, options.roofline_file, options.trace.file})
    if (!file.empty()) check_writable(file);
  if (!options.roofline_file.empty() && options.fidelity == "functional") fail(kNoTraffic);
}

void write_roofline(const device::Profile& profile, const std::string& file) {
  std::vector<ledger::RooflinePoint> points;
  for (const device::KernelSums::Row& row : profile.kernels) {
    if (row.stats.cycles.capacity == 0) fail(kNoTraffic);
    points.push_back(device::roofline_point(row));
  }
  write_text_atomically(file, report::roofline_svg(profile.chip, profile.roofs, points));
}

int run(const RunOptions& options) {
  check_outputs(options);
  // Before the folder and after it: a signal cannot end us while it is there.
  const HeldSignals held;
  const TemporaryFolder folder("isobar-run");
  prepare_environment(options, folder.path());
  const fs::path profiles = folder.path() / "profile";
  const ChildEnd end = run_child(options.program, held, [&] { end_launch(profiles); });
  if (end.error != 0) {
    fmt::print(stderr, "isobar: cannot run {}: {}\n", options.program.front(),
               std::strerror(end.error));
    return end.exit_code;
  }
  const device::Profile profile = device::read_profiles(profiles);
  if (!options.json_file.empty())
    write_text_atomically(options.json_file, device::profile_to_json(profile));
  if (!options.csv_file.empty()) write_text_atomically(options.csv_file, kernel_csv(profile));
  if (!options.roofline_file.empty()) write_roofline(profile, options.roofline_file);
  std::fflush(stdout);
  // On standard error, so that the program's own output stays what it is.
  const std::size_t columns = table_columns(stderr);
  fmt::print(stderr, "{}", fitted(kernel_table(profile, options.profile, columns), columns));
  if (profile.faults.empty() || end.was_ended) return end.exit_code;
  fmt::print(
      stderr, "isobar run: {} (the diagnosis is above); exit code {}\n",
      profile.faults.size() == 1 ? "a kernel did not end well" : "several kernels did not end well",
      kExitGuestFault);
  return kExitGuestFault;
}

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand(
      "run", "Run any OpenCL program on the simulated chip and report on its kernels");
  command
      ->add_option(
          "--chip", options->chip,
          fmt::format("Chip to simulate: a name or a file (default: {})", device::kDefaultChip))
      ->type_name("CHIP");
  add_fidelity(*command, options->fidelity, options->fidelity);
  command->add_flag("--profile", options->profile,
                    "Also show the roofline, the energy and the hot source lines");
  command
      ->add_option("--time-limit", options->time_limit,
                   "End a launch after this many seconds of host time; 0: no limit")
      ->capture_default_str()
      ->check(number(0, 1e9));
  command
      ->add_option("--instruction-limit", options->instruction_limit,
                   "End a kernel when a work-group has executed this many warp instructions "
                   "(default: no limit)")
      ->check(whole_number(1, kMostInstructions));
  command
      ->add_option("--threads", options->threads,
                   "Host threads of the simulation (default: one per core)")
      ->check(whole_number(1, 4096));
  command
      ->add_option("--json", options->json_file,
                   "Also write the kernels' counters as JSON to this "
                   "file")
      ->type_name("FILE");
  command->add_option("--csv", options->csv_file, "Also write the tables as CSV to this file")
      ->type_name("FILE");
  command
      ->add_option("--roofline", options->roofline_file,
                   "Draw the kernels under the chip's roofline in this file (SVG)")
      ->type_name("FILE");
  add_trace(*command, options->trace);
  command
      ->add_option(
          "program", options->program,
          "The program and its arguments, after --. The exit code is the program's; 3 if a "
          "kernel failed; 126 if the program cannot be run, 127 if it is not found")
      ->required();
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace isobar::cli
