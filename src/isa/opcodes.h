// One enumerator per row of the instruction table (instructions.def), plus kIllegal.
#pragma once

#include <cstddef>
#include <cstdint>

namespace isobar::isa {

// Sixteen bits, for the extensions to come.
enum class Opcode : std::uint16_t {  // NOLINT(performance-enum-size)
#define ISOBAR_INSTRUCTION(opcode, ...) opcode,
#include "isa/instructions.def"
#undef ISOBAR_INSTRUCTION
  kIllegal,
};

inline constexpr std::size_t kOpcodes = static_cast<std::size_t>(Opcode::kIllegal);

}  // namespace isobar::isa
