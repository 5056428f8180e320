// `isobar exec PROGRAM.elf`: one static user-level RISC-V program on one hart, for trying the
// instruction set out. Its output and exit code are the program's own; a fault, an illegal
// instruction or an unknown system call ends with a diagnosis on standard error and exit code 3.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file/file.h"
#include "base/terminal.h"
#include "cli/command/commands.h"
#include "cli/option/number_check.h"
#include "elf/elf_image.h"
#include "isa/hart/user_program.h"

namespace isobar::cli {
namespace {

struct ExecOptions {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::uint64_t most_instructions = 0;
  bool stats = false;
};

constexpr std::uint64_t kMostElf = std::uint64_t{256} << 20U;  // with its debug information

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void print_stats(const isa::UserProgramResult& result) {
  static constexpr std::array<const char*, static_cast<std::size_t>(isa::CostClass::kCount)>
      kNames = {"integer", "multiply", "divide", "fp16",   "fp32",       "fp64", "fp special",
                "load",    "store",    "atomic", "branch", "cross-lane", "sync", "system"};
  fmt::print(stderr, "{:>12}  {:>16}\n", "class", "instructions");
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (result.by_class[i] != 0)
      fmt::print(stderr, "{:>12}  {:>16}\n", kNames[i], result.by_class[i]);
  fmt::print(stderr, "{:>12}  {:>16}\n", "all", result.instructions);
}

int run_exec(const ExecOptions& options) {
  const std::string name = options.program.string();
  std::vector<std::string> arguments{name};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  detail("{} argument{} for {}", options.arguments.size(), options.arguments.size() == 1 ? "" : "s",
         name);
  isa::UserProgram program(elf::Image::parse(read_file(options.program, kMostElf), name),
                           arguments);
  const isa::UserProgramResult result = program.run(write_all, options.most_instructions);
  if (result.end != isa::UserProgramResult::End::kExited)
    fmt::print(stderr, "isobar exec: {}: {}", name, result.diagnosis);
  if (options.stats) print_stats(result);
  return result.end == isa::UserProgramResult::End::kExited ? result.exit_code : kExitGuestFault;
}

}  // namespace

void add_exec(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<ExecOptions>();
  CLI::App* command = app.add_subcommand(
      "exec", "Run a static user-level RISC-V ELF program on one hart (no GPU, no timing)");
  command->add_option("program", options->program, "ELF file of the program")->required();
  command->add_option("arguments", options->arguments,
                      "Arguments of the program (argv[1] and following)");
  command
      ->add_option("--max-instructions", options->most_instructions,
                   "Stop after this many instructions, with exit code 3 (default: 0, no limit)")
      ->check(whole_number(0, std::int64_t{1} << 62U));
  command->add_flag("--stats", options->stats,
                    "At the end, print the number of instructions of each class");
  command->positionals_at_end();
  command->callback([options, &chosen] { chosen = [options] { return run_exec(*options); }; });
}

}  // namespace isobar::cli
