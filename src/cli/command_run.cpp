// isobar run: runs any program with the simulated chip as its only OpenCL platform, and says
// afterwards what its kernels did. The program is not changed: the loader is pointed at our driver
// (OCL_ICD_VENDORS), the driver is told what it needs through device/settings.h, and each process
// of the program leaves a profile in a folder of ours.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/output_file.h"
#include "base/paths.h"
#include "base/temporary_folder.h"
#include "chip/chip.h"
#include "cli/commands.h"
#include "cli/fidelity_option.h"
#include "cli/kernel_table.h"
#include "cli/number_check.h"
#include "cli/trace_option.h"
#include "device/profile_file.h"
#include "device/settings.h"
#include "device/trouble.h"
#include "report/roofline.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it declared

namespace isobar::cli {
namespace fs = std::filesystem;
namespace {

/// More than any machine runs in a lifetime.
constexpr std::int64_t kMostInstructions = std::int64_t{1} << 62U;

struct RunOptions {
  std::string chip;
  std::string fidelity = "sampled";
  bool profile = false;
  double time_limit = 0;
  std::uint64_t instruction_limit = 0;
  unsigned threads = 0;
  std::string json_file, roofline_file;
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
  if (options.threads > 0) set(device::kThreadsVariable, std::to_string(options.threads));
  if (options.time_limit > 0)
    set(device::kTimeLimitVariable, fmt::format("{}", options.time_limit));
  device::expect_trouble();
  set_trace(options.trace);
  if (options.instruction_limit > 0)
    set(device::kInstructionLimitVariable, std::to_string(options.instruction_limit));
}

/// Runs the program on our own terminal and gives its exit code, or 128 and its signal. While it
/// runs, Ctrl-C is the program's to handle.
int run_program(const std::vector<std::string>& program) {
  std::vector<char*> argv;
  argv.reserve(program.size() + 1);
  for (const std::string& argument : program) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  struct sigaction ignore{};
  struct sigaction before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGINT, &ignore, &before);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, argv[0], nullptr, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    ::sigaction(SIGINT, &before, nullptr);
    fail("cannot run {}: {}", program.front(), std::strerror(error));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  ::sigaction(SIGINT, &before, nullptr);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void write_roofline(const device::Profile& profile, const std::string& file) {
  std::vector<ledger::RooflinePoint> points;
  for (const device::KernelSums::Row& row : profile.kernels) {
    if (row.stats.cycles.capacity == 0)
      fail(
          "--roofline needs DRAM's traffic, which only the timed machine counts (leave "
          "--fidelity functional out)");
    points.push_back(device::roofline_point(row));
  }
  write_text_atomically(file, report::roofline_svg(profile.chip, profile.roofs, points));
}

int run(const RunOptions& options) {
  for (const std::string& file : {options.json_file, options.roofline_file})
    if (!file.empty()) check_writable(file);
  const TemporaryFolder folder("isobar-run");
  prepare_environment(options, folder.path());
  const int exit_code = run_program(options.program);
  const device::Profile profile = device::read_profiles(folder.path() / "profile");
  std::fflush(stdout);
  // On standard error, so that the program's own output stays what it is.
  fmt::print(stderr, "{}", kernel_table(profile, options.profile));
  if (!options.json_file.empty())
    write_text_atomically(options.json_file, device::profile_to_json(profile));
  if (!options.roofline_file.empty()) write_roofline(profile, options.roofline_file);
  if (profile.faults.empty()) return exit_code;
  fmt::print(stderr, "isobar run: {} faulted (the diagnosis is above); exit code {}\n",
             profile.faults.size() == 1 ? "a kernel" : "several kernels", kExitGuestFault);
  return kExitGuestFault;
}

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand(
      "run", "Run any OpenCL program on the simulated chip and show what its kernels did");
  command->add_option("--chip", options->chip, "Chip to simulate: a name or a file")
      ->capture_default_str();
  add_fidelity(*command, options->fidelity, options->fidelity);
  command->add_flag("--profile", options->profile,
                    "Show the roofline, the energy and the hot source lines too");
  command
      ->add_option("--time-limit", options->time_limit,
                   "End a kernel after so many seconds on this host")
      ->check(number(1e-6, 1e9));
  command
      ->add_option("--instruction-limit", options->instruction_limit,
                   "End a kernel when a work-group has run so many warp instructions")
      ->check(whole_number(1, kMostInstructions));
  command->add_option("--threads", options->threads, "Host threads that simulate (default: all)")
      ->check(whole_number(1, 4096));
  command->add_option("--json", options->json_file, "Write the kernels' counts to this file");
  command->add_option("--roofline", options->roofline_file,
                      "Draw where the kernels stand under the chip's roofline (an SVG file)");
  add_trace(*command, options->trace);
  command->add_option("program", options->program, "The program and its arguments, after --")
      ->required();
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace isobar::cli
