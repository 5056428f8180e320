// What the handlers leave to ordinary code: finding memory regions, recording faults, and floating
// point that must be exact to the flag, lane by lane.
#include <fmt/format.h>

#include <bit>

#include "isa/guest_abi.h"
#include "isa/soft_float.h"
#include "simt/engine/fault_numbers.h"
#include "simt/memory/global_memory_impl.h"
#include "simt/worker.h"

namespace isobar::simt {
namespace {

static_assert(static_cast<int>(FaultKind::kIllegalInstruction) == kIllegalNumber);
static_assert(static_cast<int>(FaultKind::kBadFetch) == kFetchNumber);
static_assert(static_cast<int>(FaultKind::kEnvironmentCall) == kCallNumber);
static_assert(static_cast<int>(FaultKind::kBreakpoint) == kBreakNumber);

Worker& worker_of(const Warp* warp) { return *static_cast<Worker*>(warp->worker->owner); }

bool inside(const Region& region, std::uint64_t address, std::uint64_t size) {
  const std::uint64_t offset = address - region.low;
  return offset < region.size && region.size - offset >= size;
}

void make_vector(Warp& warp, unsigned number) {
  if (warp.shape[number] == Shape::kVector) return;
  std::uint64_t* lanes = warp.x(number);
  for (unsigned l = 0; l < warp.width; ++l)
    lanes[l] = warp.base[number] + static_cast<std::uint64_t>(warp.stride[number]) * l;
  warp.shape[number] = Shape::kVector;
}

std::uint64_t integer_lane(Warp& warp, unsigned number, unsigned lane) {
  if (warp.shape[number] == Shape::kVector) return warp.x(number)[lane];
  return warp.base[number] + static_cast<std::uint64_t>(warp.stride[number]) * lane;
}

std::uint64_t float_lane(Warp& warp, unsigned number, unsigned lane) {
  constexpr std::uint64_t kBox = 0xffffffff00000000ULL;
  const std::uint64_t* lanes = warp.f(number);
  const auto single = [&](unsigned l) {
    std::uint32_t value = 0;
    std::memcpy(&value, reinterpret_cast<const std::byte*>(lanes) + l * sizeof value, sizeof value);
    return kBox | value;
  };
  switch (warp.float_shape[number]) {
    case FloatShape::kSingle:
      return single(0);
    case FloatShape::kSingleVector:
      return single(lane);
    case FloatShape::kRaw:
      return lanes[0];
    case FloatShape::kRawVector:
      return lanes[lane];
  }
  return 0;
}

void make_raw_vector(Warp& warp, unsigned number) {
  if (warp.float_shape[number] == FloatShape::kRawVector) return;
  std::array<std::uint64_t, kMostLanes> raw{};
  for (unsigned l = 0; l < warp.width; ++l) raw[l] = float_lane(warp, number, l);
  std::memcpy(warp.f(number), raw.data(), warp.width * sizeof(std::uint64_t));
  warp.float_shape[number] = FloatShape::kRawVector;
}

std::uint64_t operand(Warp& warp, isa::RegisterFile file, unsigned number, unsigned lane) {
  switch (file) {
    case isa::RegisterFile::kInteger:
      return integer_lane(warp, number, lane);
    case isa::RegisterFile::kFloat:
      return float_lane(warp, number, lane);
    case isa::RegisterFile::kNone:
      break;
  }
  return 0;
}

}  // namespace

std::string_view name(FaultKind kind) {
  switch (kind) {
    case FaultKind::kOutOfBounds:
      return "out-of-bounds access";
    case FaultKind::kNullPointer:
      return "null pointer access";
    case FaultKind::kMisaligned:
      return "misaligned access";
    case FaultKind::kReadOnly:
      return "store to read-only memory";
    case FaultKind::kIllegalInstruction:
      return "illegal instruction";
    case FaultKind::kBadFetch:
      return "jump to an address that holds no instruction";
    case FaultKind::kStackOverflow:
      return "stack overflow";
    case FaultKind::kDivergentBarrier:
      return "divergent barrier";
    case FaultKind::kEnvironmentCall:
      return "environment call";
    case FaultKind::kBreakpoint:
      return "breakpoint";
    case FaultKind::kTimeLimit:
      return "time limit reached";
    case FaultKind::kInstructionLimit:
      return "instruction limit reached";
  }
  return "fault";
}

const Region* find_region(Warp* warp, std::uint32_t operation, std::uint64_t address,
                          std::uint64_t size) {
  const Region found = worker_of(warp).find(*warp, address, size);
  if (found.memory == Memory::kNone) return nullptr;
  Region& cached = warp->worker->cached[operation];
  cached = found;
  return &cached;
}

Region Worker::find(const Warp& warp, std::uint64_t address, std::uint64_t size) const {
  const auto if_inside = [&](const Region& region) {
    return inside(region, address, size) ? region : Region{};
  };
  if (address >= isa::kGlobalBase) {
    const auto range = memory_.impl().below(address - isa::kGlobalBase);
    return if_inside({isa::kGlobalBase + range.offset, range.size,
                      memory_.impl().arena + range.offset, Memory::kGlobal, true});
  }
  if (address >= isa::kArgumentBase) {
    auto* arguments = const_cast<std::byte*>(config_.arguments.data());
    return if_inside(
        {isa::kArgumentBase, config_.arguments.size(), arguments, Memory::kConstant, false});
  }
  if (address >= isa::kPrivateLowest) {
    return if_inside({isa::kPrivateTop - private_bytes_, private_bytes_, warp.private_store,
                      Memory::kPrivate, true});
  }
  if (address >= isa::kLocalBase) {
    return if_inside(
        {isa::kLocalBase, config_.local_memory.count(), local_memory_.get(), Memory::kLocal, true});
  }
  return program_.region_at(address, size);
}

void need_call_row(Warp* warp) { worker_of(warp).grow_calls(*warp); }

void report_access(Warp* warp, std::uint32_t operation, unsigned lane, std::uint64_t address) {
  warp->report.stop = Stop::kFault;
  worker_of(warp).record_access(*warp, operation, lane, address);
}

void report_fault(Warp* warp, std::uint32_t operation, unsigned lane, unsigned kind,
                  std::uint64_t address) {
  warp->report.stop = Stop::kFault;
  worker_of(warp).record(*warp, operation, lane, static_cast<FaultKind>(kind), address);
}

void Worker::record(const Warp& warp, std::uint32_t operation, unsigned lane, FaultKind kind,
                    std::uint64_t address) {
  Fault fault;
  fault.kind = kind;
  fault.pc = program_.pc_of(operation);
  fault.lane = lane;
  fault.address = DeviceAddress(address);
  fault.group = group_;
  for (std::size_t d = 0; d < 3; ++d) {
    fault.local_id[d] = warp.id_vector[d][lane % kMostLanes];
    fault.global_id[d] = fault.local_id[d] + shared_.special[d];
  }
  if (operation < program_.instructions().size()) {
    const isa::Instruction& in = program_.instructions()[operation];
    fault.word = in.word;
    fault.size = Bytes(isa::info(in.opcode).memory_bytes);
    const isa::CostClass cost = isa::info(in.opcode).cost;
    fault.is_store = cost == isa::CostClass::kStore || cost == isa::CostClass::kAtomic;
  }
  fault_ = std::move(fault);
}

void Worker::record_access(const Warp& warp, std::uint32_t operation, unsigned lane,
                           std::uint64_t address) {
  record(warp, operation, lane, FaultKind::kOutOfBounds, address);
  Fault& fault = *fault_;  // NOLINT(bugprone-unchecked-optional-access): record() has made it
  const std::uint64_t size = fault.size.count();
  // A frame that is larger than the private window reaches what lies below it.
  const std::uint64_t stack = integer_lane(const_cast<Warp&>(warp), 2, lane);
  const bool in_frame = stack >= isa::kLocalBase && stack < isa::kPrivateTop - private_bytes_ &&
                        address >= stack && address < isa::kPrivateLowest;
  if (in_frame) {
    fault.kind = FaultKind::kStackOverflow;
    fault.detail = fmt::format(
        "the stack reaches {} bytes down, and a work-item has {} bytes of private memory",
        isa::kPrivateTop - stack, private_bytes_);
  } else if (address < 4096 || address > ~std::uint64_t{4095}) {
    fault.kind = FaultKind::kNullPointer;
    fault.detail = "the pointer is null, or null plus a small offset";
  } else if (size != 0 && address % size != 0) {
    fault.kind = FaultKind::kMisaligned;
    fault.detail = fmt::format("{:#x} is not a multiple of {}", address, size);
  } else if (const Region region = find(warp, address, size); region.memory != Memory::kNone) {
    fault.kind = FaultKind::kReadOnly;
    fault.detail = "constants and kernel arguments cannot be written";
  } else if (address >= isa::kGlobalBase) {
    const auto range = memory_.impl().below(address - isa::kGlobalBase);
    const std::uint64_t beyond = address - isa::kGlobalBase - range.offset;
    fault.detail =
        range.size == 0
            ? "no buffer lies there"
            : fmt::format("{} bytes past the start of the nearest buffer below, which has {}",
                          beyond, range.size);
  } else if (address >= isa::kPrivateLowest && address < isa::kPrivateTop) {
    fault.kind = FaultKind::kStackOverflow;
    fault.detail = fmt::format("a work-item has {} bytes of private memory", private_bytes_);
  } else if (address >= isa::kLocalBase && address < isa::kLocalLimit) {
    fault.detail = fmt::format("offset {} of {} bytes of local memory", address - isa::kLocalBase,
                               config_.local_memory.count());
  } else {
    fault.detail = "nothing is mapped there";
  }
}

bool exact_float(const Operation* operation, Warp* warp) {
  const isa::InstructionInfo& row = isa::info(operation->opcode);
  std::array<std::uint64_t, kMostLanes> results{};
  for (LaneMask left = warp->mask; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    const auto mode = static_cast<isa::Rounding>(operation->rounding == 7 ? warp->rounding[lane]
                                                                          : operation->rounding);
    if (mode > isa::Rounding::kRmm) {
      report_fault(warp, operation->self, lane, kIllegalNumber, 0);
      return false;
    }
    const isa::FloatResult result =
        isa::evaluate_float(operation->opcode, operand(*warp, row.rs1, operation->rs1, lane),
                            operand(*warp, row.rs2, operation->rs2, lane),
                            operand(*warp, row.rs3, operation->rs3, lane), mode);
    results[lane] = result.value;
    warp->flags[lane] |= result.flags;
  }
  std::uint64_t* lanes = nullptr;
  if (row.rd == isa::RegisterFile::kFloat) {
    make_raw_vector(*warp, operation->rd);
    lanes = warp->f(operation->rd);
  } else {
    make_vector(*warp, operation->rd);
    lanes = warp->x(operation->rd);
  }
  for (LaneMask left = warp->mask; left != 0; left &= left - 1)
    lanes[std::countr_zero(left)] = results[static_cast<std::size_t>(std::countr_zero(left))];
  return true;
}

void float_csr(const Operation* operation, Warp* warp) {
  using isa::Opcode;
  const bool immediate = operation->opcode >= Opcode::kCsrrwi;
  std::array<std::uint64_t, kMostLanes> old{};
  for (LaneMask left = warp->mask; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    const std::uint64_t value =
        immediate ? operation->rs1 : integer_lane(*warp, operation->rs1, lane);
    const std::uint64_t both = warp->flags[lane] | static_cast<std::uint64_t>(warp->rounding[lane])
                                                       << 5U;
    // fflags is the low five bits of fcsr, frm the three above.
    const unsigned shift = operation->immediate == 2 ? 5 : 0;
    const std::uint64_t mask = operation->immediate == 1   ? 0x1f
                               : operation->immediate == 2 ? 0x7
                                                           : 0xff;
    const std::uint64_t before = both >> shift & mask;
    std::uint64_t after = before;
    const bool writes = operation->opcode == Opcode::kCsrrw ||
                        operation->opcode == Opcode::kCsrrwi || operation->rs1 != 0;
    if (operation->opcode == Opcode::kCsrrw || operation->opcode == Opcode::kCsrrwi) after = value;
    if (operation->opcode == Opcode::kCsrrs || operation->opcode == Opcode::kCsrrsi)
      after = before | value;
    if (operation->opcode == Opcode::kCsrrc || operation->opcode == Opcode::kCsrrci)
      after = before & ~value;
    if (writes) {
      const std::uint64_t updated = (both & ~(mask << shift)) | (after & mask) << shift;
      warp->flags[lane] = static_cast<std::uint8_t>(updated & 0x1f);
      warp->rounding[lane] = static_cast<std::uint8_t>(updated >> 5U & 0x7);
    }
    old[lane] = before;
  }
  make_vector(*warp, operation->rd);
  std::uint64_t* lanes = warp->x(operation->rd);
  for (LaneMask left = warp->mask; left != 0; left &= left - 1)
    lanes[std::countr_zero(left)] = old[static_cast<std::size_t>(std::countr_zero(left))];
}

}  // namespace isobar::simt
