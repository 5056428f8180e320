// What a launch did, counted exactly. Nothing here knows about time: timing/ turns it into cycles.
#pragma once

#include <array>
#include <cstdint>

#include "base/units.h"
#include "isa/instruction.h"

namespace isobar::simt {

inline constexpr std::size_t kClasses = static_cast<std::size_t>(isa::CostClass::kCount);

struct Counters {
  std::uint64_t launches = 0, work_groups = 0, work_items = 0, warps = 0;
  std::array<std::uint64_t, kClasses> warp_instructions{};    // issued, by class
  std::array<std::uint64_t, kClasses> thread_instructions{};  // times active lanes
  std::uint64_t lane_slots = 0;  // warp instructions times the existing lanes of their warp
  std::uint64_t flops_fp16 = 0, flops_fp32 = 0, flops_fp64 = 0;  // fma counts 2
  Bytes global_load_bytes, global_store_bytes;                   // as asked for by active lanes
  std::uint64_t global_sectors = 0;  // 32-byte sectors touched after coalescing within a warp
  Bytes local_bytes, private_bytes, constant_bytes;
  std::uint64_t local_accesses = 0;
  std::uint64_t divergent_branches = 0;

  Counters& operator+=(const Counters& other);
  [[nodiscard]] std::uint64_t total_warp_instructions() const;
  [[nodiscard]] std::uint64_t total_thread_instructions() const;
  /// Active lanes per existing lane over all issued instructions, 0..1 (1 when nothing ran).
  [[nodiscard]] double simd_efficiency() const;
};

}  // namespace isobar::simt
