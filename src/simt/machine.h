// The state the interpreter works on, laid out for it: decoded operations, memory regions, a warp's
// registers. Plain data without containers, because the handlers are compiled three times for three
// vector instruction sets and must not leave inline library code behind in any of them.
//
// Registers are structures of arrays with a *shape*. An integer register is uniform (one value for
// the warp), affine (base + lane * stride) or a vector; a float register is a uniform or a vector
// of singles, or of raw 64-bit values. Addresses and loop counters stay scalar most of the time
// ("dynamic scalarization": Collange, Defour, Zhang, "Dynamic detection of uniform and affine
// vectors in GPGPU computations", 2009). A shape is a representation: it never changes a value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "isa/opcodes.h"

namespace isobar::simt {

inline constexpr unsigned kMostLanes = 64;
inline constexpr std::uint8_t kDiscard = 32;  // where writes to x0 go

using LaneMask = std::uint64_t;

struct Warp;
struct Operation;
class WarpTrace;

// AddressSanitizer moves the vectors on a handler's stack to where it can guard them, for which
// preserve_none has no room (clang 19): there the ordinary calling convention has to do.
#define ISOBAR_HANDLER
#if defined(__x86_64__) && defined(__clang__)
#if !__has_feature(address_sanitizer)
#undef ISOBAR_HANDLER
#define ISOBAR_HANDLER __attribute__((preserve_none))
#endif
#endif
// A typedef, because an alias declaration cannot carry the attribute.
typedef void (*Handler)(const Operation*, Warp*) ISOBAR_HANDLER;  // NOLINT(modernize-use-using)

/// One decoded instruction. `run` is where dispatch jumps; in the code for divergent warps the
/// first operation of a basic block has a check there that looks for other paths before `body`.
struct Operation {
  Handler run;
  Handler body;
  std::int64_t immediate;
  std::uint32_t target;  // branches and jumps: index of the operation at the target
  std::uint32_t self;    // own index
  isa::Opcode opcode;
  std::uint8_t rd, rs1, rs2, rs3;
  std::uint8_t rounding;
  std::uint8_t access;  // bytes per lane of a memory access
};

// What a CSR instruction's number means, put into `target` by the decoder.
inline constexpr std::uint32_t kUnknownCsr = 0, kSpecialCsr = 1, kFloatCsr = 2;

enum class Memory : std::uint8_t { kNone, kGlobal, kLocal, kPrivate, kConstant };
inline constexpr std::size_t kMemories = 5;

/// A stretch of guest addresses that is one piece of host memory.
struct Region {
  std::uint64_t low = 1;  // an empty region matches no address
  std::uint64_t size = 0;
  std::byte* host = nullptr;  // of `low`; for private memory the start of the warp's store
  Memory memory = Memory::kNone;
  bool writable = false;
};

/// How often control entered and left a stretch of code, for the exact count of every operation: a
/// prefix sum over `executions` gives how often each one was issued, `lanes` with how many lanes.
struct Flow {
  std::int64_t executions = 0;
  std::int64_t lanes = 0;
};

/// Counted where it happens, because it depends on addresses.
struct MemoryCounts {
  std::uint64_t load_bytes[kMemories] = {};
  std::uint64_t store_bytes[kMemories] = {};
  std::uint64_t global_sectors = 0;
  std::uint64_t local_accesses = 0;
  std::uint64_t divergent_branches = 0;
};

enum class Stop : std::uint8_t {
  kReschedule,  // paths changed: pick the next one
  kBarrier,     // the running path reached the barrier
  kExit,        // the running path ended
  kQuantum,     // taken branches used up: look at limits, let others run
  kFault,
};

enum class Shape : std::uint8_t { kUniform = 0, kAffine = 1, kVector = 2 };
/// Single precision comes first: the handlers use the low bit as "is a vector".
enum class FloatShape : std::uint8_t { kSingle = 0, kSingleVector = 1, kRaw = 2, kRawVector = 3 };

/// What the machine's host thread has, shared by the warps of the work-group it runs.
struct WorkerState {
  const Operation* full = nullptr;       // code for warps that run as one path
  const Operation* divergent = nullptr;  // code for warps that do not
  std::uint32_t operations = 0;
  std::uint64_t text_base = 0;
  const std::uint8_t* leads = nullptr;   // traced code: which operations lead a block
  const std::uint32_t* pc_of = nullptr;  // operation -> offset of its pc from text_base
  Region* cached = nullptr;              // per operation: the region it last touched
  Flow* flow = nullptr;                  // per operation
  MemoryCounts counts;
  void* owner = nullptr;             // Worker, for the slow paths
  std::uint64_t special[0x40] = {};  // special registers that are the same for all lanes
};

/// What stopped a warp and where.
struct StopReport {
  Stop stop = Stop::kReschedule;
  std::uint8_t fault = 0;       // FaultKind
  std::uint32_t operation = 0;  // index
  std::uint32_t lane = 0;
  std::uint64_t address = 0;
  LaneMask taken = 0;  // kReschedule at a divergent branch: who goes to its target
};

struct alignas(64) Warp {
  WorkerState* worker;
  LaneMask mask;  // the running path
  LaneMask live;  // harts that exist and have not ended
  LaneMask existing;
  unsigned width;         // 32 or 64: the storage the handlers were compiled for
  std::int64_t active;    // popcount(mask)
  std::uint32_t entered;  // operation at which the running stretch began
  std::uint32_t
      next_join;        // divergent code: the next operation at which a path of this depth waits
  std::uint32_t depth;  // calls that the running path has not returned from (call_depth.h)
  std::int64_t budget;  // taken branches left until kQuantum
  std::uint64_t instructions;  // issued by this warp
  std::uint64_t group_limit;   // issue at most this many (0: no limit); checked at kQuantum
  bool single;                 // the running path is all live harts: full code
  bool ahead;                  // it runs before its turn, lest it starves (worker.h)
  StopReport report;
  std::uint32_t resume;  // operation at which the running path goes on
  std::byte* private_store;
  std::uint32_t* calls;     // what lanes remember of their calls, a row of each for every depth ...
  std::uint32_t call_rows;  // ... up to here
  WarpTrace* trace;         // of warps that run traced code
  std::uint64_t reservation[kMostLanes];     // LR/SC: address (or none) ...
  std::uint64_t reserved_value[kMostLanes];  // ... and the value seen there
  std::uint8_t flags[kMostLanes];            // fflags, kept in programs that read them
  std::uint8_t rounding[kMostLanes];         // frm

