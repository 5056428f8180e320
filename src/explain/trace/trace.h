// What of a profiler's trace an explanation needs, in the trace's own order: what ran on the
// device, when the host launched it, which operator asked for it, and where steps begin. Compact,
// since a trace may hold millions of events; names are kept once.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace isobar::explain {

/// Nanoseconds on the trace's clock. Nanoseconds are the finest that any back end writes.
using Nanoseconds = std::int64_t;
inline constexpr Nanoseconds kUnknownTime = std::numeric_limits<Nanoseconds>::min();

/// Texts by number, each kept once.
class Names {
 public:
  [[nodiscard]] std::uint32_t number_of(std::string_view name);
  [[nodiscard]] const std::string& operator[](std::uint32_t number) const {
    return *texts_[number];
  }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::vector<const std::string*> texts_;
};

enum class DeviceWork : std::uint8_t { kKernel, kCopy };

struct DeviceEvent {
  Nanoseconds begin = 0;
  Nanoseconds end = 0;
  Nanoseconds launched = kUnknownTime;  // when the host's launch call returned
  std::uint64_t correlation = 0;        // 0: none
  std::uint64_t operation = 0;          // of the operator that launched it ("External id"); 0: none
  std::uint32_t name = 0;
  std::uint32_t stream = 0;             // index into Trace::streams
  std::array<std::uint32_t, 3> grid{};  // thread blocks of the launch in x, y, z; zeros: unknown
  DeviceWork work = DeviceWork::kKernel;
};

/// Thread blocks of the launch, at most 2^32 - 1; 0: unknown.
[[nodiscard]] std::uint32_t blocks(const DeviceEvent& event);

struct Stream {
  std::int64_t device = 0;
  std::string name;
};

struct HostLaunch {
  std::uint64_t correlation = 0;
  Nanoseconds end = 0;
};

/// The arithmetic of one operator, from the shapes in its arguments.
struct Operation {
  std::uint64_t id = 0;
  std::uint64_t flops = 0;   // causal attention halved
  std::uint64_t masked = 0;  // of the other half
};

/// A ProfilerStep#N annotation on the host.
struct StepMark {
  std::int64_t number = 0;
  Nanoseconds begin = 0;
  Nanoseconds end = 0;
};

struct Trace {
  std::string name;              // of the file
  std::string backend;           // "CUDA", "ROCm", "Ascend", "MTIA", or "unknown"
  std::string device_name;       // as the trace says, e.g. "NVIDIA H800"; may be empty
  std::uint32_t device_sms = 0;  // as the trace says; 0: it does not
  std::int64_t rank = -1;        // of distributedInfo; -1: the trace does not say
  std::uint64_t world_size = 0;
  std::uint64_t events = 0;      // of any kind
  std::uint64_t bytes = 0;       // of text
  std::uint64_t repeated = 0;    // device events left out: the same launch, name and time again
  std::uint64_t impossible = 0;  // events left out: a time or duration that no clock shows
  Names names;
  std::vector<Stream> streams;
  std::deque<DeviceEvent> device;  // in the order of `begin` once finished
  std::deque<HostLaunch> launches;
  std::vector<Operation> operations;
  std::vector<StepMark> steps;
};

/// Sorts, drops what was written twice, and finds each device event's launch. Called once, when
/// everything is read.
void finish(Trace& trace);

}  // namespace isobar::explain
