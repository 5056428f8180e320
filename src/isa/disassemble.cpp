// Text for diagnoses, in the assembler's usual form; operands in the order the format prints them.
#include <fmt/format.h>

#include <array>

#include "isa/guest_abi.h"
#include "isa/instruction.h"

namespace isobar::isa {
namespace {

constexpr std::array<std::string_view, 32> kIntegerNames = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::array<std::string_view, 32> kFloatNames = {
    "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1", "fa0",
    "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4", "fs5",
    "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};
constexpr std::array<std::string_view, 8> kRoundingNames = {"rne", "rtz", "rdn", "rup",
                                                            "rmm", "?",   "?",   "dyn"};

std::string register_name(RegisterFile file, std::uint8_t number) {
  return std::string(file == RegisterFile::kFloat ? kFloatNames.at(number)
                                                  : kIntegerNames.at(number));
}

std::string csr_name(std::int64_t number) {
  switch (number) {
    case 0x001:
      return "fflags";
    case 0x002:
      return "frm";
    case 0x003:
      return "fcsr";
    default:
      return fmt::format("{:#x}", number);
  }
}

void append(std::string& text, std::string_view operand) {
  if (!text.empty()) text += ", ";
  text += operand;
}

std::string registers_of(const Instruction& in, const InstructionInfo& row) {
  std::string text;
  if (row.rd != RegisterFile::kNone) append(text, register_name(row.rd, in.rd));
  if (row.rs1 != RegisterFile::kNone) append(text, register_name(row.rs1, in.rs1));
  if (row.rs2 != RegisterFile::kNone) append(text, register_name(row.rs2, in.rs2));
  if (row.rs3 != RegisterFile::kNone) append(text, register_name(row.rs3, in.rs3));
  if (row.has_rounding) append(text, kRoundingNames.at(in.rounding));
  return text;
}

std::string target(std::uint64_t pc, std::int64_t offset) {
  return fmt::format("{:#x}", pc + static_cast<std::uint64_t>(offset));
}

std::string operands_of(const Instruction& in, const InstructionInfo& row, std::uint64_t pc) {
  const std::string rd = register_name(row.rd, in.rd);
  const std::string rs1 = register_name(row.rs1, in.rs1);
  const std::string rs2 = register_name(row.rs2, in.rs2);
  switch (row.format) {
    case Format::kR:
    case Format::kR4:
      return registers_of(in, row);
    case Format::kI:
      if (row.memory_bytes != 0 || row.opcode == Opcode::kJalr) {
        return fmt::format("{}, {}({})", rd, in.immediate, rs1);
      }
      [[fallthrough]];
    case Format::kShift:
      return fmt::format("{}, {}, {}", rd, rs1, in.immediate);
    case Format::kS:
      return fmt::format("{}, {}({})", rs2, in.immediate, rs1);
    case Format::kB:
      return fmt::format("{}, {}, {}", rs1, rs2, target(pc, in.immediate));
    case Format::kU:
      return fmt::format("{}, {:#x}", rd,
                         (static_cast<std::uint64_t>(in.immediate) >> 12U) & 0xfffffU);
    case Format::kJ:
      return fmt::format("{}, {}", rd, target(pc, in.immediate));
    case Format::kCsr:
      return fmt::format("{}, {}, {}", rd, csr_name(in.immediate), rs1);
    case Format::kCsrImmediate:
      return fmt::format("{}, {}, {}", rd, csr_name(in.immediate), in.rs1);
    case Format::kAtomic:
      return row.rs2 == RegisterFile::kNone ? fmt::format("{}, ({})", rd, rs1)
                                            : fmt::format("{}, {}, ({})", rd, rs2, rs1);
    case Format::kFence:
    case Format::kNone:
      return {};
  }
  return {};
}

}  // namespace

std::string disassemble(const Instruction& instruction, std::uint64_t pc) {
  if (instruction.opcode == Opcode::kIllegal) {
    return instruction.length == 2 ? fmt::format(".half {:#06x}", instruction.word)
                                   : fmt::format(".word {:#010x}", instruction.word);
  }
  const InstructionInfo& row = info(instruction.opcode);
  std::string text(row.mnemonic);
  if (row.format == Format::kAtomic) {
    constexpr std::array<std::string_view, 4> kOrders = {"", ".rl", ".aq", ".aqrl"};
    text += kOrders.at(static_cast<std::size_t>(instruction.immediate));
  }
  const std::string operands = operands_of(instruction, row, pc);
  return operands.empty() ? text : text + " " + operands;
}

}  // namespace isobar::isa
