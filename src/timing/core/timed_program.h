// A program as a core's front end sees it: for every instruction the pipe it goes to, how long it
// holds it, when its result is there, and which registers it waits for. Made once per program and
// chip; the cycle loop reads nothing else about instructions.
#pragma once

#include <cstdint>
#include <vector>

#include "chip/chip.h"
#include "simt/launch.h"
#include "timing/cause.h"

namespace isobar::timing {

enum class PipeKind : std::uint8_t {
  kInteger,
  kFp16,
  kFp32,
  kFp64,
  kSpecial,
  kBranch,
  kLoadStore,
  kCount
};
inline constexpr std::size_t kPipes = static_cast<std::size_t>(PipeKind::kCount);

enum class AccessKind : std::uint8_t { kNone, kLoad, kStore, kAtomic };

// 0-31 integer, 32-63 float.
inline constexpr std::size_t kRegisters = 64;
inline constexpr std::uint8_t kNoRegister = kRegisters;

struct TimedOperation {
  std::uint8_t pipe = 0;
  AccessKind access = AccessKind::kNone;
  std::uint8_t rd = kNoRegister;
  std::array<std::uint8_t, 3> rs{kNoRegister, kNoRegister, kNoRegister};
  std::uint8_t bytes = 0;           // per lane of a memory access
  std::uint8_t operand_cycles = 1;  // the scheduler is held so long
  bool is_float = false;            // of the pipes that core.float_in_flight is about
  Cause issued = Cause::kInteger;
  Cause depend = Cause::kDependInteger;  // what waiting for the result is called
  bool ends_block = false;               // the next instruction is another record of the trace
  bool is_branch = false;
  bool is_fence = false;
  std::uint16_t hold = 1;     // cycles the pipe is held by a full warp
  std::uint16_t latency = 1;  // cycles until a dependent instruction may issue
  std::uint16_t inside = 1;   // of which in the pipe
  std::uint32_t line = 0;     // of the instruction cache, from the start of the text
  isa::CostClass cost{};
  std::uint8_t flops = 0;  // per lane
};

class TimedProgram {
 public:
  TimedProgram(const chip::Chip& chip, const simt::Program& program);
  [[nodiscard]] const TimedOperation* operations() const { return operations_.data(); }
  /// The first operation, from this one on, that accesses memory or ends its block.
  [[nodiscard]] std::uint32_t next_stop(std::uint32_t operation) const {
    return next_stop_[operation];
  }
  [[nodiscard]] std::size_t size() const { return operations_.size(); }
  /// Guest address of an instruction-cache line.
  [[nodiscard]] std::uint64_t line_address(std::uint32_t line) const {
    return text_ + std::uint64_t{line} * line_bytes_;
  }

 private:
  std::vector<TimedOperation> operations_;
  std::vector<std::uint32_t> next_stop_;
  std::uint64_t text_ = 0;
  std::uint64_t line_bytes_ = 0;
};

}  // namespace isobar::timing
