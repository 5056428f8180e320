// The other direction of decode(): a word from an opcode and its operands, by the same table. For
// tests and tools that make programs; values that do not fit their field are cut to it.
#pragma once

#include <cstdint>

#include "isa/instruction.h"

namespace isobar::isa {

/// The 32-bit word of an instruction: rd, rs1, rs2, rs3, rounding and immediate are used where the
/// format has them. decode(encode(i)) gives the same operands back.
[[nodiscard]] std::uint32_t encode(const Instruction& instruction);

}  // namespace isobar::isa