  Shape shape[33];
  FloatShape float_shape[32];
  std::uint64_t base[33];
  std::int64_t stride[33];
  // Local ids, in the same three shapes: x, y, z.
  Shape id_shape[3];
  std::uint64_t id_base[3];
  std::int64_t id_stride[3];
  std::uint64_t first_linear_id;
  std::uint32_t index;  // in the work-group

  alignas(64) std::uint64_t id_vector[3][kMostLanes];
  // Behind the structure: 33 integer and 32 float registers of `width` lanes each.

  [[nodiscard]] std::uint64_t* x(unsigned number) {
    return reinterpret_cast<std::uint64_t*>(this + 1) + std::size_t{number} * width;
  }
  [[nodiscard]] std::uint64_t* f(unsigned number) { return x(33 + number); }
  /// Of each lane's call at a depth below `call_rows`: the operation to return to, and the lower
  /// half of the stack pointer.
  [[nodiscard]] std::uint32_t* returns_of_call(std::uint32_t at) const {
    return calls + std::size_t{at} * 2 * width;
  }
  [[nodiscard]] std::uint32_t* stacks_of_call(std::uint32_t at) const {
    return returns_of_call(at) + width;
  }
  [[nodiscard]] static std::size_t bytes(unsigned width) {
    return sizeof(Warp) + std::size_t{65} * width * sizeof(std::uint64_t);
  }
};

// Slow paths, in ordinary code (slow_paths.cpp).

/// Finds the region that holds [address, address + size) for this warp and caches it for the
/// operation; null if there is none. Does not report.
const Region* find_region(Warp* warp, std::uint32_t operation, std::uint64_t address,
                          std::uint64_t size);
/// Records a memory fault: tells apart null, misaligned, read-only, stack and out of bounds.
void report_access(Warp* warp, std::uint32_t operation, unsigned lane, std::uint64_t address);
void report_fault(Warp* warp, std::uint32_t operation, unsigned lane, unsigned kind,
                  std::uint64_t address);

/// Floating point lane by lane through isa/'s exact arithmetic, flags and rounding modes kept.
/// False after recording a fault: frm holds a reserved mode.
bool exact_float(const Operation* operation, Warp* warp);
/// Reads or writes fflags, frm and fcsr.
void float_csr(const Operation* operation, Warp* warp);

/// Where handlers of traced code report (trace.h): an operation that leads a block or accesses
/// memory is about to run.
void trace_operation(const Operation* operation, Warp* warp);
/// The same where a path begins: a kernel's entry and the target of an indirect jump begin a block
/// whatever stands before them.
void trace_entry(const Operation* operation, Warp* warp);

/// A call is about to be remembered for which there is no row yet.
void need_call_row(Warp* warp);

/// An executor of one instruction set: the table of handlers and the lane count they work on.
struct Executor {
  /// The handler of an operation. `divergent` chooses the one that respects the mask; `exact` the
  /// one that keeps flags and rounding modes per lane.
  Handler (*handler)(const Operation& operation, bool divergent, bool exact);
  Handler block_check;  // `run` of a block's first operation in divergent code ...
  Handler cross_check;  // ... where that looks across lanes
  Handler off_the_end;  // behind the last operation
  void (*enter)(const Operation* operation, Warp* warp);
  // Traced code: `run` of the operations that lead a block or access memory, `run` of a block's
  // first operation in divergent code, and how a warp enters.
  Handler traced;
  Handler traced_check, traced_cross_check;
  void (*enter_traced)(const Operation* operation, Warp* warp);
};

/// Handlers for `width` (32 or 64) storage lanes.
const Executor& executor_portable(unsigned width);
const Executor& executor_avx2(unsigned width);
const Executor& executor_avx512(unsigned width);

}  // namespace isobar::simt
