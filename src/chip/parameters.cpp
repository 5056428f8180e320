#include "chip/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <type_traits>

#include "chip/datasheet.h"
#include "chip/dram_presets.h"

namespace isobar::chip {
namespace {

// A member that is a plain integer or a Quantity, read and written as a number in base units.
template <class Field>
double to_number(const Field& field) {
  if constexpr (std::is_arithmetic_v<Field> || std::is_enum_v<Field>)
    return static_cast<double>(field);
  else
    return static_cast<double>(field.count());
}
template <class Field>
void from_number(Field& field, double value) {
  if constexpr (std::is_same_v<Field, bool>)
    field = value != 0;
  else if constexpr (std::is_arithmetic_v<Field> || std::is_enum_v<Field>)
    field = static_cast<Field>(value);
  else
    field = Field(static_cast<typename Field::rep>(value));
}

constexpr double kKi = 0x1p10, kMi = 0x1p20, kGi = 0x1p30;
using enum Dimension;

// The names of choices, in the order of their enumerators.
constexpr std::string_view kSchedulings[] = {"greedy-then-oldest", "loose-round-robin",
                                             "two-level"};
constexpr std::string_view kPrivateLayouts[] = {"interleaved", "contiguous"};
constexpr std::string_view kWritePolicies[] = {"write-through", "write-back"};
constexpr std::string_view kFills[] = {"sectors", "line"};
constexpr std::string_view kIndices[] = {"folded", "plain"};
constexpr std::string_view kReplacements[] = {"lru", "fifo"};

// One row's accessors; `member` is spelled as in "core.count".
#define ISOBAR_NUMBER(member)                                                \
  #member, nullptr, [](const Chip& chip) { return to_number(chip.member); }, \
      [](Chip& chip, double value) { from_number(chip.member, value); }
#define ISOBAR_TEXT(member) \
  #member, [](Chip& chip) -> std::string& { return chip.member; }, nullptr, nullptr
#define ISOBAR_CHOICE(member, names) ISOBAR_NUMBER(member), names

constexpr Parameter kParameters[] = {
    {"name", kText, "", 1, 63, "What reports and OpenCL call the chip.", ISOBAR_TEXT(name)},
    {"clock", kFrequency, "", 1e6, 1e11, "The one clock of cores, caches and schedulers.",
     ISOBAR_NUMBER(clock)},
    {"launch_latency", kTime, "2 us", 0, 1e-2,
     "Time from the command processor to a kernel's first instruction, once per launch.",
     ISOBAR_NUMBER(launch_latency)},

    {"core.count", kCount, "", 1, 4096, "Cores; other vendors call them SM or CU.",
     ISOBAR_NUMBER(core.count)},
    {"core.warps", kCount, "32", 1, 256, "Warps resident on a core.", ISOBAR_NUMBER(core.warps)},
    {"core.lanes", kCount, "32", 1, 64, "Harts (work-items) in a warp.", ISOBAR_NUMBER(core.lanes)},
    {"core.schedulers", kCount, "4", 1, 16, "Warp instructions a core issues per cycle.",
     ISOBAR_NUMBER(core.schedulers)},
    {"core.local_memory", kBytes, "64 KiB", kKi, 64 * kMi,
     "OpenCL local memory of a core, shared by its resident work-groups.",
     ISOBAR_NUMBER(core.local_memory)},
    {"core.max_work_group", kCount, "1024", 1, 16384, "The largest work-group, in work-items.",
     ISOBAR_NUMBER(core.max_work_group)},
    {"core.private_memory", kBytes, "64 KiB", kKi, 16 * kMi, "Stack of one work-item.",
     ISOBAR_NUMBER(core.private_memory)},
    {"core.int_lanes", kCount, "128", 1, 4096,
     "Lanes of integer instructions, branches and moves served per cycle and core.",
     ISOBAR_NUMBER(core.integer.lanes)},
    {"core.fp16_lanes", kCount, "256", 1, 4096,
     "Lanes of half-precision arithmetic served per cycle and core.",
     ISOBAR_NUMBER(core.fp16.lanes)},
    {"core.fp32_lanes", kCount, "128", 1, 4096,
     "Lanes of single-precision arithmetic served per cycle and core.",
     ISOBAR_NUMBER(core.fp32.lanes)},
    {"core.fp64_lanes", kCount, "64", 1, 4096,
     "Lanes of double-precision arithmetic served per cycle and core.",
     ISOBAR_NUMBER(core.fp64.lanes)},
    {"core.special_lanes", kCount, "16", 1, 4096,
     "Lanes of division and square root served per cycle and core.",
     ISOBAR_NUMBER(core.special.lanes)},
    {"core.load_store_lanes", kCount, "32", 1, 4096,
     "Lanes of loads, stores and atomics served per cycle and core.",
     ISOBAR_NUMBER(core.load_store.lanes)},
    {"core.local_bytes_per_cycle", kBytesPerCycle, "128 B/cycle", 1, 65536,
     "Bandwidth of a core's local memory.", ISOBAR_NUMBER(core.local_bytes_per_cycle)},
    {"core.int_latency", kCount, "4", 1, 4096,
     "Cycles from the issue of integer instructions until a dependent instruction may issue.",
     ISOBAR_NUMBER(core.integer.latency)},
    {"core.int_interval", kCount, "1", 1, 1024,
     "Cycles between two passes of integer instructions through their pipe; 1 is fully pipelined.",
     ISOBAR_NUMBER(core.integer.interval)},
    {"core.multiply_latency", kCount, "5", 1, 4096,
     "The same for integer multiplication, in the integer pipe.",
     ISOBAR_NUMBER(core.multiply_latency)},
    {"core.fp16_latency", kCount, "4", 1, 4096,
     "Cycles from the issue of half-precision arithmetic until a dependent instruction may issue.",
     ISOBAR_NUMBER(core.fp16.latency)},
    {"core.fp16_interval", kCount, "1", 1, 1024,
     "Cycles between two passes of half-precision arithmetic through their pipe; 1 is fully "
     "pipelined.",
     ISOBAR_NUMBER(core.fp16.interval)},
    {"core.fp32_latency", kCount, "4", 1, 4096,
     "Cycles from the issue of single-precision arithmetic until a dependent instruction may "
     "issue.",
     ISOBAR_NUMBER(core.fp32.latency)},
    {"core.fp32_interval", kCount, "1", 1, 1024,
     "Cycles between two passes of single-precision arithmetic through their pipe; 1 is fully "
     "pipelined.",
     ISOBAR_NUMBER(core.fp32.interval)},
    {"core.fp64_latency", kCount, "8", 1, 4096,
     "Cycles from the issue of double-precision arithmetic until a dependent instruction may "
     "issue.",
     ISOBAR_NUMBER(core.fp64.latency)},
    {"core.fp64_interval", kCount, "1", 1, 1024,
     "Cycles between two passes of double-precision arithmetic through their pipe; 1 is fully "
     "pipelined.",
     ISOBAR_NUMBER(core.fp64.interval)},
    {"core.special_latency", kCount, "18", 1, 4096,
     "Cycles from the issue of division and square root until a dependent instruction may issue.",
     ISOBAR_NUMBER(core.special.latency)},
    {"core.special_interval", kCount, "1", 1, 1024,
     "Cycles between two passes of division and square root through their pipe; 1 is fully "
     "pipelined.",
     ISOBAR_NUMBER(core.special.interval)},
    {"core.divide_latency", kCount, "36", 1, 4096,
     "The same for integer division, in the special pipe.", ISOBAR_NUMBER(core.divide_latency)},
    {"core.branch_lanes", kCount, "128", 1, 4096,
     "Lanes of branches and jumps served per cycle and core.", ISOBAR_NUMBER(core.branch.lanes)},
    {"core.branch_latency", kCount, "8", 1, 4096,
     "Cycles from the issue of branches and jumps until a dependent instruction may issue.",
     ISOBAR_NUMBER(core.branch.latency)},
    {"core.branch_interval", kCount, "1", 1, 1024,
     "Cycles between two passes of branches and jumps through their pipe; 1 is fully pipelined.",
     ISOBAR_NUMBER(core.branch.interval)},
    {"core.load_store_interval", kCount, "1", 1, 1024,
     "Cycles between two passes of loads and stores through their pipe.",
     ISOBAR_NUMBER(core.load_store.interval)},
    {"core.issue_gap", kCount, "1", 1, 64, "Cycles between two instructions of one warp, at least.",
     ISOBAR_NUMBER(core.issue_gap)},
    {"core.operand_reads", kCount, "3", 1, 16,
     "Source operands a scheduler can read from registers per cycle.",
     ISOBAR_NUMBER(core.operand_reads)},
    {"core.register_banks", kCount, "0", 0, 64,
     "Banks of a scheduler's registers, by register number: operands in one bank are read one "
     "after another. 0: operands never collide.",
     ISOBAR_NUMBER(core.register_banks)},
    {"core.fetch_interval", kCount, "1", 1, 1024,
     "Cycles between two instruction fetches of a warp, for a front end that fetches a warp's next "
     "instruction only after it has decoded the last one. 1: fetching is never the limit.",
     ISOBAR_NUMBER(core.fetch_interval)},
    {"core.instruction_buffer", kCount, "4", 1, 16,
     "Fetched instructions of a warp that can wait for issue, where fetching is the limit.",
     ISOBAR_NUMBER(core.instruction_buffer)},
    {"core.pipe_overhead", kCount, "0", 0, 4096,
     "Cycles of each latency that are spent outside its pipe: operands, dispatch, write-back.",
     ISOBAR_NUMBER(core.pipe_overhead)},
    {"core.float_in_flight", kCount, "0", 0, 64,
     "The most floating-point instructions that a scheduler's pipes hold at the same time; 0: as "
     "many as the latencies allow.",
     ISOBAR_NUMBER(core.float_in_flight)},
    {"core.dispatch_queue", kCount, "0", 0, 64,
     "Issued instructions that can wait in front of full floating-point pipes, and of the "
     "load-store unit; 0: issue waits.",
     ISOBAR_NUMBER(core.dispatch_queue)},
    {"core.loads", kCount, "0", 0, 65536,
     "Loads (other than from local memory) that a core can have under way; 0: as many as its "
     "cache.",
     ISOBAR_NUMBER(core.loads)},
    {"core.coalesced_lanes", kCount, "0", 0, 64,
     "Neighbouring lanes whose addresses are merged into one access of a sector; 0: all of a warp.",
     ISOBAR_NUMBER(core.coalesced_lanes)},
    {"core.coalescer_cycles", kCount, "0", 0, 64,
     "With coalesced_lanes: extra cycles between one round of these groups' accesses and the next, "
     "beyond what the banks take.",
     ISOBAR_NUMBER(core.coalescer_cycles)},
    {"core.write_back", kCount, "0", 0, 1,
     "Results that a scheduler writes back per cycle; each answer of the memory to a load counts "
     "as one. 0: any number.",
     ISOBAR_NUMBER(core.write_back)},
    {"core.private_layout", kChoice, "interleaved", 0, 1,
     "How stacks are laid out: interleaved (the lanes' words side by side) or contiguous (the "
     "stack of each work-item in one piece).",
     ISOBAR_CHOICE(core.private_layout, kPrivateLayouts)},
    {"core.scheduling", kChoice, "greedy-then-oldest", 0, 2,
     "How a scheduler picks a warp: greedy-then-oldest, loose-round-robin or two-level.",
     ISOBAR_CHOICE(core.scheduling, kSchedulings)},
    {"core.work_groups", kCount, "32", 1, 1024, "Work-groups resident on a core, at most.",
     ISOBAR_NUMBER(core.work_groups)},
    {"core.dispatch_latency", kCount, "100", 1, 100000,
     "Cycles from a free place on a core to the first instruction of the work-group that takes it.",
     ISOBAR_NUMBER(core.dispatch_latency)},
    {"core.dispatch_interval", kCount, "1", 1, 10000,
     "Cycles between two work-groups that the chip's dispatcher hands out.",
     ISOBAR_NUMBER(core.dispatch_interval)},
    {"core.local_latency", kCount, "24", 1, 4096,
     "Cycles from the issue of a load from local memory to its use, without bank conflicts.",
     ISOBAR_NUMBER(core.local_latency)},
    {"core.local_banks", kCount, "32", 1, 256, "Banks of local memory, each four bytes wide.",
     ISOBAR_NUMBER(core.local_banks)},
    {"core.local_broadcast", kCount, "1", 0, 1,
     "Whether lanes that read one word of local memory are served together (1) or in turn (0).",
     ISOBAR_NUMBER(core.local_broadcast)},

    {"icache.size", kBytes, "128 KiB", kKi, 64 * kMi, "Instruction cache of each core.",
     ISOBAR_NUMBER(icache.size)},
    {"icache.line", kBytes, "128 B", 16, 1024, "Line of the instruction cache.",
     ISOBAR_NUMBER(icache.line)},
    {"icache.ways", kCount, "4", 1, 64, "Associativity of the instruction cache.",
     ISOBAR_NUMBER(icache.ways)},
    {"icache.prefetch", kCount, "1", 0, 16, "Lines fetched ahead of one that missed.",
     ISOBAR_NUMBER(icache.prefetch)},

    {"l1.size", kBytes, "128 KiB", kKi, 64 * kMi, "First-level data cache of each core.",
     ISOBAR_NUMBER(l1.size)},
    {"l1.line", kBytes, "128 B", 16, 1024, "Line of the first-level cache.",
     ISOBAR_NUMBER(l1.line)},
    {"l1.sector", kBytes, "32 B", 4, 1024, "Part of a line that is filled on its own.",
     ISOBAR_NUMBER(l1.sector)},
    {"l1.ways", kCount, "4", 1, 64, "Associativity of the first-level cache.",
     ISOBAR_NUMBER(l1.ways)},
    {"l1.bytes_per_cycle", kBytesPerCycle, "128 B/cycle", 1, 65536,
     "Bandwidth of one core's first-level cache.", ISOBAR_NUMBER(l1.bytes_per_cycle)},
    {"l1.latency", kCount, "30", 1, 4096, "Cycles from the issue of a load that hits to its use.",
     ISOBAR_NUMBER(l1.latency)},
    {"l1.banks", kCount, "1", 1, 64, "Lines looked up per cycle, each in another bank.",
     ISOBAR_NUMBER(l1.banks)},
    {"l1.mshrs", kCount, "128", 1, 65536,
     "Miss registers: the most lines under way from the second level.", ISOBAR_NUMBER(l1.mshrs)},
    {"l1.stores", kCount, "128", 1, 65536, "The most writes under way to the second level.",
     ISOBAR_NUMBER(l1.stores)},
    {"l1.write_policy", kChoice, "write-through", 0, 1,
     "What a store does: write-through (without allocation) or write-back.",
     ISOBAR_CHOICE(l1.write_policy, kWritePolicies)},
    {"l1.fill", kChoice, "sectors", 0, 1,
     "What a miss fetches: sectors (the missing ones) or line (all of it). With line, a write-back "
     "cache also fetches what is about to be written, a line is placed when it arrives, and each "
     "waiting access holds a miss register of its bank.",
     ISOBAR_CHOICE(l1.fill, kFills)},
    {"l1.index", kChoice, "folded", 0, 1,
     "How an address chooses its set: folded (upper bits spread power-of-two strides) or plain.",
     ISOBAR_CHOICE(l1.index, kIndices)},
    {"l1.replacement", kChoice, "lru", 0, 1, "Which line of a set is evicted: lru or fifo.",
     ISOBAR_CHOICE(l1.replacement, kReplacements)},

    {"l2.size", kBytes, "4 MiB", 0, 4 * kGi,
     "Second-level cache, shared by all cores; 0 B: none, what the first level misses comes from "
     "DRAM.",
     ISOBAR_NUMBER(l2.size)},
    {"l2.line", kBytes, "128 B", 16, 1024, "Line of the second-level cache.",
     ISOBAR_NUMBER(l2.line)},
    {"l2.sector", kBytes, "32 B", 4, 1024, "Part of a line that is filled on its own.",
     ISOBAR_NUMBER(l2.sector)},
    {"l2.ways", kCount, "16", 1, 64, "Associativity of the second-level cache.",
     ISOBAR_NUMBER(l2.ways)},
    {"l2.bytes_per_cycle", kBytesPerCycle, "512 B/cycle", 1, 1e6,
     "Bandwidth of the second-level cache, all slices together.",
     ISOBAR_NUMBER(l2.bytes_per_cycle)},
    {"l2.slices", kCount, "0", 0, 4096,
     "Slices of the second-level cache, each with its share; 0: one per DRAM channel.",
     ISOBAR_NUMBER(l2.slices)},
    {"l2.latency", kCount, "64", 1, 10000,
     "Cycles from a request's arrival at an idle slice until its data leave, if it hits.",
     ISOBAR_NUMBER(l2.latency)},
    {"l2.mshrs", kCount, "64", 1, 4096, "Fetches from DRAM that one slice can have under way.",
     ISOBAR_NUMBER(l2.mshrs)},
    {"l2.atomics_per_cycle", kCount, "1", 1, 1024,
     "Lane operations of atomic instructions that one slice does per cycle.",
     ISOBAR_NUMBER(l2.atomics_per_cycle)},

    {"interconnect.latency", kCount, "32", 1, 10000,
     "Cycles from a core's port to a slice's port, and the same back.",
     ISOBAR_NUMBER(interconnect.latency)},
    {"interconnect.core_bytes_per_cycle", kBytesPerCycle, "64 B/cycle", 1, 65536,
     "Bandwidth of a core's port, in either direction.",
     ISOBAR_NUMBER(interconnect.core_bytes_per_cycle)},
    {"interconnect.slice_bytes_per_cycle", kBytesPerCycle, "64 B/cycle", 1, 65536,
     "Bandwidth of a slice's port, in either direction.",
     ISOBAR_NUMBER(interconnect.slice_bytes_per_cycle)},

    {"dram.kind", kText, "unspecified", 1, 63, "What the memory is made of, for the reader.",
     ISOBAR_TEXT(dram.kind)},
    {"dram.capacity", kBytes, "", kMi, 4096 * kGi, "Device memory: OpenCL's global memory.",
     ISOBAR_NUMBER(dram.capacity)},
    {"dram.bandwidth", kBandwidth, "", 1e6, 1e15, "Peak bandwidth of the device memory.",
     ISOBAR_NUMBER(dram.bandwidth)},
    {"dram.preset", kText, "generic", 1, 63,
     "The preset whose timings the channels have; the presets are listed below.",
     ISOBAR_TEXT(dram.preset)},
    {"dram.channels", kCount, "0", 0, 4096,
     "Independent channels (pseudo channels of HBM); 0: as many as the bandwidth needs.",
     ISOBAR_NUMBER(dram.channels)},
    {"dram.bank_groups", kCount, "0", 0, 64, "Bank groups of a channel; 0: the preset's.",
     ISOBAR_NUMBER(dram.bank_groups)},
    {"dram.banks", kCount, "0", 0, 64, "Banks of a bank group; 0: the preset's.",
     ISOBAR_NUMBER(dram.banks)},
    {"dram.page", kBytes, "0 B", 0, kMi, "Row of a bank, in one channel; 0 B: the preset's.",
     ISOBAR_NUMBER(dram.page)},
    {"dram.refresh", kCount, "1", 0, 1, "Whether banks are refreshed (1) or not (0).",
     ISOBAR_NUMBER(dram.refresh)},
    {"dram.controller_latency", kTime, "10 ns", 0, 1e-4,
     "Controller and PHY: what a read takes beyond the DRAM's own timings.",
     ISOBAR_NUMBER(dram.controller_latency)},
    {"dram.t_cl", kTime, "0 ps", 0, 1e-3, "Read command to first data; 0: the preset's.",
     ISOBAR_NUMBER(dram.t_cl)},
    {"dram.t_cwl", kTime, "0 ps", 0, 1e-3, "Write command to first data; 0: the preset's.",
     ISOBAR_NUMBER(dram.t_cwl)},
    {"dram.t_rcd", kTime, "0 ps", 0, 1e-3, "Activate to read or write; 0: the preset's.",
     ISOBAR_NUMBER(dram.t_rcd)},
    {"dram.t_rp", kTime, "0 ps", 0, 1e-3, "Precharge to activate; 0: the preset's.",
     ISOBAR_NUMBER(dram.t_rp)},
    {"dram.t_ras", kTime, "0 ps", 0, 1e-3, "Activate to precharge; 0: the preset's.",
     ISOBAR_NUMBER(dram.t_ras)},
    {"dram.t_wr", kTime, "0 ps", 0, 1e-3, "End of a write's data to precharge; 0: the preset's.",
     ISOBAR_NUMBER(dram.t_wr)},
    {"dram.t_wtr", kTime, "0 ps", 0, 1e-3,
     "End of a write's data to a read command; 0: the preset's.", ISOBAR_NUMBER(dram.t_wtr)},
    {"dram.t_rtp", kTime, "0 ps", 0, 1e-3, "Read command to precharge; 0: the preset's.",
     ISOBAR_NUMBER(dram.t_rtp)},
    {"dram.t_rrd", kTime, "0 ps", 0, 1e-3, "Activate to activate of another bank; 0: the preset's.",
     ISOBAR_NUMBER(dram.t_rrd)},
    {"dram.t_faw", kTime, "0 ps", 0, 1e-3,
     "Time in which at most four banks are activated; 0: the preset's.", ISOBAR_NUMBER(dram.t_faw)},
    {"dram.t_refi", kTime, "0 ps", 0, 1e-3,
     "Time in which each bank is refreshed once; 0: the preset's.", ISOBAR_NUMBER(dram.t_refi)},
    {"dram.t_rfc", kTime, "0 ps", 0, 1e-3,
     "Time that the refresh of one bank takes; 0: the preset's.", ISOBAR_NUMBER(dram.t_rfc)},

    {"energy.int_op", kEnergy, "0 fJ", 0, 1e-6,
     "One lane of an integer instruction, a branch, or an address.", ISOBAR_NUMBER(energy.int_op)},
    {"energy.multiply_op", kEnergy, "0 fJ", 0, 1e-6, "One lane of an integer multiplication.",
     ISOBAR_NUMBER(energy.multiply_op)},
    {"energy.fp16_op", kEnergy, "0 fJ", 0, 1e-6,
     "One lane of a half-precision instruction; a fused multiply-add is one.",
     ISOBAR_NUMBER(energy.fp16_op)},
    {"energy.fp32_op", kEnergy, "0 fJ", 0, 1e-6, "One lane of a single-precision instruction.",
     ISOBAR_NUMBER(energy.fp32_op)},
    {"energy.fp64_op", kEnergy, "0 fJ", 0, 1e-6, "One lane of a double-precision instruction.",
     ISOBAR_NUMBER(energy.fp64_op)},
    {"energy.special_op", kEnergy, "0 fJ", 0, 1e-6,
     "One lane of a division or square root, of integers too.", ISOBAR_NUMBER(energy.special_op)},
    {"energy.registers", kEnergy, "0 fJ", 0, 1e-6,
     "Register reads and writes of one lane of an instruction, operands on their way.",
     ISOBAR_NUMBER(energy.registers)},
    {"energy.instruction", kEnergy, "0 fJ", 0, 1e-6,
     "Fetch, decode and scheduling of a warp instruction.", ISOBAR_NUMBER(energy.instruction)},
    {"energy.local_byte", kEnergy, "0 fJ", 0, 1e-6, "A byte read from or written to local memory.",
     ISOBAR_NUMBER(energy.local_byte)},
    {"energy.l1_byte", kEnergy, "0 fJ", 0, 1e-6,
     "A byte read from or written to the first-level cache.", ISOBAR_NUMBER(energy.l1_byte)},
    {"energy.l2_byte", kEnergy, "0 fJ", 0, 1e-6,
     "A byte read from or written to the second-level cache.", ISOBAR_NUMBER(energy.l2_byte)},
    {"energy.network_byte", kEnergy, "0 fJ", 0, 1e-6, "A byte through the interconnect.",
     ISOBAR_NUMBER(energy.network_byte)},
    {"energy.dram_byte", kEnergy, "0 fJ", 0, 1e-6,
     "A byte read from or written to DRAM, both ends of the interface included.",
     ISOBAR_NUMBER(energy.dram_byte)},
    {"energy.static_power", kPower, "0 mW", 0, 1e5,
     "Power that the chip draws whether it works or not.", ISOBAR_NUMBER(energy.static_power)},
};

#undef ISOBAR_NUMBER
#undef ISOBAR_TEXT
#undef ISOBAR_CHOICE

std::string format_number(double value, Dimension dimension) {
  return dimension == kCount ? fmt::format("{:.0f}", value) : format_quantity(value, dimension);
}

}  // namespace

std::span<const Parameter> parameters() { return kParameters; }

std::string format_value(const Parameter& parameter, const Chip& chip) {
  if (parameter.dimension == kChoice)
    return std::string(parameter.choices[static_cast<std::size_t>(parameter.get(chip))]);
  if (parameter.dimension != kText) return format_number(parameter.get(chip), parameter.dimension);
  Chip copy = chip;
  return parameter.text(copy);
}

std::string format_range(const Parameter& parameter) {
  if (parameter.dimension == kChoice)
    return fmt::format("{}", fmt::join(parameter.choices, " or "));
  if (parameter.dimension == kText)
    return fmt::format("{:.0f} to {:.0f} printable characters", parameter.low, parameter.high);
  return fmt::format("{} to {}", format_number(parameter.low, parameter.dimension),
                     format_number(parameter.high, parameter.dimension));
}

std::string chip_file_page() {
  std::string page =
      "# The chip file\n\n"
      "A chip is one TOML file, such as `chips/isobar-nano.toml`. `--chip FILE` takes it in "
      "`isobar\n"
      "run`, `train` and `sample`; `isobar chip FILE` shows it as a product. This page is "
      "generated\n"
      "from the table in `src/chip/parameters.cpp` (`ISOBAR_UPDATE_PAGES=1 chip_test` renews it), "
      "and\n"
      "a test compares the two.\n\n"
      "A quantity is a string with a unit, such as \"1.6 GHz\". A count is a whole number. For a "
      "wrong\n"
      "value or an unknown key, the error message has the file, the line, what is wrong and what\n"
      "would be right. The chip's peaks follow from the file: cores x lanes served per cycle x 2 "
      "(a\n"
      "fused multiply-add counts as two) x clock.\n\n"
      "Besides the range of each key, these rules hold:\n\n"
      "- A line and a sector are powers of two, and the same in both levels of caches. A sector\n"
      "  divides its line. A line of the second level has at most 32 sectors. A line of the\n"
      "  instruction cache is not larger than these lines.\n"
      "- A cache's size is a whole number of sets (line x ways), and the number of sets is a power "
      "of\n"
      "  two; in the second level this holds for each slice.\n"
      "- The number of slices is a multiple of the number of DRAM channels.\n"
      "- A work-group fits on one core: `core.max_work_group` <= `core.warps` x `core.lanes`.\n"
      "- A scheduler has 1 to 64 warps.\n"
      "- The refresh of a bank takes at most half of the interval between two refreshes.\n";
  std::string section = "-";
  for (const Parameter& row : parameters()) {
    const std::size_t dot = row.path.find('.');
    const std::string_view own = dot == std::string_view::npos ? "" : row.path.substr(0, dot);
    if (own != section) {
      section = own;
      page += own.empty() ? "\n## Top level\n\n" : fmt::format("\n## [{}]\n\n", own);
      page += "| key | default | range | units | what it is |\n|---|---|---|---|---|\n";
    }
    const std::string units = unit_names(row.dimension);
    page += fmt::format("| `{}` | {} | {} | {} | {} |\n",
                        dot == std::string_view::npos ? row.path : row.path.substr(dot + 1),
                        row.otherwise.empty() ? "required" : row.otherwise, format_range(row),
                        units.empty() ? (row.dimension == kCount ? "number" : "text") : units,
                        row.help);
  }
  page += datasheet_page();
  page += dram_preset_page();
  return page;
}

}  // namespace isobar::chip
