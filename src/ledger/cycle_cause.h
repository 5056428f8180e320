// Why an issue slot was not useful: the leaves of the ledger of cycles. A slot is one cycle of one
// scheduler; it is charged in lanes, so that a warp instruction with idle lanes is divided exactly.
// The timed machine charges them (timing/cause.h); reports and ledgers name them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace isobar::ledger {

enum class CycleCause : std::uint8_t {
  // Issued: active lanes, by what the instruction does.
  kArithmetic,   // floating point that counts FLOPs
  kOtherFloat,   // moves, conversions, comparisons
  kInteger,      // integers and addresses
  kMemoryIssue,  // loads, stores, atomics: their slots, not their waiting
  kBranchIssue,
  kSystemIssue,  // barriers, fences, shuffles, special registers
  // Issued: lanes that were masked off or do not exist.
  kDivergence,
  // Not issued: the warp that issued next had been waiting for this.
  kFetch,          // instruction cache
  kControl,        // a branch's own latency
  kDependInteger,  // the result of a pipe
  kDependFp16,
  kDependFp32,
  kDependFp64,
  kDependSpecial,
  kDependCrossLane,
  kLocalLatency,    // local memory without conflicts
  kLocalConflict,   // its banks and its port
  kL1Latency,       // a hit, or the lookup of a miss
  kL1Bank,          // first-level banks and bandwidth
  kL1Mshr,          // no miss register or store buffer free
  kRequestNetwork,  // from here to kResponseNetwork as timing::MemoryStage
  kL2,
  kL2Mshr,
  kDramQueue,
  kDramRow,
  kDramTransfer,
  kResponseNetwork,
  kBarrier,
  kFence,        // a fence waits for stores
  kOperands,     // register reads take more than a cycle
  kIssueGap,     // a warp may not issue every cycle
  kPipeInteger,  // a warp was ready, its pipe was not
  kPipeFp16,
  kPipeFp32,
  kPipeFp64,
  kPipeSpecial,
  kPipeBranch,
  kPipeLoadStore,
  // No warp at all.
  kLaunch,     // before the first work-group arrives
  kOccupancy,  // work-groups remain, but none is here yet, or there is no room for it
  kTail,       // no work-groups left
  kCount
};
inline constexpr std::size_t kCycleCauses = static_cast<std::size_t>(CycleCause::kCount);

/// Lane-slots by cause.
using CycleCharges = std::array<std::uint64_t, kCycleCauses>;

struct CycleCauseName {
  std::string_view group;  // "issued", "dependency", "memory", "pipe busy", "no warp", ...
  std::string_view name;   // "dram queue"
  std::string_view meaning;
};
[[nodiscard]] const CycleCauseName& name(CycleCause cause);

}  // namespace isobar::ledger
