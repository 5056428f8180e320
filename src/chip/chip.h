// A chip, as its TOML file describes it: a plain value for the simulator, the planner and the
// fabrication model alike. This is the machine that the simulator builds; what the file says about
// the product is its data sheet (datasheet.h), and a catalogue chip has nothing but that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace isobar::chip {

// The choices of a chip file; their names stand in parameters.cpp, in the same order.
enum class Scheduling : std::uint8_t { kGreedyThenOldest, kLooseRoundRobin, kTwoLevel };
/// Of the stacks of a warp's work-items: word by word side by side, or each in one piece.
enum class PrivateLayout : std::uint8_t { kInterleaved, kContiguous };
/// A cache that writes through does not allocate what is stored.
enum class WritePolicy : std::uint8_t { kWriteThrough, kWriteBack };
/// What a miss fetches.
enum class Fill : std::uint8_t { kSectors, kLine };
/// How an address chooses its set: upper bits folded in, or not.
enum class SetIndex : std::uint8_t { kFolded, kPlain };
enum class Replacement : std::uint8_t { kLru, kFifo };

/// One kind of execution unit, all of a core's taken together.
struct Pipe {
  std::uint32_t lanes = 0;     // served per cycle: 32 means a full warp instruction of 32 lanes
  std::uint32_t latency = 0;   // cycles from issue until a dependent instruction may issue
  std::uint32_t interval = 0;  // cycles between two passes; 1: fully pipelined
};

/// What each core has and does; the core that is simulated is timing::Core.
struct CoreParameters {
  std::uint32_t count = 0;               // what other vendors call SM or CU
  std::uint32_t warps = 0;               // resident per core
  std::uint32_t lanes = 0;               // harts per warp
  std::uint32_t schedulers = 0;          // warp instructions issued per cycle and core
  Bytes local_memory;                    // per core
  std::uint32_t max_work_group = 0;      // work-items
  Bytes private_memory;                  // stack per work-item
  std::uint32_t work_groups = 0;         // resident per core, at most
  Scheduling scheduling{};               // how a scheduler picks among its warps
  std::uint32_t issue_gap = 0;           // cycles between two instructions of one warp, at least
  std::uint32_t operand_reads = 0;       // source operands a scheduler reads per cycle
  std::uint32_t register_banks = 0;      // of a scheduler's registers; 0: operands never collide
  std::uint32_t fetch_interval = 0;      // cycles between two fetches of a warp; 1: never the limit
  std::uint32_t instruction_buffer = 0;  // fetched instructions a warp can have waiting
  std::uint32_t pipe_overhead = 0;       // cycles of each latency that are spent outside its pipe
  std::uint32_t float_in_flight = 0;     // floating-point instructions in the pipes; 0: any number
  std::uint32_t dispatch_queue = 0;      // instructions that wait in front of a full pipe
  std::uint32_t loads = 0;               // global loads on their way, at most; 0: any number
  std::uint32_t coalesced_lanes = 0;     // neighbours whose addresses are merged; 0: all
  std::uint32_t coalescer_cycles = 0;    // that each access of such a group takes beyond its bank's
  std::uint32_t write_back = 0;          // results a scheduler writes per cycle; 0: any number
  PrivateLayout private_layout{};        // of its work-items' stacks
  Pipe integer, fp16, fp32, fp64, special, branch, load_store;
  std::uint32_t multiply_latency = 0;  // of integers, in the integer pipe
  std::uint32_t divide_latency = 0;    // of integers, in the special pipe
  Bytes local_bytes_per_cycle;
  std::uint32_t local_latency = 0;      // cycles, without conflicts
  std::uint32_t local_banks = 0;        // of four bytes
  bool local_broadcast = false;         // lanes that read one word are served together
  std::uint32_t dispatch_latency = 0;   // cycles from a free place to the group's first instruction
  std::uint32_t dispatch_interval = 0;  // cycles between two groups of the whole chip
};

/// Instructions come through it, one line at a time; what it misses comes from the second level.
struct InstructionCache {
  Bytes size;
  Bytes line;
  std::uint32_t ways = 0;
  std::uint32_t prefetch = 0;  // lines fetched ahead of a miss
};

struct Cache {
  Bytes size;
  Bytes line;
  Bytes sector;
  std::uint32_t ways = 0;
  Bytes bytes_per_cycle;
};
/// The first level has, on top of a cache's geometry, what decides how much can be on the way.
struct FirstLevel : Cache {
  std::uint32_t latency = 0;  // cycles from issue to use of a hit
  std::uint32_t banks = 0;    // lines looked up per cycle, each in another bank
  std::uint32_t mshrs = 0;    // lines on the way from below, at most
  std::uint32_t stores = 0;   // writes on the way to below, at most
  WritePolicy write_policy{};
  Fill fill{};
  SetIndex index{};
  Replacement replacement{};
};
/// The cache all cores share, cut into slices that work side by side.
struct SharedCache : Cache {
  std::uint32_t slices = 0;             // 0: as many as there are DRAM channels
  std::uint32_t latency = 0;            // cycles, of a hit, from a slice's port to its port
  std::uint32_t mshrs = 0;              // fetches from DRAM on their way, per slice
  std::uint32_t atomics_per_cycle = 0;  // lane operations, per slice
};
/// Between the cores and the slices; ports are as wide in either direction.
struct Interconnect {
  std::uint32_t latency = 0;  // cycles, one way
  Bytes core_bytes_per_cycle, slice_bytes_per_cycle;
};
/// What the file says; dram_presets.h knows what follows from it.
struct Dram {
  std::string kind;
  std::string preset;
  Bytes capacity;
  BytesPerSecond bandwidth;
  std::uint32_t channels = 0;  // 0: derived from the bandwidth
  // What replaces the preset's; zero: the preset's.
  std::uint32_t bank_groups = 0, banks = 0;
  Bytes page;
  bool refresh = true;
  Seconds controller_latency;
  // Timings that replace the preset's; zero: the preset's.
  Seconds t_cl, t_cwl, t_rcd, t_rp, t_ras, t_wr, t_wtr, t_rtp, t_rrd, t_faw, t_refi, t_rfc;
};

/// What events cost, for the account of energy. All zero: not described.
struct Energy {
  // Of one lane of an instruction, in its unit, by what it computes.
  Joules int_op, multiply_op, fp16_op, fp32_op, fp64_op, special_op;
  Joules registers;    // its reads and writes of registers, per lane and instruction
  Joules instruction;  // fetch, decode, schedule: once per warp instruction
  Joules local_byte, l1_byte, l2_byte, network_byte, dram_byte;
  Watts static_power;  // of the whole chip, working or not
  [[nodiscard]] bool is_described() const;
};

struct Chip {
  std::string name;
  std::filesystem::path path;
  Hertz clock;
  CoreParameters core;
  InstructionCache icache;
  FirstLevel l1;
  SharedCache l2;
  Interconnect interconnect;
  Dram dram;
  Energy energy;
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
/// The chip files that came with Isobar and describe a machine to simulate, sorted by name. All
/// others are catalogue chips (datasheet.h).
[[nodiscard]] std::vector<std::filesystem::path> list_chips();

}  // namespace isobar::chip
