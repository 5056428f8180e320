#include "simt/trace.h"

namespace isobar::simt {

void WarpTrace::access(const Operation& operation, Warp& warp) {
  const Shape shape = warp.shape[operation.rs1];
  const std::uint64_t offset = static_cast<std::uint64_t>(operation.immediate);
  words_.push_back(word(TraceTag::kAccess,
                        static_cast<std::uint64_t>(shape) | std::uint64_t{operation.access} << 8U,
                        false));
  if (shape == Shape::kVector) {
    const std::uint64_t* lanes = warp.x(operation.rs1);
    for (LaneMask left = warp.mask; left != 0; left &= left - 1)
      words_.push_back(lanes[std::countr_zero(left)] + offset);
    return;
  }
  words_.push_back(warp.base[operation.rs1] + offset);
  if (shape == Shape::kAffine)
    words_.push_back(static_cast<std::uint64_t>(warp.stride[operation.rs1]));
}

void WarpTrace::compact() {
  words_.erase(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(read_));
  read_ = 0;
}

void WarpTrace::clear() {
  words_.clear();
  read_ = 0;
  written_mask_ = mask_ = 0;
  finished_ = false;
}

void trace_operation(const Operation* operation, Warp* warp) {
  if (warp->core->leads[operation->self] != 0) warp->trace->block(operation->self, warp->mask);
  if (operation->access != 0) warp->trace->access(*operation, *warp);
}

}  // namespace isobar::simt
