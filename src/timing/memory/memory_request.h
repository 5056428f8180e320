// What passes between the cores and the memory behind their first-level caches. A request names
// sectors of one line of the second-level cache; every request gets a response, writes too, so that
// a core can bound what it has on the way.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/units.h"

namespace isobar::timing {

enum class RequestKind : std::uint8_t { kRead, kWrite, kAtomic };

/// Where a request spent its time behind the core. The stages of a journey are consecutive.
enum class MemoryStage : std::uint8_t {
  kRequestNetwork,   // queueing at and crossing of the interconnect, towards the slice
  kL2,               // the slice: its queue, its banks, its lookup
  kL2Mshr,           // waiting for a free miss register of the slice
  kDramQueue,        // behind other requests: what more bandwidth would remove
  kDramRow,          // precharge, activate, refresh, read-write turnaround
  kDramTransfer,     // column access and burst of an idle channel: pure latency
  kResponseNetwork,  // back to the core
  kCount
};
inline constexpr std::size_t kMemoryStages = static_cast<std::size_t>(MemoryStage::kCount);
[[nodiscard]] std::string_view name(MemoryStage stage);

struct MemoryRequest {
  Cycles sent;            // when it reaches the core's port of the interconnect
  DeviceAddress line;     // aligned to the line of the second-level cache
  std::uint32_t sectors;  // bit i: the line's i-th sector; never 0
  std::uint32_t core = 0;
  std::uint32_t tag = 0;  // the core's own; comes back
  RequestKind kind = RequestKind::kRead;
  std::uint16_t operations = 0;  // kAtomic: lane operations, done one after another per sector
};

struct MemoryResponse {
  Cycles ready;  // when the core has it
  std::uint32_t core = 0;
  std::uint32_t tag = 0;
  RequestKind kind = RequestKind::kRead;
  /// Cycles per stage; they sum to ready - sent.
  std::array<std::uint32_t, kMemoryStages> journey{};
};

}  // namespace isobar::timing
