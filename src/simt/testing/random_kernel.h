// Random kernels for a single warp: every instruction of the table that a GPU's hart executes, on
// operands that are the same in all lanes, grow by a step from lane to lane, or differ freely;
// with branches, loops, and lanes that end early. Functions return early, keep what they need on
// the stack, in registers or nowhere, call each other and themselves, directly, through registers
// and in place of returning; and some lanes jump out of all of them. At the end each lane stores
// its registers. For opcode_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "isa/opcodes.h"

namespace isobar::simt {

enum class KernelFamily : std::uint8_t {
  kOrdered,  // what harts find depends on the order in which paths run: few branches
  kFree,     // it does not: each writes to places of its own, and what looks across lanes is where
             // all come that have not ended; long loops
  kAlone,    // nor does it on which harts are in one work-group; global ids below 64
};

struct RandomKernelOptions {
  KernelFamily family = KernelFamily::kOrdered;

  std::uint64_t seed = 1;
  unsigned items = 60;          // at the top level; fewer give a prefix of the same kernel
  bool clears_scratch = false;  // local and private memory start with anything in them
  bool sees_flags = false;      // reads and writes fflags, frm and fcsr
};

struct RandomKernel {
  std::vector<std::byte> text;  // at isa::kProgramBase
  std::uint64_t entry = 0;
  std::uint64_t last_item = 0;  // where the last item begins
  std::uint64_t end = 0;        // where the registers' storing begins
  std::map<isa::Opcode, unsigned> count;
};

// The argument block: addresses of the middle of the pool, of the scratch memory and of the output.
struct RandomKernelArguments {
  std::uint64_t pool_middle = 0, scratch = 0, output = 0;
};

inline constexpr std::size_t kPoolEntries = 512 + 64;
inline constexpr std::size_t kPoolMiddle = 256;
inline constexpr std::size_t kScratchBytes = 3072;  // and of kernels that are not ordered:
inline constexpr std::int64_t kOwnBytes = 32;       // for each hart, by its global linear id
inline constexpr std::size_t kStackBytes = 1024;    // that calls use
// Per lane in the output: x1 to x28, f0 to f31, fcsr.
inline constexpr std::size_t kDumpedIntegers = 28;
inline constexpr std::size_t kDumpEntries = kDumpedIntegers + 32 + 1;

[[nodiscard]] RandomKernel make_random_kernel(const RandomKernelOptions& options);

}  // namespace isobar::simt
