// A static user-level program on one hart: loading, the stack as Linux hands it over, and the two
// system calls write (64, to descriptors 1 and 2) and exit (93). Everything else ends the run with
// a diagnosis. At the entry sp is 16-byte aligned and points to argc, then argv, a null, an empty
// environment's null, and the auxiliary vector (AT_PAGESZ, AT_ENTRY, AT_NULL); every other register
// is zero. Reference: RISC-V ELF psABI; Linux's process start-up as in the System V ABI.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "elf/elf_image.h"
#include "isa/hart/hart.h"

namespace isobar::isa {

/// Receives what the program writes; false where it could not be written.
using Output = std::function<bool(int descriptor, std::string_view bytes)>;

struct UserProgramResult {
  enum class End : std::uint8_t { kExited, kFaulted, kInstructionLimit };
  End end = End::kExited;
  int exit_code = 0;      // a0 & 0xff of exit
  std::string diagnosis;  // why it ended otherwise: several lines for people
  std::uint64_t instructions = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(CostClass::kCount)> by_class{};
};

class UserProgram {
 public:
  /// Throws UserError where the program leaves no room for its stack.
  UserProgram(elf::Image image, const std::vector<std::string>& arguments);

  /// Runs to the end; at most `most_instructions` (0: no limit).
  UserProgramResult run(const Output& output, std::uint64_t most_instructions = 0);

  [[nodiscard]] Hart& hart() { return hart_; }
  [[nodiscard]] SparseMemory& memory() { return memory_; }

 private:
  void make_stack(const std::vector<std::string>& arguments);
  /// True where the program goes on.
  bool answer_ecall(const Output& output, UserProgramResult& result);
  [[nodiscard]] std::string diagnose(const std::string& why) const;
  [[nodiscard]] std::string describe(HartStop stop) const;

  elf::Image image_;
  SparseMemory memory_;
  Hart hart_{memory_};
};

}  // namespace isobar::isa
