// The table as an array, and look-up by opcode.
#include <array>
#include <cassert>

#include "isa/instruction.h"

namespace isobar::isa {
namespace {

constexpr std::array<InstructionInfo, kOpcodes> make_table() {
  using enum Format;
  using enum RegisterFile;
  using enum CostClass;
  return {{
#define ISOBAR_INSTRUCTION(opcode, mnemonic, extension, match, mask, format, rd, rs1, rs2, rs3, \
                           rounding, cost, flops, bytes, meaning)                               \
  {Opcode::opcode, mnemonic, extension, match, mask,   format, rd, rs1, rs2, rs3,               \
   rounding,       cost,     flops,     bytes, meaning},
#include "isa/instructions.def"
#undef ISOBAR_INSTRUCTION
  }};
}

constexpr std::array<InstructionInfo, kOpcodes> kTable = make_table();

constexpr InstructionInfo kIllegalInfo = {Opcode::kIllegal,
                                          "illegal",
                                          "-",
                                          0,
                                          0,
                                          Format::kNone,
                                          RegisterFile::kNone,
                                          RegisterFile::kNone,
                                          RegisterFile::kNone,
                                          RegisterFile::kNone,
                                          false,
                                          CostClass::kSystem,
                                          0,
                                          0,
                                          "no instruction"};

}  // namespace

std::span<const InstructionInfo> instruction_table() { return kTable; }

const InstructionInfo& info(Opcode opcode) {
  const auto index = static_cast<std::size_t>(opcode);
  return index < kTable.size() ? kTable[index] : kIllegalInfo;
}

}  // namespace isobar::isa
