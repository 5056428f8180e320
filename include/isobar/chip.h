// A simulated RISC-V GPU: its memory, programs in OpenCL C, launches, and where their cycles went.
//
//   isobar::Chip chip("isobar-nano");
//   isobar::Buffer out = chip.buffer(4 * 1024);
//   isobar::Program program = chip.build("kernel void one(global int* out) {...}");
//   isobar::Launch launch = program.launch("one", {.global = {1024}}, {out});
//
// Chips, buffers and programs are handles: a copy is the same thing, which lives as long as the
// last of them. Calls for one chip may come from several threads; launches run one at a time, in
// the order in which they come, and each call returns when its work is done. Several chips may be
// open at once. All of it throws isobar::Error and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "isobar/error.h"
#include "isobar/ledger.h"

namespace isobar::api {
struct Access;
struct ArgumentState;
struct BufferState;
struct ChipState;
struct ProgramState;
}  // namespace isobar::api

namespace isobar::inline v0 {

/// Where a launch's time comes from. What it computes is the same in all three.
enum class Fidelity : std::uint8_t {
  kFunctional,  // estimated from its counts; fast
  kSampled,     // some launches on the cycle-level machine, the others extrapolated from those
  kTimed        // every launch on the cycle-level machine
};

struct ChipOptions {
  Fidelity fidelity = Fidelity::kSampled;
  unsigned threads = 0;           // of this host, that simulate; 0: all. No result depends on it
  double time_limit_seconds = 0;  // of this host, for one launch; 0: none
  std::uint64_t instruction_limit = 0;  // warp instructions of one work-group; 0: none
};

/// As the chip's file states it.
struct ChipFigures {
  std::string name, path;
  double clock_hz = 0;
  unsigned cores = 0, schedulers = 0, lanes = 0;          // schedulers of a core, lanes of a warp
  double fp16_flops = 0, fp32_flops = 0, fp64_flops = 0;  // dense peak, FLOP/s
  std::uint64_t memory_bytes = 0;
  double memory_bytes_per_second = 0;
};

/// What launches did, counted exactly, whatever the fidelity. The last three are zero where it is
/// functional; energy also where the chip's file does not describe it.
struct LaunchCounts {
  std::uint64_t work_groups = 0, work_items = 0, warps = 0;
  std::uint64_t warp_instructions = 0;    // issued
  std::uint64_t thread_instructions = 0;  // the same, times active lanes
  double simd_efficiency = 1;             // active lanes per existing lane, 0 to 1
  std::uint64_t flops_fp16 = 0, flops_fp32 = 0, flops_fp64 = 0;  // a fused multiply-add counts 2
  std::uint64_t global_load_bytes = 0, global_store_bytes = 0;   // as work-items asked
  std::uint64_t local_bytes = 0, private_bytes = 0;
  std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0;  // that memory really moved
  double energy_joules = 0;
};

struct Launch {
  std::string kernel;
  double seconds = 0;         // on the simulated chip
  double margin_seconds = 0;  // how far extrapolation may be off: two standard errors; timed: 0
  std::uint64_t cycles = 0;   // functional: 0
  LaunchCounts counts;
  /// Lane-slots: cycles x cores x schedulers x lanes. Functional: picoseconds, by bottleneck.
  Ledger ledger;
  std::string printed;  // by the kernel's printf
};

/// Memory of a chip.
class ISOBAR_API Buffer {
 public:
  [[nodiscard]] std::uint64_t size() const;  // bytes
  /// Copies to the chip, from byte `offset` on. Throws where it does not fit.
  void write_bytes(std::span<const std::byte> data, std::uint64_t offset = 0);
  void read_bytes(std::span<std::byte> data, std::uint64_t offset = 0) const;
  template <class T>
  void write(std::span<const T> data, std::uint64_t offset = 0) {
    static_assert(std::is_trivially_copyable_v<T>);
    write_bytes(std::as_bytes(data), offset);
  }
  template <class T>
  void write(const std::vector<T>& data, std::uint64_t offset = 0) {
    write(std::span<const T>(data), offset);
  }
  /// All of it, as whole elements.
  template <class T>
  [[nodiscard]] std::vector<T> read() const {
    static_assert(std::is_trivially_copyable_v<T>);
    std::vector<T> data(size() / sizeof(T));
    read_bytes(std::as_writable_bytes(std::span<T>(data)));
    return data;
  }

