#include "timing/memory/interconnect.h"

#include <bit>

namespace isobar::timing {

Bytes request_bytes(const MemoryRequest& request, Bytes sector) {
  switch (request.kind) {
    case RequestKind::kRead:
      return kHeader;
    case RequestKind::kWrite:
      return sector * static_cast<std::uint64_t>(std::popcount(request.sectors));
    case RequestKind::kAtomic:
      return std::max(kHeader, kAtomicOperand * request.operations);
  }
  return kHeader;
}

Bytes response_bytes(const MemoryRequest& request, Bytes sector) {
  switch (request.kind) {
    case RequestKind::kRead:
      return sector * static_cast<std::uint64_t>(std::popcount(request.sectors));
    case RequestKind::kWrite:
      return kHeader;
    case RequestKind::kAtomic:
      return std::max(kHeader, kAtomicOperand * request.operations);
  }
  return kHeader;
}

Interconnect::Interconnect(const chip::Chip& chip)
    : latency_(chip.interconnect.latency),
      core_rate_(chip.interconnect.core_bytes_per_cycle),
      slice_rate_(chip.interconnect.slice_bytes_per_cycle),
      cores_(chip.core.count) {}

}  // namespace isobar::timing
