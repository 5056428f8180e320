// Requests of a core that are on their way, and who waits for each: miss registers, stores and
// fetches. Numbers are taken up again, and so is the room for waiters: nothing is allocated once
// the table has grown to what is on its way at most.
#pragma once

#include <cstdint>
#include <vector>

#include "timing/memory/memory_request.h"

namespace isobar::timing {

class MissTable {
 public:
  struct Miss {
    std::uint64_t line = 0;
    std::uint32_t sectors = 0;
    Cycles sent;
    RequestKind kind = RequestKind::kRead;
    bool in_use = false;
    bool stored = false;  // into the line, while it was on its way
    std::uint32_t waiters = 0;
    std::uint32_t first_waiter = 0, last_waiter = 0;  // of waiters_; 0 means none
    std::uint32_t* out = nullptr;                     // the count it belongs to
    std::uint64_t fetch_address = 0;                  // of a fetch
  };
  struct Waiter {
    std::uint32_t pending = 0;  // the access that waits
    std::uint32_t next = 0;
    Cycles looked_up;
  };

  /// Numbers begin at 1: 0 means none.
  std::uint32_t open(std::uint64_t line, std::uint32_t sectors, RequestKind kind, Cycles sent) {
    std::uint32_t number = 0;
    if (free_misses_.empty()) {
      number = static_cast<std::uint32_t>(misses_.size());
      misses_.emplace_back();
    } else {
      number = free_misses_.back();
      free_misses_.pop_back();
    }
    Miss& miss = misses_[number];
    miss.line = line;
    miss.sectors = sectors;
    miss.sent = sent;
    miss.kind = kind;
    miss.in_use = true;
    miss.stored = false;
    miss.waiters = miss.first_waiter = miss.last_waiter = 0;
    open_ += 1;
    return number;
  }
  /// Good until the next open().
  [[nodiscard]] Miss& operator[](std::uint32_t number) { return misses_[number]; }
  [[nodiscard]] const Miss& operator[](std::uint32_t number) const { return misses_[number]; }

  void add_waiter(std::uint32_t number, std::uint32_t pending, Cycles looked_up) {
    if (free_waiter_ == 0) {
      free_waiter_ = static_cast<std::uint32_t>(waiters_.size());
      waiters_.emplace_back();
    }
    const std::uint32_t waiter = free_waiter_;
    free_waiter_ = waiters_[waiter].next;
    waiters_[waiter] = {pending, 0, looked_up};
    Miss& miss = misses_[number];
    (miss.first_waiter == 0 ? miss.first_waiter : waiters_[miss.last_waiter].next) = waiter;
    miss.last_waiter = waiter;
    miss.waiters += 1;
  }
  /// Takes the waiters of a request out, in the order in which they came.
  template <class Function>
  void for_each_waiter(std::uint32_t number, Function&& function) {
    for (std::uint32_t at = misses_[number].first_waiter; at != 0;) {
      const Waiter waiter = waiters_[at];
      waiters_[at].next = free_waiter_;
      free_waiter_ = at;
      at = waiter.next;
      function(waiter);
    }
  }
  /// The request is answered; its number may be taken up from now on.
  void close(std::uint32_t number) {
    misses_[number].in_use = false;
    free_misses_.push_back(number);
    open_ -= 1;
  }
  [[nodiscard]] std::size_t open_misses() const { return open_; }

 private:
  std::vector<Miss> misses_{1};
  std::vector<std::uint32_t> free_misses_;
  std::vector<Waiter> waiters_{1};
  std::uint32_t free_waiter_ = 0;
  std::size_t open_ = 0;
};

}  // namespace isobar::timing
