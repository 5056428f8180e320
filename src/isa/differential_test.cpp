// Our hart against QEMU's: random programs over the whole table give the same results, flags,
// memory and final registers, instruction by instruction. Seeds are printed; ISOBAR_DIFF_SEED=n
// replays one, ISOBAR_DIFF_PROGRAMS=n runs more of them.
//
// Not compared here: Zicond, which Debian 12's QEMU 7.2 does not have (integer_ops_test holds it
// against its definition), Xisobar, which is ours, and the counters cycle, time and instret.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/temporary_folder.h"
#include "base/subprocess.h"
#include "isa/hart/user_program.h"
#include "isa/testing/random_program.h"

namespace isobar::isa {
namespace {

// Zfh, Zba, Zbb and Zbs must be on; older QEMUs write some names with a capital.
constexpr char kCpu[] =
    "rv64,Zfh=true,zba=true,zbb=true,zbs=true,f=true,d=true,c=true,a=true,m=true,Zicsr=true,"
    "Zifencei=true";
constexpr unsigned kProgramSize = 50'000;
constexpr unsigned kPrograms = 20;
constexpr std::uint64_t kLogEntry = 16;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

std::string run_under_qemu(const RandomProgram& program) {
  const TemporaryFolder folder("isobar-differential-test");
  const std::filesystem::path path = folder / "program.elf";
  write_file_atomically(path, program.file);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  const SubprocessResult run = run_subprocess({"qemu-riscv64", "-cpu", kCpu, path.string()});
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  return run.output;
}

std::string text_at(UserProgram& program, std::uint64_t pc) {
  std::uint64_t low = 0, high = 0;
  (void)program.memory().read(pc, 2, Access::kExecute, low);
  (void)program.memory().read(pc + 2, 2, Access::kExecute, high);
  return disassemble(decode(static_cast<std::uint32_t>(low | high << 16U)), pc);
}

std::uint64_t word_at(const std::string& bytes, std::size_t offset) {
  std::uint64_t value = 0;
  if (offset + 8 <= bytes.size()) std::memcpy(&value, bytes.data() + offset, 8);
  return value;
}

/// Runs again up to the entry of the log and says what was executed there, on what.
std::string describe_entry(const RandomProgram& random, std::size_t entry) {
  UserProgram program(elf::Image::parse(random.file, "random"), {"random"});
  std::string before;
  std::size_t at = 0;
  for (;;) {
    Hart& hart = program.hart();
    if (const auto found = random.logged.find(hart.pc); found != random.logged.end()) {
      if (at++ == entry)
        return fmt::format("{:#x}: {}\nregisters before it:\n{}", found->second,
                           text_at(program, found->second), before);
    } else {
      before = hart.registers_text();
    }
    if (hart.step() != HartStop::kNone) return "(not reached again)";
  }
}

/// Empty if equal, otherwise where the first difference is.
std::string first_difference(const RandomProgram& random, const std::string& ours,
                             const std::string& qemu) {
  const std::size_t common = std::min(ours.size(), qemu.size());
  for (std::size_t i = random.log_offset; i + kLogEntry <= common; i += kLogEntry) {
    if (ours.compare(i, kLogEntry, qemu, i, kLogEntry) == 0) continue;
    return fmt::format("result {:#018x} fcsr {:#x}, but QEMU has {:#018x} fcsr {:#x}, after {}",
                       word_at(ours, i), word_at(ours, i + 8), word_at(qemu, i),
                       word_at(qemu, i + 8),
                       describe_entry(random, (i - random.log_offset) / kLogEntry));
  }
  if (ours == qemu) return {};
  for (std::size_t i = 0; i < common; ++i)
    if (ours[i] != qemu[i]) return fmt::format("final state or memory differs at byte {}", i);
  return fmt::format("we wrote {} bytes, QEMU {}", ours.size(), qemu.size());
}

TEST(Differential, RandomProgramsLeaveWhatTheyLeaveUnderQemu) {
  const std::uint64_t first = number_from_environment("ISOBAR_DIFF_SEED", 1);
  const bool replay = std::getenv("ISOBAR_DIFF_SEED") != nullptr;
  const std::uint64_t programs =
      number_from_environment("ISOBAR_DIFF_PROGRAMS", replay ? 1 : kPrograms);
  std::uint64_t executed = 0, tested = 0;
  std::map<Opcode, std::uint64_t> seen;
  for (std::uint64_t seed = first; seed < first + programs; ++seed) {
    const RandomProgram random = make_random_program(seed, kProgramSize);
    UserProgram program(elf::Image::parse(random.file, "random"), {"random"});
    std::string ours;
    const UserProgramResult result = program.run([&](int, std::string_view bytes) {
      ours += bytes;
      return true;
    });
    ASSERT_EQ(result.end, UserProgramResult::End::kExited) << result.diagnosis;
    const std::string difference = first_difference(random, ours, run_under_qemu(random));
    ASSERT_EQ(difference, "") << "replay with ISOBAR_DIFF_SEED=" << seed;
    executed += result.instructions;
    tested += (ours.size() - random.log_offset) / kLogEntry;
    for (const auto& [opcode, count] : random.count) seen[opcode] += count;
  }
  fmt::print("seeds {} to {}: {} instructions executed, {} results compared one by one\n", first,
             first + programs - 1, executed, tested);
  if (replay) return;
  EXPECT_GE(tested, 1'000'000U);
  for (const InstructionInfo& row : instruction_table()) {
    const bool elsewhere = row.extension == "Zicond" || row.extension == "Xisobar" ||
                           row.opcode == Opcode::kEcall || row.opcode == Opcode::kEbreak;
    if (!elsewhere) {
      EXPECT_GE(seen[row.opcode], 100U) << row.mnemonic;
    }
  }
}

}  // namespace
}  // namespace isobar::isa
