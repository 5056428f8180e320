// Every instruction against isa/'s scalar harts: random kernels (random_kernel.h) on every vector
// path and several warp widths leave the registers, the memory and the counts that the reference
// (reference_warp.h) says, whatever the order of paths where it does not matter, and whichever
// harts share a work-group where that does not. Seeds are printed; ISOBAR_SIMT_SEED=n replays one,
// ISOBAR_SIMT_KERNELS=n runs so many, and ISOBAR_LONG=1 as many as ten million instructions take.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "elf/elf_writer.h"
#include "isa/guest_abi.h"
#include "isa/testing/random_program.h"
#include "simt/launch.h"
#include "simt/testing/random_kernel.h"
#include "simt/testing/reference_warp.h"
#include "simt/trace/group_tracer.h"

namespace isobar::simt {
namespace {

constexpr std::uint64_t kMostSteps = 20'000'000;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

constexpr std::string_view path_name(VectorPath path) {
  constexpr std::array<std::string_view, 3> kNames = {"portable", "avx2", "avx512"};
  return kNames[static_cast<std::size_t>(path)];
}

enum class Scratch : std::uint8_t { kGlobal, kLocal, kPrivate };

/// What surrounds a kernel: everything a seed decides but the instructions.
struct Setting {
  RandomKernelOptions kernel;
  std::uint32_t width = 32;
  unsigned groups = 1, harts = 32;  // in each: one warp
  Scratch scratch = Scratch::kGlobal;
  std::size_t scratch_bytes = kScratchBytes;
  std::uint64_t offset = 0;
  std::uint32_t patience = ~0U;

  Setting(std::uint64_t seed, KernelFamily family) {
    constexpr std::array<std::uint32_t, 7> kWidths = {1, 4, 7, 16, 32, 33, 64};
    constexpr std::array<std::uint32_t, 3> kPatience = {512, 40, 3};
    std::mt19937_64 random(seed ^ 0x5e77196);
    kernel.seed = seed;
    kernel.family = family;
    kernel.sees_flags = random() % 3 == 0;
    width = kWidths[seed % 7];
    harts = random() % 3 == 0 ? static_cast<unsigned>(1 + random() % width) : width;
    if (family == KernelFamily::kOrdered) {
      scratch = static_cast<Scratch>(random() % 3);
      kernel.clears_scratch = scratch != Scratch::kGlobal;
      offset = random() % 4 == 0 ? random() : 0;
      return;
    }
    if (family == KernelFamily::kFree) groups = static_cast<unsigned>(1 + random() % 3);
    kernel.items = 30;
    scratch_bytes = std::size_t{kOwnBytes} * harts * groups;
    patience = kPatience[random() % 3];
  }
  [[nodiscard]] std::size_t output_bytes() const { return kDumpEntries * 8 * harts * groups; }
};

/// The memory a kernel finds: guest memory of the machine under test, from which the reference's
/// copy is made.
class Ground {
 public:
  explicit Ground(const Setting& setting) {
    std::mt19937_64 random(setting.kernel.seed + 1);
    pool_ = allocate(kPoolEntries * 8);
    scratch_ = allocate(setting.scratch_bytes);
    output_ = allocate(setting.output_bytes());
    for (std::size_t i = 0; i < kPoolEntries; ++i) {
      const std::uint64_t value = isa::interesting_value(random);
      std::memcpy(memory_.host(pool_) + i * 8, &value, 8);
    }
    arguments_ = {pool_.value() + kPoolMiddle * 8, scratch_.value(), output_.value()};
    if (setting.scratch == Scratch::kLocal) arguments_.scratch = isa::kLocalBase;
    if (setting.scratch == Scratch::kPrivate)
      arguments_.scratch = isa::kPrivateTop - kStackBytes - kScratchBytes;
  }

  GlobalMemory& memory() { return memory_; }
  std::vector<std::byte> bytes(DeviceAddress address, std::size_t size) const {
    const std::byte* host = memory_.host(address);
    return {host, host + size};
  }
  void clear(DeviceAddress address, std::size_t size) {
    std::memset(memory_.host(address), 0, size);
  }
  std::span<const std::byte> argument_block() const {
    return std::as_bytes(std::span(&arguments_, 1));
  }
  DeviceAddress pool() const { return pool_; }
  DeviceAddress scratch() const { return scratch_; }
  DeviceAddress output() const { return output_; }
  const RandomKernelArguments& arguments() const { return arguments_; }

