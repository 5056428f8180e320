#include "isa/hart/hart.h"

#include <fmt/format.h>

#include "isa/integer_ops.h"
#include "isa/opcode_sets.h"
#include "isa/soft_float.h"

namespace isobar::isa {
namespace {

constexpr std::size_t kCacheSize = 1U << 12U;

std::uint64_t as_unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// The low `bytes` of a value, sign-extended.
std::uint64_t sign_extend(std::uint64_t value, unsigned bytes) {
  const unsigned shift = 64 - 8 * bytes;
  return as_unsigned(static_cast<std::int64_t>(value << shift) >> shift);
}

bool loads_unsigned(Opcode opcode) {
  return opcode == Opcode::kLbu || opcode == Opcode::kLhu || opcode == Opcode::kLwu;
}
constexpr bool is_load_reserved(Opcode opcode) {
  return opcode == Opcode::kLrW || opcode == Opcode::kLrD;
}
constexpr bool is_store_conditional(Opcode opcode) {
  return opcode == Opcode::kScW || opcode == Opcode::kScD;
}

/// Whether this file performs an instruction of a cost class. Integer, branch and atomic ones ask
/// the function that computes them, which has no answer at compile time for what it does not know.
constexpr bool performs(Opcode opcode, CostClass cost, unsigned memory_bytes) {
  using enum Opcode;
  if (computes_float(opcode)) return true;  // soft_float.cpp asks evaluate_float()
  switch (cost) {
    case CostClass::kIntAlu:
    case CostClass::kIntMul:
    case CostClass::kIntDiv:
      return opcode == kAuipc || (evaluate_integer(opcode, 0, 0), true);
    case CostClass::kBranch:
      return opcode == kJal || opcode == kJalr || (branch_taken(opcode, 0, 0), true);
    case CostClass::kAtomic:
      return is_load_reserved(opcode) || is_store_conditional(opcode) ||
             (evaluate_atomic(opcode, 0, 0), true);
    case CostClass::kLoad:
    case CostClass::kStore:
      return memory_bytes != 0 && memory_bytes <= 8;
    case CostClass::kSync:
      return opcode == kFence || opcode == kFenceI;
    case CostClass::kSystem:
      return opcode == kEcall || opcode == kEbreak || (opcode >= kCsrrw && opcode <= kCsrrci);
    case CostClass::kFp16:
    case CostClass::kFp32:
    case CostClass::kFp64:
    case CostClass::kFpSpecial:
    case CostClass::kCrossLane:
    case CostClass::kCount:
      break;
  }
  return false;
}

// A row of the table that nobody here performs is an error of the build. Xisobar's rows are not a
// hart's: it stops at them.
#define ISOBAR_INSTRUCTION(row, mnemonic, extension, match, mask, format, rd, rs1, rs2, rs3,     \
                           rounding, cost, flops, bytes, meaning)                                \
  static_assert(                                                                                 \
      std::string_view(extension) == "Xisobar" || performs(Opcode::row, CostClass::cost, bytes), \
      "no hart performs " mnemonic);
#include "isa/instructions.def"
#undef ISOBAR_INSTRUCTION

}  // namespace

Hart::Hart(SparseMemory& memory) : memory_(memory), decoded_(kCacheSize) {}

HartStop Hart::fetch() {
  last_ = &illegal_;
  std::uint64_t word = 0, upper = 0;
  fault_address_ = pc;
  if (!memory_.read(pc, 2, Access::kExecute, word)) return HartStop::kFetchFault;
  if ((word & 3U) == 3U) {
    fault_address_ = pc + 2;
    if (!memory_.read(pc + 2, 2, Access::kExecute, upper)) return HartStop::kFetchFault;
    word |= upper << 16U;
  }
  CachedInstruction& slot = decoded_[((word * 0x9E3779B97F4A7C15ULL) >> 32U) % kCacheSize];
  if (!slot.valid || slot.instruction.word != word) {
    slot = {decode(static_cast<std::uint32_t>(word)), true};
  }
  last_ = &slot.instruction;
  return HartStop::kNone;
}

