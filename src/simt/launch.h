// Functional execution of an NDRange: every work-item is a RISC-V hart, the harts of a warp run in
// lock step where they agree. This is the door for device/ and for the timed machine.
//
//   GlobalMemory memory(4_GiB);
//   auto program = Program::load(elf::Image::parse(file, "saxpy.elf"));
//   LaunchResult result = launch(*program, memory, config, threads);
//
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/units.h"
#include "elf/elf_image.h"
#include "simt/counters.h"
#include "simt/memory/global_memory.h"

namespace isobar::simt {

enum class FaultKind : std::uint8_t {
  kOutOfBounds,
  kNullPointer,
  kMisaligned,
  kReadOnly,
  kIllegalInstruction,
  kBadFetch,
  kStackOverflow,
  kDivergentBarrier,
  kEnvironmentCall,
  kBreakpoint,
  kTimeLimit,
  kInstructionLimit
};
[[nodiscard]] std::string_view name(FaultKind kind);

struct Fault {
  FaultKind kind{};
  std::uint64_t pc = 0;
  std::uint32_t word = 0;  // the instruction, as fetched
  DeviceAddress address;   // of the access, where there is one
  Bytes size;
  bool is_store = false;
  std::array<std::uint64_t, 3> group{}, local_id{}, global_id{};
  std::uint32_t lane = 0;
  std::string detail;  // e.g. "24 bytes past the end of a 4096-byte buffer"
};

/// A loaded program: decoded text and its own memory (read-only data, program-scope variables).
/// Immutable but for program-scope variables, which all launches share as OpenCL demands.
class Program {
 public:
  /// Throws UserError if a segment lies outside the program window or text is not executable.
  [[nodiscard]] static std::shared_ptr<Program> load(const elf::Image& image);
  virtual ~Program() = default;
  /// Host view of program memory at a guest address (printf formats), or null if not mapped there.
  [[nodiscard]] virtual const std::byte* host(DeviceAddress address, Bytes size) const = 0;

  // The text, for readers of traces and reports. An operation is an index into it.
  [[nodiscard]] virtual std::span<const isa::Instruction> instructions() const = 0;
  [[nodiscard]] virtual std::uint64_t pc_of(std::uint32_t operation) const = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> operation_at(std::uint64_t pc) const = 0;
  /// 1 for every operation that leads a basic block; one more element than there are operations.
  [[nodiscard]] virtual std::vector<std::uint8_t> block_leaders() const = 0;
};

enum class VectorPath : std::uint8_t { kPortable, kAvx2, kAvx512 };
/// The best one this processor has; what `launch` uses unless the configuration names another.
[[nodiscard]] VectorPath best_vector_path();
[[nodiscard]] bool is_supported(VectorPath path);

/// Work-groups first ... first + count - 1, in the order of dispatch.
struct GroupRange {
  std::uint64_t first = 0;
  std::uint64_t count = ~std::uint64_t{0};  // as far as there are any
};

struct LaunchConfig {
  std::uint64_t entry = 0;
  std::uint32_t work_dim = 1;
  std::array<std::uint64_t, 3> global_offset{0, 0, 0};
  std::array<std::uint64_t, 3> global_size{1, 1, 1};
  std::array<std::uint64_t, 3> local_size{1, 1, 1};  // the last group of a dimension may be smaller
  std::span<const std::byte> arguments;              // the argument block
  Bytes local_memory;                                // per work-group: variables and arguments
  Bytes private_memory{64 << 10};                    // stack per work-item
  std::uint32_t warp_width = 32;                     // 1..64 lanes
  std::uint32_t cores = 1;                           // group g runs on core g mod cores
  GroupRange groups;                                 // which to run; all of them unless set
  DeviceAddress printf_buffer;
  /// Branches that some lanes of a warp take while others wait, until one of these runs ahead.
  std::uint32_t patience = 512;
  std::uint64_t instruction_limit = 0;        // warp instructions per work-group, 0: none
  const std::atomic<bool>* cancel = nullptr;  // polled; true ends with kTimeLimit
  std::optional<VectorPath> vector_path;
};

/// Work-groups of an NDRange, those at its edges included, whatever `groups` selects.
[[nodiscard]] std::uint64_t count_groups(const LaunchConfig& config);

struct LaunchResult {
  Counters counters;
  std::optional<Fault> fault;              // of the lowest-numbered faulting work-group
  std::uint64_t host_cpu_nanoseconds = 0;  // summed over threads
};

/// Runs all work-groups on `threads` host threads. Bit-identical results for any thread count
/// except where the program itself depends on the order of atomics.
[[nodiscard]] LaunchResult launch(Program& program, GlobalMemory& memory,
                                  const LaunchConfig& config, unsigned threads);

}  // namespace isobar::simt
