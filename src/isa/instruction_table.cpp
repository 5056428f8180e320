// The table as an array, and look-up by opcode.
#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "isa/instruction.h"
#include "isa/integer_ops.h"

namespace isobar::isa {
namespace {

constexpr std::array<InstructionInfo, kOpcodes> kTable = {{
// clang-format off
#define ISOBAR_INSTRUCTION(opcode, mnemonic, extension, match, mask, format, rd, rs1, rs2, rs3, \
                           rounding, cost, flops, bytes, meaning)                              \
  {Opcode::opcode,    mnemonic,          extension,         match,                             \
   mask,              Format::format,    RegisterFile::rd,  RegisterFile::rs1,                 \
   RegisterFile::rs2, RegisterFile::rs3, rounding,          CostClass::cost,                   \
   flops,             bytes,             meaning},
// clang-format on
#include "isa/instructions.def"
#undef ISOBAR_INSTRUCTION
}};

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

void unknown_opcode(const char* who, Opcode opcode) {
  throw std::logic_error(fmt::format("{}: {} is not among its own", who, info(opcode).mnemonic));
}

const InstructionInfo& info(Opcode opcode) {
  const auto index = static_cast<std::size_t>(opcode);
  return index < kTable.size() ? kTable[index] : kIllegalInfo;
}

}  // namespace isobar::isa
