// A decoded instruction and what the table knows about its kind. The table (instruction_table.cpp)
// has one row per instruction; decoder, disassembler, cost classes and docs/ISA.md come from it.
// Reference: The RISC-V Instruction Set Manual, Volume I (unprivileged), 20240411.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "isa/opcodes.h"  // enum class Opcode: one enumerator per row of the table

namespace isobar::isa {

// In the order of CL_ISOBAR_CLASS_* in include/isobar/cl_isobar.h.
enum class CostClass : std::uint8_t {
  kIntAlu,
  kIntMul,
  kIntDiv,
  kFp16,
  kFp32,
  kFp64,
  kFpSpecial,
  kLoad,
  kStore,
  kAtomic,
  kBranch,
  kCrossLane,
  kSync,
  kSystem,
  kCount
};

enum class Format : std::uint8_t {
  kR,
  kR4,
  kI,
  kShift,
  kS,
  kB,
  kU,
  kJ,
  kCsr,
  kCsrImmediate,
  kAtomic,
  kFence,
  kNone
};
enum class RegisterFile : std::uint8_t { kNone, kInteger, kFloat };
enum class Rounding : std::uint8_t {
  kRne = 0,
  kRtz = 1,
  kRdn = 2,
  kRup = 3,
  kRmm = 4,
  kDynamic = 7
};

struct Instruction {
  Opcode opcode = Opcode::kIllegal;
  std::uint8_t rd = 0, rs1 = 0, rs2 = 0, rs3 = 0;
  std::uint8_t rounding = 0;   // the rm field where the format has one
  std::uint8_t length = 4;     // bytes: 2 for a compressed instruction, already expanded here
  std::int64_t immediate = 0;  // sign-extended; shift amount; CSR number (zimm in rs1)
  std::uint32_t word = 0;      // as fetched
};

struct InstructionInfo {
  Opcode opcode;
  std::string_view mnemonic;   // "fmadd.s"
  std::string_view extension;  // "F"
  std::uint32_t match, mask;   // word & mask == match
  Format format;
  RegisterFile rd, rs1, rs2, rs3;
  bool has_rounding;  // rm field is part of the instruction
  CostClass cost;
  std::uint8_t flops;         // per lane, by the convention add=mul=div=sqrt=1, fma=2
  std::uint8_t memory_bytes;  // accessed per lane, 0 if none
  std::string_view meaning;   // one sentence for the manual page
};

[[nodiscard]] std::span<const InstructionInfo> instruction_table();
[[nodiscard]] const InstructionInfo& info(Opcode opcode);

/// Decodes the 16- or 32-bit instruction in the low bits of `word`. An encoding that no row
/// matches, a reserved rounding mode or a reserved compressed form gives Opcode::kIllegal.
[[nodiscard]] Instruction decode(std::uint32_t word);

/// "fmadd.s fa0, fa1, fa2, fa3, dyn"; branch targets are absolute, from `pc`.
[[nodiscard]] std::string disassemble(const Instruction& instruction, std::uint64_t pc);

}  // namespace isobar::isa