HartStop Hart::step() {
  if (const HartStop stop = fetch(); stop != HartStop::kNone) return stop;
  next_pc_ = pc + last_->length;
  const HartStop stop = execute(*last_);
  if (stop != HartStop::kNone) return stop;
  pc = next_pc_;
  ++retired_;
  return HartStop::kNone;
}

void Hart::finish_ecall() {
  pc += last_->length;
  ++retired_;
}

HartStop Hart::execute(const Instruction& in) {
  if (in.opcode == Opcode::kIllegal) return HartStop::kIllegal;
  const InstructionInfo& row = info(in.opcode);
  if (row.extension == "Xisobar") return HartStop::kGpuInstruction;
  if (computes_float(in.opcode)) return execute_float(in, row);
  switch (row.cost) {
    case CostClass::kLoad:
      return execute_load(in, row);
    case CostClass::kStore:
      return execute_store(in, row);
    case CostClass::kAtomic:
      return execute_atomic(in, row);
    case CostClass::kBranch:
      return execute_branch(in);
    case CostClass::kSync:  // fences: one hart sees its own accesses, and fetches, in order
      return HartStop::kNone;
    case CostClass::kSystem:
      if (in.opcode == Opcode::kEcall) return HartStop::kEcall;
      if (in.opcode == Opcode::kEbreak) return HartStop::kBreakpoint;
      return execute_csr(in);
    default:
      return execute_integer(in, row);
  }
}

HartStop Hart::execute_integer(const Instruction& in, const InstructionInfo& row) {
  if (in.opcode == Opcode::kAuipc) {
    set_x(in.rd, pc + as_unsigned(in.immediate));
    return HartStop::kNone;
  }
  const std::uint64_t b = row.rs2 == RegisterFile::kInteger ? x[in.rs2] : as_unsigned(in.immediate);
  set_x(in.rd, evaluate_integer(in.opcode, x[in.rs1], b));
  return HartStop::kNone;
}

HartStop Hart::execute_float(const Instruction& in, const InstructionInfo& row) {
  const std::uint8_t mode = row.has_rounding && in.rounding == 7 ? frm : in.rounding;
  if (mode > 4) return HartStop::kIllegal;  // a dynamic rounding mode, and frm holds a reserved one
  const std::uint64_t a = row.rs1 == RegisterFile::kFloat ? f[in.rs1] : x[in.rs1];
  const FloatResult result =
      evaluate_float(in.opcode, a, f[in.rs2], f[in.rs3], static_cast<Rounding>(mode));
  fflags |= result.flags;
  if (row.rd == RegisterFile::kFloat) {
    f[in.rd] = result.value;
  } else {
    set_x(in.rd, result.value);
  }
  return HartStop::kNone;
}

HartStop Hart::execute_load(const Instruction& in, const InstructionInfo& row) {
  std::uint64_t value = 0;
  fault_address_ = x[in.rs1] + as_unsigned(in.immediate);
  if (!memory_.read(fault_address_, row.memory_bytes, Access::kRead, value))
    return HartStop::kLoadFault;
  if (row.rd == RegisterFile::kFloat) {
    f[in.rd] = row.memory_bytes == 8 ? value : value | (~0ULL << (8U * row.memory_bytes));
  } else {
    set_x(in.rd, loads_unsigned(in.opcode) ? value : sign_extend(value, row.memory_bytes));
  }
  return HartStop::kNone;
}

HartStop Hart::execute_store(const Instruction& in, const InstructionInfo& row) {
  fault_address_ = x[in.rs1] + as_unsigned(in.immediate);
  const std::uint64_t value = row.rs2 == RegisterFile::kFloat ? f[in.rs2] : x[in.rs2];
  return memory_.write(fault_address_, row.memory_bytes, value) ? HartStop::kNone
                                                                : HartStop::kStoreFault;
}