 private:
  friend struct api::Access;
  explicit Buffer(std::shared_ptr<api::BufferState> state);
  std::shared_ptr<api::BufferState> state_;
};

/// Local memory for a `local` pointer of a kernel.
struct LocalMemory {
  std::uint64_t bytes = 0;
};

/// An argument of a kernel: a buffer, local memory, or a value of exactly the size that the kernel
/// declares (a vector of OpenCL C is a struct or array of as many elements; three count as four).
class ISOBAR_API Argument {
 public:
  Argument(const Buffer& buffer);  // NOLINT(google-explicit-constructor)
  Argument(LocalMemory local);     // NOLINT(google-explicit-constructor)
  template <class T>
    requires std::is_trivially_copyable_v<T>
  Argument(const T& value)
      : Argument(&value, sizeof value) {  // NOLINT(google-explicit-constructor)
    static_assert(!std::is_pointer_v<T>, "the chip cannot follow a pointer of this host: a Buffer");
  }
  /// A value as its bytes.
  Argument(const void* value, std::size_t bytes);
  Argument(const Argument& other);
  Argument(Argument&& other) noexcept;
  Argument& operator=(const Argument& other);
  Argument& operator=(Argument&& other) noexcept;
  ~Argument();

 private:
  friend struct api::Access;
  std::unique_ptr<api::ArgumentState> state_;
};

/// Work-items in one to three dimensions, as clEnqueueNDRangeKernel takes them.
struct Range {
  std::vector<std::uint64_t> global;       // work-items
  std::vector<std::uint64_t> local = {};   // of a work-group; empty: Isobar chooses
  std::vector<std::uint64_t> offset = {};  // of the first work-item; empty: 0
};

/// Kernels, compiled for a chip.
class ISOBAR_API Program {
 public:
  /// Their names, in the order of the source.
  [[nodiscard]] std::vector<std::string> kernels() const;
  /// What the compiler had to say, warnings for one.
  [[nodiscard]] std::string log() const;
  /// Runs a kernel to its end. Throws ErrorKind::kRequest for arguments and ranges that do not fit
  /// it, and ErrorKind::kKernel, with the diagnosis, where it does not end well.
  Launch launch(const std::string& kernel, const Range& range,
                const std::vector<Argument>& arguments) const;

 private:
  friend struct api::Access;
  explicit Program(std::shared_ptr<api::ProgramState> state);
  std::shared_ptr<api::ProgramState> state_;
};

class ISOBAR_API Chip {
 public:
  /// `name`: of the catalogue (`isobar info` lists it), or the path of a chip file
  /// (docs/CHIP_FILE.md). Throws where there is none, or it is a data sheet that cannot be
  /// simulated.
  explicit Chip(const std::string& name, const ChipOptions& options = {});
  [[nodiscard]] ChipFigures figures() const;
  /// Memory of so many bytes, all zero. Throws where the chip has no more.
  [[nodiscard]] Buffer buffer(std::uint64_t bytes) const;
  template <class T>
  [[nodiscard]] Buffer buffer(const std::vector<T>& data) const {
    Buffer made = buffer(data.size() * sizeof(T));
    made.write(data);
    return made;
  }
  /// Compiles OpenCL C 3.0; `options` as clBuildProgram takes them, `file_name` is what messages
  /// call the source. Throws with the compiler's messages where it is not right.
  [[nodiscard]] Program build(const std::string& source, const std::string& options = {},
                              const std::string& file_name = "kernel.cl") const;

 private:
  friend struct api::Access;
  std::shared_ptr<api::ChipState> state_;
};

}  // namespace isobar::inline v0
