// A chip, as its TOML file describes it: a plain value for the simulator, the planner and the
// fabrication model alike. A catalogue chip known only from a data sheet lacks the simulator's
// parts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace isobar::chip {

struct Core {
  std::uint32_t count = 0;           // what other vendors call SM or CU
  std::uint32_t warps = 0;           // resident per core
  std::uint32_t lanes = 0;           // harts per warp
  std::uint32_t schedulers = 0;      // warp instructions issued per cycle and core
  Bytes local_memory;                // per core
  std::uint32_t max_work_group = 0;  // work-items
  Bytes private_memory;              // stack per work-item
  // Lanes served per cycle and core: 32 means one full warp instruction of that class per cycle.
  std::uint32_t int_lanes = 0, fp16_lanes = 0, fp32_lanes = 0, fp64_lanes = 0, special_lanes = 0;
  std::uint32_t load_store_lanes = 0;
  Bytes local_bytes_per_cycle;
};

struct Cache {
  Bytes size;
  Bytes line;
  Bytes sector;
  std::uint32_t ways = 0;
  Bytes bytes_per_cycle;
};
struct Dram {
  std::string kind;
  Bytes capacity;
  BytesPerSecond bandwidth;
};

struct Chip {
  std::string name;
  std::filesystem::path path;
  Hertz clock;
  Core core;
  Cache l1, l2;
  Dram dram;
  Seconds launch_latency;  // from the command processor to the first instruction

  /// Dense peaks, FLOP/s: cores * lanes served per cycle * 2 (fused multiply-add) * clock.
  [[nodiscard]] FlopsPerSecond peak_fp16() const;
  [[nodiscard]] FlopsPerSecond peak_fp32() const;
  [[nodiscard]] FlopsPerSecond peak_fp64() const;
};

/// Reads a chip file. Throws UserError "<file>:<line>: <what is wrong> (<what would be right>)".
[[nodiscard]] Chip read_chip(const std::filesystem::path& path);
/// The same from text; `path` is only what errors call it.
[[nodiscard]] Chip parse_chip(std::string_view text, const std::filesystem::path& path);
/// Finds a chip by path, or by name among share/isobar/chips; a wrong name lists the right ones.
[[nodiscard]] Chip find_chip(const std::string& name_or_path);
/// The chip files that came with Isobar, sorted by name.
[[nodiscard]] std::vector<std::filesystem::path> list_chips();

}  // namespace isobar::chip
