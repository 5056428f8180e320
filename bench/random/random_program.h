// Random OpenCL C kernels for comparing compilers and devices: functions with several returns,
// early exits, long loops, structs, unions, vectors and arrays copied between all address spaces,
// and barriers. What the standard leaves open is left out by construction: arithmetic wraps in
// unsigned types, shifts are masked, divisors are odd, floats are small integers (so that fusing
// changes nothing), every variable has a value before it is read, every index is masked, padding is
// never looked at, each work-item writes its own elements, and no barrier follows an exit.
// Deterministic for one compiler of this file: Philox, by seed and number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace isobar::bench {

struct RandomProgram {
  std::string name;    // of the kernel
  std::string source;  // types, functions, tables and the kernel, all named after it
  std::size_t local_size = 1, groups = 1;
  // Work-items end early, at places of their own, in a kernel with barriers (before those).
  bool exits_and_barriers = false;
};

// kernel void NAME(global uint* out, global const uint* in, global uchar* scratch): a work-item
// writes out[global id] and uses its own kRandomScratchBytes of scratch, which it fills first;
// it reads `in` at any index below kRandomInputs.
inline constexpr std::size_t kRandomInputs = 256;
inline constexpr std::size_t kRandomScratchBytes = 4096;

[[nodiscard]] RandomProgram random_program(std::uint32_t seed, std::uint32_t number);

}  // namespace isobar::bench
