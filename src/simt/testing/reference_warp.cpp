#include "simt/testing/reference_warp.h"

#include <fmt/format.h>

#include <bit>
#include <set>
#include <tuple>

#include "isa/guest_abi.h"

namespace isobar::simt {
namespace {

using isa::Hart;
using isa::HartStop;
using isa::Opcode;

template <class Function>
void for_each_lane(std::uint64_t lanes, Function&& function) {
  for (; lanes != 0; lanes &= lanes - 1) function(static_cast<unsigned>(std::countr_zero(lanes)));
}

std::string what(HartStop stop, const Hart& hart, unsigned lane) {
  return fmt::format("the reference stopped ({}) in lane {} at {:#x}: {}", static_cast<int>(stop),
                     lane, hart.pc, isa::disassemble(hart.last(), hart.pc));
}

}  // namespace

ReferenceWarp::ReferenceWarp(const std::vector<ReferenceRange>& ranges, unsigned lanes)
    : open_(lanes) {
  for (const ReferenceRange& range : ranges) {
    if (!range.own) shared_.load(range.address, range.content);
  }
  for (unsigned l = 0; l < lanes; ++l) {
    auto& memory = *memories_.emplace_back(std::make_unique<isa::SparseMemory>());
    for (const ReferenceRange& range : ranges) {
      const std::size_t size = range.content.size();
      if (!range.own) {
        memory.share(shared_, range.address, size, range.writable, range.executable);
        continue;
      }
      memory.map(range.address, size, true, range.writable, range.executable);
      memory.load(range.address, range.content);
    }
  }
  harts_.reserve(lanes);
  for (unsigned l = 0; l < lanes; ++l) {
    Hart& hart = harts_.emplace_back(*memories_[l]);
    hart.x[2] = isa::kPrivateTop;
    hart.x[10] = isa::kArgumentBase;
    hart.f.fill(0xffffffff00000000ULL);
  }
  live_ = lanes == 64 ? ~0ULL : (1ULL << lanes) - 1;
  counters_.launches = counters_.work_groups = counters_.warps = 1;
  counters_.work_items = lanes;
}

const isa::SparseMemory& ReferenceWarp::memory(unsigned lane) const { return *memories_[lane]; }

std::string ReferenceWarp::run(std::uint64_t entry, std::uint64_t most_steps) {
  for (Hart& hart : harts_) hart.pc = entry;
  for (std::uint64_t steps = 0; live_ != 0; ++steps) {
    if (steps == most_steps) return "the reference did not come to an end";
    // Deepest first: by how far a depth is from the greatest there is.
    const auto place = [&](unsigned l) {
      return std::tuple{~std::uint64_t{open_[l].size()}, harts_[l].pc};
    };
    std::tuple<std::uint64_t, std::uint64_t> first{~0ULL, ~0ULL};
    for_each_lane(live_, [&](unsigned l) { first = std::min(first, place(l)); });
    std::uint64_t running = 0;
    for_each_lane(live_, [&](unsigned l) {
      if (place(l) == first) running |= 1ULL << l;
    });
    if (std::string error = step(running); !error.empty()) return error;
  }
  return {};
}

std::string ReferenceWarp::step(std::uint64_t lanes) {
  std::string error;
  isa::Instruction executed;
  bool across = false;
  for_each_lane(lanes, [&](unsigned l) {
    if (across) return;
    Hart& hart = harts_[l];
    const std::uint64_t pc = hart.pc, stack = hart.x[2];
    const HartStop stop = hart.step();
    executed = hart.last();
    if (stop == HartStop::kNone) follow(open_[l], executed, pc, stack, hart.pc);
    if (stop == HartStop::kGpuInstruction) {
      across = across_lanes(executed, lanes);
      if (!across) error = what(stop, hart, l);
    } else if (stop != HartStop::kNone && !(stop == HartStop::kIllegal && read_special(hart, l))) {
      error = what(stop, hart, l);
    }
  });
  count(executed, lanes);
  return error;
}

/// Keeps the calls of a hart that have not returned.
void ReferenceWarp::follow(std::vector<Call>& open, const isa::Instruction& in, std::uint64_t pc,
                           std::uint64_t stack, std::uint64_t target) const {
  const auto links = [](unsigned number) { return number == 1 || number == 5; };
  const std::uint64_t behind = pc + in.length;
  if (in.opcode == Opcode::kJal && links(in.rd) && target != behind)
    open.push_back({behind, stack});
  if (in.opcode != Opcode::kJalr) return;
  const bool pushes = links(in.rd), pops = links(in.rs1) && in.rd != in.rs1;
  if (pops && !open.empty() && open.back().back == target) {
    open.pop_back();
  } else if (!pushes || pops) {
    const bool is_left = !open.empty() && open.back().stack < stack;
    if (pops && !open.empty() && open.back().stack == stack) open.pop_back();
    while (is_left && !open.empty() && open.back().stack <= stack) open.pop_back();
  }
  if (pushes) open.push_back({behind, stack});
}

/// Exit, shuffle and vote, for all lanes at once.
bool ReferenceWarp::across_lanes(const isa::Instruction& in, std::uint64_t lanes) {
  std::array<std::uint64_t, 64> value{}, result{};
  std::uint64_t votes = 0;
  for_each_lane(lanes, [&](unsigned l) {
    value[l] = harts_[l].x[in.rs1];
    if (value[l] != 0) votes |= 1ULL << l;
  });
  for_each_lane(lanes, [&](unsigned l) {
    const std::uint64_t operand = harts_[l].x[in.rs2];
    std::uint64_t source = operand;
    if (in.opcode == Opcode::kIsobarShuffleXor) source = l ^ operand;
    if (in.opcode == Opcode::kIsobarShuffleUp) source = l - operand;
    if (in.opcode == Opcode::kIsobarShuffleDown) source = l + operand;
    const bool active = source < 64 && (lanes >> source & 1U) != 0;
    result[l] = value[active ? source : l];
    if (in.opcode == Opcode::kIsobarVoteAll) result[l] = votes == lanes ? 1 : 0;
    if (in.opcode == Opcode::kIsobarVoteAny) result[l] = votes != 0 ? 1 : 0;
    if (in.opcode == Opcode::kIsobarVoteBallot) result[l] = votes;
  });
  if (in.opcode == Opcode::kIsobarBarrier) return false;
  if (in.opcode == Opcode::kIsobarExit) {
    live_ &= ~lanes;
    return true;
  }
  for_each_lane(lanes, [&](unsigned l) {
    if (in.rd != 0) harts_[l].x[in.rd] = result[l];
    harts_[l].pc += 4;
  });
  return true;
}

/// A read of one of the GPU's own registers; false if the instruction is something else.
bool ReferenceWarp::read_special(Hart& hart, unsigned lane) const {
  using enum isa::SpecialRegister;
  const isa::Instruction& in = hart.last();
  const bool reads = in.opcode == Opcode::kCsrrs || in.opcode == Opcode::kCsrrc ||
                     in.opcode == Opcode::kCsrrsi || in.opcode == Opcode::kCsrrci;
  const std::uint64_t offset =
      static_cast<std::uint64_t>(in.immediate) - static_cast<std::uint64_t>(kGlobalId);
  if (!reads || in.rs1 != 0 || in.immediate > static_cast<std::int64_t>(kLocalLinearId) ||
      in.immediate < static_cast<std::int64_t>(kGlobalId))
    return false;
  std::uint64_t value = special[offset];
  const auto which = static_cast<isa::SpecialRegister>(in.immediate);
  const bool per_lane = which == kGlobalId || which == kLocalId || which == kLane ||
                        which == kGlobalLinearId || which == kLocalLinearId;
  if (per_lane) value += lane;
  if (in.rd != 0) hart.x[in.rd] = value;
  hart.pc += in.length;
  return true;
}

void ReferenceWarp::count(const isa::Instruction& in, std::uint64_t lanes) {
  const isa::InstructionInfo& row = isa::info(in.opcode);
  const auto active = static_cast<std::uint64_t>(std::popcount(lanes));
  counters_.warp_instructions[static_cast<std::size_t>(row.cost)] += 1;
  counters_.thread_instructions[static_cast<std::size_t>(row.cost)] += active;
  counters_.lane_slots += harts_.size();
  if (row.extension == "F") counters_.flops_fp32 += row.flops * active;
  if (row.extension == "D") counters_.flops_fp64 += row.flops * active;
  if (row.extension == "Zfh") counters_.flops_fp16 += row.flops * active;
  if (row.format == isa::Format::kB) {
    std::set<std::uint64_t> ways;
    for_each_lane(lanes, [&](unsigned l) { ways.insert(harts_[l].pc); });
    counters_.divergent_branches += ways.size() > 1 ? 1 : 0;
  }
  if (row.memory_bytes != 0) count_access(row, lanes);
}

/// Atomics count as stores, load-reserved as a load.
void ReferenceWarp::count_access(const isa::InstructionInfo& row, std::uint64_t lanes) {
  const bool loads =
      row.cost == isa::CostClass::kLoad || row.opcode == Opcode::kLrW || row.opcode == Opcode::kLrD;
  std::set<std::uint64_t> sectors;
  bool local = false;
  for_each_lane(lanes, [&](unsigned l) {
    const std::uint64_t address = harts_[l].fault_address();
    const Bytes bytes(row.memory_bytes);
    if (address >= isa::kGlobalBase) {
      sectors.insert(address / 32);
      (loads ? counters_.global_load_bytes : counters_.global_store_bytes) += bytes;
    } else if (address >= isa::kArgumentBase || address < isa::kLocalBase) {
      counters_.constant_bytes += bytes;
    } else if (address >= isa::kPrivateLowest) {
      counters_.private_bytes += bytes;
    } else {
      counters_.local_bytes += bytes;
      local = true;
    }
  });
  counters_.global_sectors += sectors.size();
  counters_.local_accesses += local ? 1 : 0;
}

}  // namespace isobar::simt
