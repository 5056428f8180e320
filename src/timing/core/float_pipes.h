// A scheduler's floating-point pipes, where they hold so many instructions at a time, with a queue
// in front of them (core.float_in_flight, core.dispatch_queue): without a queue an instruction
// issues when a place is free, with one when the queue has room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace isobar::timing {

class FloatPipes {
 public:
  /// No limit: `in_flight` 0. Then only has_limit() may be asked.
  void configure(std::uint32_t in_flight, std::uint32_t queue) {
    limited_ = in_flight != 0;
    queued_ = queue != 0;
    places_.assign(std::max(1U, in_flight), 0);
    started_.assign(std::max(1U, queue), 0);
  }
  [[nodiscard]] bool has_limit() const { return limited_; }

  /// The first cycle in which another instruction may issue.
  [[nodiscard]] std::uint64_t room() const {
    return queued_ ? started_[entered_ % started_.size()] : *std::ranges::min_element(places_);
  }
  /// An instruction issues that stays `inside` cycles. Gives the cycle in which it leaves the
  /// queue.
  std::uint64_t enter(std::uint64_t now, std::uint64_t inside) {
    const auto place = std::ranges::min_element(places_);
    const std::uint64_t start = std::max(now, *place);
    *place = start + inside;
    last_ = static_cast<std::size_t>(place - places_.begin());
    started_[entered_++ % started_.size()] = start;
    return start;
  }
  /// The result of the last one that entered waits to be written, and keeps its place.
  void delay_last(std::uint64_t cycles) { places_[last_] += cycles; }

 private:
  bool limited_ = false, queued_ = false;
  std::vector<std::uint64_t> places_;   // when each is free
  std::vector<std::uint64_t> started_;  // when the last ones left the queue, in a ring
  std::uint64_t entered_ = 0;
  std::size_t last_ = 0;
};

}  // namespace isobar::timing
