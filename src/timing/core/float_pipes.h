// A scheduler's floating-point pipes, where they hold so many instructions at a time, with a queue
// in front of them (core.float_in_flight, core.dispatch_queue): without a queue an instruction
// issues when a place is free, with one when the queue has room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/units.h"

namespace isobar::timing {

class FloatPipes {
 public:
  /// No limit: `in_flight` 0. Then only has_limit() may be asked.
  void configure(std::uint32_t in_flight, std::uint32_t queue) {
    limited_ = in_flight != 0;
    queued_ = queue != 0;
    places_.assign(std::max(1U, in_flight), Cycles());
    started_.assign(std::max(1U, queue), Cycles());
  }
  [[nodiscard]] bool has_limit() const { return limited_; }

  /// The first cycle in which another instruction may issue.
  [[nodiscard]] Cycles room() const {
    return queued_ ? started_[entered_ % started_.size()] : *std::ranges::min_element(places_);
  }
  /// An instruction issues that stays `inside` cycles. Gives the cycle in which it leaves the
  /// queue.
  Cycles enter(Cycles now, Cycles inside) {
    const auto place = std::ranges::min_element(places_);
    const Cycles start = std::max(now, *place);
    *place = start + inside;
    last_ = static_cast<std::size_t>(place - places_.begin());
    started_[entered_++ % started_.size()] = start;
    return start;
  }
  /// The result of the last one that entered waits to be written, and keeps its place.
  void delay_last(Cycles cycles) { places_[last_] += cycles; }

 private:
  bool limited_ = false, queued_ = false;
  std::vector<Cycles> places_;   // when each is free
  std::vector<Cycles> started_;  // when the last ones left the queue, in a ring
  std::uint64_t entered_ = 0;
  std::size_t last_ = 0;
};

}  // namespace isobar::timing
