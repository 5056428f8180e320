// Sets of opcodes, read off the instruction table at compile time: so that whoever performs
// instructions can prove there that it forgets none. No containers: the handlers include it.
#pragma once

#include "isa/opcodes.h"

namespace isobar::isa {

/// Whether evaluate_float() (soft_float.h) says what an instruction computes: it has a float
/// register and touches no memory.
[[nodiscard]] constexpr bool computes_float(Opcode opcode) {
  enum File : std::uint8_t { kNone, kInteger, kFloat };
  constexpr bool kRows[] = {
#define ISOBAR_INSTRUCTION(row, mnemonic, extension, match, mask, format, rd, rs1, rs2, rs3, \
                           rounding, cost, flops, bytes, meaning)                            \
  (bytes) == 0 && (rd == kFloat || rs1 == kFloat || rs2 == kFloat || rs3 == kFloat),
#include "isa/instructions.def"
#undef ISOBAR_INSTRUCTION
      false  // kIllegal
  };
  return kRows[static_cast<std::size_t>(opcode)];
}

/// The first opcode of the table for which a predicate does not hold, or kIllegal: that it is
/// kIllegal is what to assert, and what the compiler prints where it is not.
template <class Predicate>
[[nodiscard]] constexpr Opcode first_opcode_without(Predicate&& holds) {
  for (std::size_t i = 0; i < kOpcodes; ++i)
    if (!holds(static_cast<Opcode>(i))) return static_cast<Opcode>(i);
  return Opcode::kIllegal;
}

}  // namespace isobar::isa
