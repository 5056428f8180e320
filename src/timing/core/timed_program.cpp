#include "timing/core/timed_program.h"

#include <algorithm>
#include <stdexcept>

namespace isobar::timing {
namespace {

using isa::CostClass;

PipeKind pipe_of(CostClass cost) {
  switch (cost) {
    case CostClass::kFp16:
      return PipeKind::kFp16;
    case CostClass::kFp32:
      return PipeKind::kFp32;
    case CostClass::kFp64:
      return PipeKind::kFp64;
    case CostClass::kFpSpecial:
    case CostClass::kIntDiv:
      return PipeKind::kSpecial;
    case CostClass::kBranch:
      return PipeKind::kBranch;
    case CostClass::kLoad:
    case CostClass::kStore:
    case CostClass::kAtomic:
      return PipeKind::kLoadStore;
    case CostClass::kIntAlu:
    case CostClass::kIntMul:
    case CostClass::kCrossLane:
    case CostClass::kSync:
    case CostClass::kSystem:
    case CostClass::kCount:
      break;
  }
  return PipeKind::kInteger;
}

const chip::Pipe& pipe_of(const chip::CoreParameters& core, PipeKind kind) {
  switch (kind) {
    case PipeKind::kFp16:
      return core.fp16;
    case PipeKind::kFp32:
      return core.fp32;
    case PipeKind::kFp64:
      return core.fp64;
    case PipeKind::kSpecial:
      return core.special;
    case PipeKind::kBranch:
      return core.branch;
    case PipeKind::kLoadStore:
      return core.load_store;
    case PipeKind::kInteger:
    case PipeKind::kCount:
      break;
  }
  return core.integer;
}

Cause issued_cause(const isa::InstructionInfo& row) {
  switch (row.cost) {
    case CostClass::kFp16:
    case CostClass::kFp32:
    case CostClass::kFp64:
    case CostClass::kFpSpecial:
      return row.flops != 0 ? Cause::kArithmetic : Cause::kOtherFloat;
    case CostClass::kLoad:
    case CostClass::kStore:
    case CostClass::kAtomic:
      return Cause::kMemoryIssue;
    case CostClass::kBranch:
      return Cause::kBranchIssue;
    case CostClass::kCrossLane:
    case CostClass::kSync:
    case CostClass::kSystem:
      return Cause::kSystemIssue;
    case CostClass::kIntAlu:
    case CostClass::kIntMul:
    case CostClass::kIntDiv:
    case CostClass::kCount:
      break;
  }
  return Cause::kInteger;
}

Cause dependency_cause(CostClass cost) {
  switch (cost) {
    case CostClass::kFp16:
      return Cause::kDependFp16;
    case CostClass::kFp32:
      return Cause::kDependFp32;
    case CostClass::kFp64:
      return Cause::kDependFp64;
    case CostClass::kFpSpecial:
    case CostClass::kIntDiv:
      return Cause::kDependSpecial;
    case CostClass::kCrossLane:
      return Cause::kDependCrossLane;
    case CostClass::kIntAlu:
    case CostClass::kIntMul:
    case CostClass::kLoad:  // and atomics: memory's causes, which their timelines have
    case CostClass::kStore:
    case CostClass::kAtomic:
    case CostClass::kBranch:
    case CostClass::kSync:
    case CostClass::kSystem:
    case CostClass::kCount:
      break;
  }
  return Cause::kDependInteger;
}

AccessKind access_of(const isa::InstructionInfo& row) {
  if (row.memory_bytes == 0) return AccessKind::kNone;
  if (row.cost == CostClass::kStore) return AccessKind::kStore;
  return row.cost == CostClass::kAtomic ? AccessKind::kAtomic : AccessKind::kLoad;
}

std::uint8_t register_of(isa::RegisterFile file, std::uint8_t number) {
  if (file == isa::RegisterFile::kFloat) return static_cast<std::uint8_t>(32 + number);
  return file == isa::RegisterFile::kInteger && number != 0 ? number : kNoRegister;
}

/// Units divided among schedulers serve a scheduler's instruction; the load-store unit is one.
std::uint16_t hold_cycles(const chip::CoreParameters& core, PipeKind kind) {
  const chip::Pipe& pipe = pipe_of(core, kind);
  const std::uint64_t sharers = kind == PipeKind::kLoadStore ? 1 : core.schedulers;
  const std::uint64_t passes = (std::uint64_t{core.lanes} * sharers + pipe.lanes - 1) / pipe.lanes;
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(passes * pipe.interval, 65535));
}

std::uint32_t latency_of(const chip::CoreParameters& core, CostClass cost, PipeKind kind) {
  if (cost == CostClass::kIntMul) return core.multiply_latency;
  if (cost == CostClass::kIntDiv) return core.divide_latency;
  return pipe_of(core, kind).latency;
}

/// Operands are read so many at a time, and from each bank of registers one at a time.
std::uint8_t operand_cycles(const chip::CoreParameters& core,
                            const std::array<std::uint8_t, 3>& registers) {
  std::uint32_t reads = 0, most = 1;
  std::array<std::uint32_t, 64> in_bank{};
  for (const std::uint8_t r : registers) {
    if (r == kNoRegister) continue;
    ++reads;
    if (core.register_banks != 0) most = std::max(most, ++in_bank.at(r % core.register_banks));
  }
  return static_cast<std::uint8_t>(
      std::max(most, (reads + core.operand_reads - 1) / core.operand_reads));
}

bool is_float(CostClass cost) {
  return cost == CostClass::kFp16 || cost == CostClass::kFp32 || cost == CostClass::kFp64 ||
         cost == CostClass::kFpSpecial;
}

TimedOperation time_of(const chip::Chip& chip, const isa::Instruction& in) {
  const isa::InstructionInfo& row = isa::info(in.opcode);
  const PipeKind kind = pipe_of(row.cost);
  TimedOperation op;
  op.pipe = static_cast<std::uint8_t>(kind);
  op.access = access_of(row);
  op.bytes = row.memory_bytes;
  op.rd = register_of(row.rd, in.rd);
  op.rs = {register_of(row.rs1, in.rs1), register_of(row.rs2, in.rs2),
           register_of(row.rs3, in.rs3)};
  op.operand_cycles = operand_cycles(chip.core, op.rs);
  op.is_float = is_float(row.cost);
  op.issued = issued_cause(row);
  op.depend = dependency_cause(row.cost);
  op.is_branch = row.cost == CostClass::kBranch;
  op.is_fence = in.opcode == isa::Opcode::kFence;
  op.hold = hold_cycles(chip.core, kind);
  // The first lanes come out after the latency, the last ones `hold` passes later.
  op.latency = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(latency_of(chip.core, row.cost, kind) + op.hold - 1U, 65535));
  op.inside = static_cast<std::uint16_t>(
      op.latency - std::min<std::uint32_t>(chip.core.pipe_overhead, op.latency - 1U));
  op.cost = row.cost;
  op.flops = row.flops;
  return op;
}

}  // namespace

TimedProgram::TimedProgram(const chip::Chip& chip, const simt::Program& program)
    : text_(program.pc_of(0) / chip.icache.line.count() * chip.icache.line.count()),
      line_bytes_(chip.icache.line.count()) {
  const std::vector<std::uint8_t> leads = program.block_leaders();
  operations_.reserve(program.instructions().size());
  for (std::uint32_t i = 0; i < program.instructions().size(); ++i) {
    TimedOperation op = time_of(chip, program.instructions()[i]);
    op.ends_block = leads[i + 1] != 0;
    op.line = static_cast<std::uint32_t>((program.pc_of(i) - text_) / line_bytes_);
    operations_.push_back(op);
  }
  next_stop_.resize(operations_.size());
  for (auto i = static_cast<std::uint32_t>(operations_.size()); i-- > 0;) {
    const bool stops = operations_[i].access != AccessKind::kNone || operations_[i].ends_block ||
                       i + 1 == operations_.size();
    next_stop_[i] = stops ? i : next_stop_[i + 1];
  }
}

}  // namespace isobar::timing
