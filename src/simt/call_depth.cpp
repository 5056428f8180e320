#include "simt/call_depth.h"

#include <algorithm>
#include <bit>

namespace isobar::simt {
namespace {

constexpr std::uint32_t kFirstCallRows = 8;

/// A lane's stack pointer, as far as it is remembered: its lower half tells apart all addresses of
/// the private window.
std::uint32_t stack_of(const Warp& warp, unsigned lane) {
  const std::uint64_t stack =
      warp.shape[2] == Shape::kVector
          ? const_cast<Warp&>(warp).x(2)[lane]
          : warp.base[2] + static_cast<std::uint64_t>(warp.stride[2]) * lane;
  return static_cast<std::uint32_t>(stack);
}

}  // namespace

void grow_call_rows(Warp& warp, std::vector<std::uint32_t>& rows) {
  if (warp.call_rows >= kMostCallRows) return;
  warp.call_rows = std::clamp(2 * warp.call_rows, kFirstCallRows, kMostCallRows);
  rows.resize(std::size_t{2} * warp.width * warp.call_rows);
  warp.calls = rows.data();
}

void remember_call(Warp& warp, std::uint32_t depth, std::uint32_t back, LaneMask lanes) {
  if (depth >= warp.call_rows) return;
  std::uint32_t* returns = warp.returns_of_call(depth);
  std::uint32_t* stacks = warp.stacks_of_call(depth);
  for (LaneMask left = lanes; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    returns[lane] = back;
    stacks[lane] = stack_of(warp, lane);
  }
}

/// A stack grows downwards: a call that was made where the stack stood lower than it stands now has
/// been left, returned from or not. After a jump out of calls (longjmp) those that were made at
/// just this height have ended too, since whoever made the first of them has taken over again.
std::uint32_t depth_behind(const Warp& warp, unsigned lane, std::uint32_t depth,
                           std::uint32_t target, bool is_return) {
  const std::uint32_t less = depth == 0 ? 0 : depth - 1;
  const std::uint32_t stack = stack_of(warp, lane);
  const auto stack_at = [&](std::uint32_t row) { return warp.stacks_of_call(row)[lane]; };
  if (depth > warp.call_rows) {  // not remembered
    if (warp.call_rows == 0 || stack_at(warp.call_rows - 1) >= stack)
      return is_return ? less : depth;
    depth = warp.call_rows;
  }
  if (depth == 0) return 0;
  if (is_return && warp.returns_of_call(depth - 1)[lane] == target) return depth - 1;
  if (stack_at(depth - 1) >= stack) {
    // Nothing was left behind. A return from a call whose stack is still in use is none.
    const bool in_use = stack_at(depth - 1) > stack;
    return is_return && !in_use ? depth - 1 : depth;
  }
  while (depth != 0 && stack_at(depth - 1) <= stack) --depth;
  return depth;
}

bool may_leave_calls(const Warp& warp, std::uint32_t depth) {
  if (depth == 0 || warp.call_rows == 0) return false;
  if (depth > warp.call_rows || warp.shape[2] != Shape::kUniform) return true;
  const std::uint32_t* stacks = warp.stacks_of_call(depth - 1);
  const auto stack = static_cast<std::uint32_t>(warp.base[2]);
  bool lower = false;
  for (unsigned l = 0; l < warp.width; ++l) lower |= stacks[l] < stack;
  return lower;
}

bool all_return(const Warp& warp, std::uint32_t depth, std::uint32_t target, LaneMask lanes) {
  if (depth == 0 || depth > warp.call_rows) return false;
  const std::uint32_t* returns = warp.returns_of_call(depth - 1);
  std::uint32_t differ = 0;
  for (unsigned l = 0; l < warp.width; ++l) differ |= returns[l] ^ target;
  if (differ == 0) return true;
  for (LaneMask left = lanes; left != 0; left &= left - 1) {
    if (returns[std::countr_zero(left)] != target) return false;
  }
  return true;
}

}  // namespace isobar::simt
