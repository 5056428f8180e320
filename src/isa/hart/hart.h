// One hart that executes one instruction at a time, by the reference semantics of integer_ops.h and
// soft_float.h. It models user level only: no traps, no privileged state, no time. The special
// registers are fflags, frm, fcsr, cycle, time and instret (all three count instructions).
// LR/SC: a reservation covers the exact address; it ends with the next SC, successful or not.
// Reference: RISC-V ISA Manual, Volume I, 20240411.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "isa/hart/sparse_memory.h"
#include "isa/instruction.h"

namespace isobar::isa {

enum class HartStop : std::uint8_t {
  kNone,
  kEcall,  // pc is still at the ecall
  kBreakpoint,
  kIllegal,         // no such instruction, special register or rounding mode
  kGpuInstruction,  // an Xisobar instruction: these need a warp
  kFetchFault,      // pc is not executable memory
  kLoadFault,
  kStoreFault,
  kMisalignedAtomic,
};

class Hart {
 public:
  explicit Hart(SparseMemory& memory);

  std::array<std::uint64_t, 32> x{};  // x[0] stays zero
  std::array<std::uint64_t, 32> f{};
  std::uint64_t pc = 0;
  std::uint8_t fflags = 0;
  std::uint8_t frm = 0;

  /// Executes the instruction at pc. After a stop nothing has changed, pc included, except for the
  /// fault's address.
  HartStop step();

  /// The instruction that the last step fetched (or failed to: kIllegal).
  [[nodiscard]] const Instruction& last() const { return *last_; }
  [[nodiscard]] std::uint64_t fault_address() const { return fault_address_; }
  [[nodiscard]] std::uint64_t retired() const { return retired_; }
  /// Goes on behind an ecall that has been answered.
  void finish_ecall();
  /// pc and all registers, in a grid for people.
  [[nodiscard]] std::string registers_text() const;

 private:
  HartStop fetch();
  HartStop execute(const Instruction& in);
  HartStop execute_integer(const Instruction& in, const InstructionInfo& row);
  HartStop execute_float(const Instruction& in, const InstructionInfo& row);
  HartStop execute_load(const Instruction& in, const InstructionInfo& row);
  HartStop execute_store(const Instruction& in, const InstructionInfo& row);
  HartStop execute_atomic(const Instruction& in, const InstructionInfo& row);
  HartStop execute_branch(const Instruction& in);
  HartStop execute_csr(const Instruction& in);
  [[nodiscard]] bool read_csr(std::int64_t number, std::uint64_t& value) const;
  [[nodiscard]] bool write_csr(std::int64_t number, std::uint64_t value);
  void set_x(unsigned number, std::uint64_t value) {
    if (number != 0) x[number] = value;
  }

  struct CachedInstruction {
    Instruction instruction;
    bool valid = false;
  };

  SparseMemory& memory_;
  std::vector<CachedInstruction>
      decoded_;  // by a hash of the word: decoding depends on nothing else
  Instruction illegal_;
  const Instruction* last_ = &illegal_;
  std::uint64_t next_pc_ = 0;
  std::uint64_t fault_address_ = 0;
  std::uint64_t retired_ = 0;
  std::uint64_t reservation_ = 0;
  bool reserved_ = false;
};

}  // namespace isobar::isa
