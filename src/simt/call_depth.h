// How deep in calls a hart is, told by the instructions themselves: the operands of jal and jalr
// say what is meant as a call and what as a return (RISC-V ISA Manual, Volume I, 20240411, section
// 2.5.1, table "Return-address stack prediction hints encoded in the register operands of a JALR
// instruction"). They are hints: a program may jump out of calls, return where nobody called from,
// or call without ever returning. So each hart also keeps, for every call that has not returned,
// where it would return to and where its stack stood; a return that fits neither tells that calls
// were left behind, and which. Depth only orders a warp's paths: a wrong one costs time, never a
// result.
#pragma once

#include <cstdint>
#include <vector>

#include "simt/machine.h"

namespace isobar::simt {

enum class CallHint : std::uint8_t { kNone, kPush, kPop, kPopPush };

[[nodiscard]] constexpr bool is_link(unsigned number) { return number == 1 || number == 5; }

/// What a jalr with these registers means.
[[nodiscard]] constexpr CallHint hint_of_jalr(unsigned rd, unsigned rs1) {
  if (is_link(rd)) return is_link(rs1) && rd != rs1 ? CallHint::kPopPush : CallHint::kPush;
  return is_link(rs1) ? CallHint::kPop : CallHint::kNone;
}

/// A jal that links is a call, unless it goes to the next instruction: that one reads the pc.
[[nodiscard]] constexpr bool is_call(const Operation& jal) {
  return is_link(jal.rd) && jal.target != jal.self + 1;
}

/// Calls deeper than this are counted, but not remembered.
inline constexpr std::uint32_t kMostCallRows = 1024;

/// Makes room for the calls at `warp.depth` in `rows`, if it may.
void grow_call_rows(Warp& warp, std::vector<std::uint32_t>& rows);

/// `lanes` call from depth `depth`; they would return to the operation `back`.
void remember_call(Warp& warp, std::uint32_t depth, std::uint32_t back, LaneMask lanes);

/// The depth of a lane behind a jalr to the operation `target` that is not a call.
[[nodiscard]] std::uint32_t depth_behind(const Warp& warp, unsigned lane, std::uint32_t depth,
                                         std::uint32_t target, bool is_return);

/// Whether some lane's stack may stand higher than at its last call, which it then has left.
[[nodiscard]] bool may_leave_calls(const Warp& warp, std::uint32_t depth);

/// Whether all of `lanes` return from their last call to where it wants, so that each of them is
/// one call less deep.
[[nodiscard]] bool all_return(const Warp& warp, std::uint32_t depth, std::uint32_t target,
                              LaneMask lanes);

}  // namespace isobar::simt