HartStop Hart::execute_atomic(const Instruction& in, const InstructionInfo& row) {
  const std::uint64_t address = x[in.rs1];
  fault_address_ = address;
  if (address % row.memory_bytes != 0) return HartStop::kMisalignedAtomic;
  if (is_store_conditional(in.opcode)) {
    if (!memory_.permits(address, row.memory_bytes, Access::kWrite)) return HartStop::kStoreFault;
    const bool succeeds = reserved_ && reservation_ == address;
    reserved_ = false;
    if (succeeds && !memory_.write(address, row.memory_bytes, x[in.rs2]))
      return HartStop::kStoreFault;
    set_x(in.rd, succeeds ? 0 : 1);
    return HartStop::kNone;
  }
  std::uint64_t old = 0;
  if (!memory_.read(address, row.memory_bytes, Access::kRead, old)) return HartStop::kLoadFault;
  if (is_load_reserved(in.opcode)) {
    reservation_ = address;
    reserved_ = true;
  } else if (!memory_.write(address, row.memory_bytes,
                            evaluate_atomic(in.opcode, old, x[in.rs2]))) {
    return HartStop::kStoreFault;
  }
  set_x(in.rd, sign_extend(old, row.memory_bytes));
  return HartStop::kNone;
}

HartStop Hart::execute_branch(const Instruction& in) {
  const std::uint64_t after = next_pc_;
  if (in.opcode == Opcode::kJal) {
    next_pc_ = pc + as_unsigned(in.immediate);
    set_x(in.rd, after);
  } else if (in.opcode == Opcode::kJalr) {
    next_pc_ = (x[in.rs1] + as_unsigned(in.immediate)) & ~1ULL;
    set_x(in.rd, after);
  } else if (branch_taken(in.opcode, x[in.rs1], x[in.rs2])) {
    next_pc_ = pc + as_unsigned(in.immediate);
  }
  return HartStop::kNone;
}

bool Hart::read_csr(std::int64_t number, std::uint64_t& value) const {
  switch (number) {
    case 0x001:
      value = fflags;
      return true;
    case 0x002:
      value = frm;
      return true;
    case 0x003:
      value = static_cast<std::uint64_t>(frm) << 5U | fflags;
      return true;
    case 0xC00:  // cycle
    case 0xC01:  // time
    case 0xC02:  // instret
      value = retired_;
      return true;
    default:
      return false;
  }
}

bool Hart::write_csr(std::int64_t number, std::uint64_t value) {
  if (number < 0x001 || number > 0x003) return false;
  if (number != 0x002) fflags = static_cast<std::uint8_t>(value & 31U);
  if (number == 0x002) frm = static_cast<std::uint8_t>(value & 7U);
  if (number == 0x003) frm = static_cast<std::uint8_t>((value >> 5U) & 7U);
  return true;
}

HartStop Hart::execute_csr(const Instruction& in) {
  const bool immediate = info(in.opcode).format == Format::kCsrImmediate;
  const std::uint64_t operand = immediate ? in.rs1 : x[in.rs1];
  std::uint64_t old = 0;
  if (!read_csr(in.immediate, old)) return HartStop::kIllegal;
  const bool replaces = in.opcode == Opcode::kCsrrw || in.opcode == Opcode::kCsrrwi;
  const bool sets = in.opcode == Opcode::kCsrrs || in.opcode == Opcode::kCsrrsi;
  // Setting or clearing bits with x0 or a zero immediate does not write at all.
  if (replaces || in.rs1 != 0) {
    const std::uint64_t value = replaces ? operand : sets ? old | operand : old & ~operand;
    if (!write_csr(in.immediate, value)) return HartStop::kIllegal;
  }
  set_x(in.rd, old);
  return HartStop::kNone;
}

std::string Hart::registers_text() const {
  constexpr std::array<const char*, 32> kNames = {
      "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
      "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
      "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
  std::string text;
  for (unsigned i = 0; i < 32; ++i)
    text += fmt::format("  {:>4} {:016x}{}", kNames[i], x[i], i % 4 == 3 ? "\n" : "");
  for (unsigned i = 0; i < 32; ++i)
    text += fmt::format("  {:>4} {:016x}{}", fmt::format("f{}", i), f[i], i % 4 == 3 ? "\n" : "");
  return text + fmt::format("  fflags {:#04x}  frm {}\n", fflags, frm);
}

}  // namespace isobar::isa