 private:
  DeviceAddress allocate(std::size_t size) { return memory_.allocate(Bytes(size), 64_B).value(); }
  GlobalMemory memory_{1_MiB};
  DeviceAddress pool_, scratch_, output_;
  RandomKernelArguments arguments_;
};

/// What a run left behind.
struct Outcome {
  std::string error;
  std::vector<std::byte> output;
  std::vector<std::byte> scratch;
  Counters counters;
};

LaunchConfig make_config(const Setting& setting, const Ground& ground, const RandomKernel& kernel) {
  LaunchConfig config;
  config.entry = kernel.entry;
  config.global_size = {std::uint64_t{setting.harts} * setting.groups, 1, 1};
  config.local_size = {setting.harts, 1, 1};
  config.global_offset = {setting.offset, 0, 0};
  config.arguments = ground.argument_block();
  config.local_memory = Bytes(kScratchBytes);
  config.private_memory = Bytes(8192);
  config.warp_width = setting.width;
  config.printf_buffer = DeviceAddress(0x1234'5678'9abc);
  config.cores = 3;
  config.patience = setting.patience;
  return config;
}

/// The special registers of work-group `group`, but for what each lane adds.
void set_special(ReferenceWarp& warp, const Setting& setting, unsigned group) {
  using enum isa::SpecialRegister;
  const auto set = [&](isa::SpecialRegister which, std::uint64_t value) {
    warp.special[static_cast<std::size_t>(which) - static_cast<std::size_t>(kGlobalId)] = value;
  };
  const auto set_three = [&](isa::SpecialRegister first, std::uint64_t x) {
    for (unsigned d = 0; d < 3; ++d)
      set(static_cast<isa::SpecialRegister>(static_cast<unsigned>(first) + d), d == 0 ? x : 1);
  };
  const std::uint64_t before = std::uint64_t{group} * setting.harts;
  set(kGlobalId, before + setting.offset);
  set(kGlobalLinearId, before);
  set(kGlobalOffset, setting.offset);
  set(kGroupId, group);
  set(kCore, group % 3);
  set(kWorkDim, 1);
  set_three(kGlobalSize, std::uint64_t{setting.harts} * setting.groups);
  set_three(kLocalSize, setting.harts);
  set_three(kEnqueuedLocalSize, setting.harts);
  set_three(kNumGroups, setting.groups);
  set(kNumWarps, 1);
  set(kWarpSize, setting.harts);
  set(kMaxWarpSize, setting.harts);
  set(kPrintfBuffer, 0x1234'5678'9abc);
}

/// Group after group; none finds what another left, for their scratch memory is not the same.
Outcome run_reference(const Setting& setting, const Ground& ground, const RandomKernel& kernel) {
  const bool own = setting.scratch == Scratch::kPrivate;
  const auto block = ground.argument_block();
  const std::vector<ReferenceRange> ranges = {
      {isa::kProgramBase, kernel.text, false, true},
      {ground.pool().value(), ground.bytes(ground.pool(), kPoolEntries * 8)},
      {ground.output().value(), std::vector<std::byte>(setting.output_bytes()), true},
      {ground.arguments().scratch, std::vector<std::byte>(setting.scratch_bytes), true, false, own},
      {isa::kPrivateTop - kStackBytes, std::vector<std::byte>(kStackBytes), true, false, true},
      {isa::kArgumentBase, {block.begin(), block.end()}}};
  Outcome outcome;
  outcome.output.resize(setting.output_bytes());
  outcome.scratch.resize(setting.scratch_bytes);
  const std::size_t group_bytes = setting.output_bytes() / setting.groups;
  const std::size_t scratch_bytes = setting.scratch_bytes / setting.groups;
  for (unsigned g = 0; g < setting.groups; ++g) {
    ReferenceWarp warp(ranges, setting.harts);
    set_special(warp, setting, g);
    outcome.error = warp.run(kernel.entry, kMostSteps);
    if (!outcome.error.empty()) return outcome;
    outcome.counters += warp.counters();
    warp.memory(0).copy_out(ground.output().value() + g * group_bytes,
                            std::span(outcome.output).subspan(g * group_bytes, group_bytes));
    if (setting.scratch != Scratch::kGlobal) continue;
    warp.memory(0).copy_out(ground.arguments().scratch + g * scratch_bytes,
                            std::span(outcome.scratch).subspan(g * scratch_bytes, scratch_bytes));
  }
  outcome.counters.launches = 1;
  return outcome;
}

std::shared_ptr<Program> load(const RandomKernel& kernel) {
  elf::Segment text{.address = isa::kProgramBase, .readable = true, .executable = true};
  text.content = kernel.text;
  text.memory_size = kernel.text.size();
  const auto file = elf::write_executable(kernel.entry, std::span(&text, 1));
  return Program::load(elf::Image::parse(file, "random kernel"));
}

enum class How : std::uint8_t { kLaunched, kTraced, kOneByOne };

/// As the timed machine has it run.
LaunchResult trace(Program& program, GlobalMemory& memory, const LaunchConfig& config) {
  GroupTracer tracer(program, memory, config);
  std::vector<WarpTrace> traces;
  LaunchResult result;
  for (std::uint64_t g = 0; g < count_groups(config) && !result.fault; ++g) {
    tracer.start(g, traces);
    while (tracer.advance(10'000)) {
      for (WarpTrace& each : traces) each.clear();
    }
    result.fault = tracer.fault();
  }
  result.counters = tracer.counters();
  result.counters.launches = 1;
  return result;
}

Outcome run_machine(const Setting& setting, Ground& ground, const RandomKernel& kernel,
                    VectorPath path, How how = How::kLaunched) {
  ground.clear(ground.output(), setting.output_bytes());
  ground.clear(ground.scratch(), setting.scratch_bytes);
  LaunchConfig config = make_config(setting, ground, kernel);
  config.vector_path = path;
  if (how == How::kOneByOne) config.local_size = {1, 1, 1};
  const auto program = load(kernel);
  const LaunchResult result = how == How::kTraced ? trace(*program, ground.memory(), config)
                                                  : launch(*program, ground.memory(), config, 1);
  Outcome outcome;
  if (result.fault)
    outcome.error = fmt::format("{} at {:#x}, lane {}: {}", name(result.fault->kind),
                                result.fault->pc, result.fault->lane, result.fault->detail);
  outcome.output = ground.bytes(ground.output(), setting.output_bytes());
  outcome.scratch = ground.bytes(ground.scratch(), setting.scratch_bytes);
  outcome.counters = result.counters;
  return outcome;
}

std::string register_name(std::size_t entry) {
  if (entry < kDumpedIntegers) return fmt::format("x{}", entry + 1);
  if (entry < kDumpedIntegers + 32) return fmt::format("f{}", entry - kDumpedIntegers);
  return "fcsr";
}

/// With `all` also those that depend on which lanes run together.
std::string compare_counters(const Counters& ours, const Counters& reference, bool all) {
  std::string text;
  const auto compare = [&](std::string_view what, std::uint64_t a, std::uint64_t b) {
    if (a != b) text += fmt::format("{} is {}, not {}; ", what, a, b);
  };
  for (std::size_t c = 0; c < kClasses; ++c)
    compare(fmt::format("thread instructions of class {}", c), ours.thread_instructions[c],
            reference.thread_instructions[c]);
  compare("work_items", ours.work_items, reference.work_items);
  compare("flops_fp16", ours.flops_fp16, reference.flops_fp16);
  compare("flops_fp32", ours.flops_fp32, reference.flops_fp32);
  compare("flops_fp64", ours.flops_fp64, reference.flops_fp64);
  compare("global_load_bytes", ours.global_load_bytes.count(), reference.global_load_bytes.count());
  compare("global_store_bytes", ours.global_store_bytes.count(),
          reference.global_store_bytes.count());
  compare("local_bytes", ours.local_bytes.count(), reference.local_bytes.count());
  compare("private_bytes", ours.private_bytes.count(), reference.private_bytes.count());
  compare("constant_bytes", ours.constant_bytes.count(), reference.constant_bytes.count());
  if (!all) return text;
  for (std::size_t c = 0; c < kClasses; ++c)
    compare(fmt::format("warp instructions of class {}", c), ours.warp_instructions[c],
            reference.warp_instructions[c]);
  compare("launches", ours.launches, reference.launches);
  compare("work_groups", ours.work_groups, reference.work_groups);
  compare("warps", ours.warps, reference.warps);
  compare("lane_slots", ours.lane_slots, reference.lane_slots);
  compare("global_sectors", ours.global_sectors, reference.global_sectors);
  compare("local_accesses", ours.local_accesses, reference.local_accesses);
  compare("divergent_branches", ours.divergent_branches, reference.divergent_branches);
  return text;
}

/// Empty if equal, otherwise the first difference.
std::string difference(const Outcome& ours, const Outcome& reference, bool all_counters) {
  if (!ours.error.empty()) return "it ended with a fault: " + ours.error;
  for (std::size_t i = 0; i < reference.output.size(); i += 8) {
    std::uint64_t a = 0, b = 0;
    std::memcpy(&a, ours.output.data() + i, 8);
    std::memcpy(&b, reference.output.data() + i, 8);
    if (a != b)
      return fmt::format("{} of lane {} is {:#018x}, not {:#018x}",
                         register_name(i / 8 % kDumpEntries), i / 8 / kDumpEntries, a, b);
  }
  for (std::size_t i = 0; i < reference.scratch.size(); ++i) {
    if (ours.scratch[i] != reference.scratch[i])
      return fmt::format("scratch memory differs at byte {}", i);
  }
  return compare_counters(ours.counters, reference.counters, all_counters);
}

std::string disassemble(const RandomKernel& kernel) {
  std::string text;
  for (std::uint64_t pc = kernel.last_item; pc < kernel.end; pc += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, kernel.text.data() + (pc - isa::kProgramBase), 4);
    text += fmt::format("  {:#x}: {}\n", pc, isa::disassemble(isa::decode(word), pc));
  }
  return text;
}

std::string run_all(const Setting& setting, RandomKernel& kernel, std::uint64_t& executed) {
  Ground ground(setting);
  kernel = make_random_kernel(setting.kernel);
  const bool ordered = setting.kernel.family == KernelFamily::kOrdered;
  const Outcome reference = run_reference(setting, ground, kernel);
  if (!reference.error.empty()) return reference.error;
  executed += reference.counters.total_thread_instructions();
  for (const VectorPath path : {VectorPath::kPortable, VectorPath::kAvx2, VectorPath::kAvx512}) {
    if (!is_supported(path)) continue;
    const Outcome launched = run_machine(setting, ground, kernel, path);
    std::string found = difference(launched, reference, ordered);
    if (!found.empty()) return fmt::format("{}: {}", path_name(path), found);
    found = difference(run_machine(setting, ground, kernel, path, How::kTraced), launched, true);
    if (!found.empty()) return fmt::format("{}, traced: {}", path_name(path), found);
    if (setting.kernel.family != KernelFamily::kAlone) continue;
    found = difference(run_machine(setting, ground, kernel, path, How::kOneByOne), launched, false);
    if (!found.empty()) return fmt::format("{}, groups of one: {}", path_name(path), found);
  }
  return {};
}

/// The shortest prefix that fails, and what its last item is.
std::string explain(Setting setting) {
  const unsigned whole = setting.kernel.items;
  std::uint64_t executed = 0;
  for (unsigned items = 0; items <= whole; ++items) {
    setting.kernel.items = items;
    RandomKernel kernel;
    const std::string found = run_all(setting, kernel, executed);
    if (!found.empty())
      return fmt::format("after {} items: {}\nthe last one:\n{}", items, found,
                         disassemble(kernel));
  }
  return "(no shorter kernel fails)";
}

using OpcodesSeen = std::map<isa::Opcode, std::uint64_t>;

/// Runs kernels of a family; gives how often each instruction was in them.
OpcodesSeen check(KernelFamily family, std::uint64_t kernels) {
  constexpr std::uint64_t kLong = 10'000'000;
  const std::uint64_t first = number_from_environment("ISOBAR_SIMT_SEED", 1);
  const bool replay = std::getenv("ISOBAR_SIMT_SEED") != nullptr;
  const std::uint64_t least = number_from_environment("ISOBAR_LONG", 0) != 0 && !replay ? kLong : 0;
  kernels = number_from_environment("ISOBAR_SIMT_KERNELS", replay ? 1 : kernels);
  std::uint64_t executed = 0, seed = first;
  OpcodesSeen seen;
  for (; seed < first + kernels || executed < least; ++seed) {
    const Setting setting(seed, family);
    RandomKernel kernel;
    const std::string found = run_all(setting, kernel, executed);
    EXPECT_EQ(found, "") << fmt::format(
        "warps of {} lanes, {} groups of {}; replay with ISOBAR_SIMT_SEED={}\n{}", setting.width,
        setting.groups, setting.harts, seed, explain(setting));
    if (!found.empty()) return {};
    for (const auto& [opcode, count] : kernel.count) seen[opcode] += count;
  }
  fmt::print("seeds {} to {}: {} instructions of harts executed on each path\n", first, seed - 1,
             executed);
  return seen;
}

TEST(Opcodes, RandomKernelsLeaveWhatScalarHartsLeave) {
  OpcodesSeen seen = check(KernelFamily::kOrdered, 300);
  if (std::getenv("ISOBAR_SIMT_SEED") != nullptr || HasFailure()) return;
  for (const isa::InstructionInfo& row : isa::instruction_table()) {
    using enum isa::Opcode;
    const bool elsewhere = row.opcode == kEcall || row.opcode == kEbreak ||
                           row.opcode == kIsobarBarrier || row.opcode == kIsobarExit;
    if (!elsewhere) {
      EXPECT_GE(seen[row.opcode], 20U) << row.mnemonic;
    }
  }
}

TEST(Opcodes, LanesThatEndEarlyAndLongLoopsLeaveTheOthersAsTheyAre) {
  EXPECT_FALSE(check(KernelFamily::kFree, 60).empty());
}

TEST(Opcodes, HartsInGroupsOfOneLeaveWhatTheyLeaveTogether) {
  EXPECT_FALSE(check(KernelFamily::kAlone, 40).empty());
}

}  // namespace
}  // namespace isobar::simt
