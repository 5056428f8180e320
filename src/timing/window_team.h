// Host threads that work on one window after another: in each, a number of independent items, then
// everybody waits. The caller works too, so it never depends on a thread that has not come.
//
// An item is a core or a partition of the memory, whose state is large: each thread begins with its
// own share of them, the same in every window, so that what it had in its caches is of use, and
// takes over what others have not begun when it is done.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace isobar::timing {

class WindowTeam {
 public:
  /// Calls `body` on this thread, with up to threads - 1 helpers behind run(), which gives them at
  /// most `items`, below 2^16, at a time. `body` may throw.
  static void with(unsigned threads, std::uint32_t items,
                   const std::function<void(WindowTeam&)>& body);

  /// Does item(0) ... item(count - 1), in any order, on any thread; returns when all are done.
  /// Items do not throw.
  void run(std::uint32_t count, const std::function<void(std::uint32_t)>& item);

 private:
  WindowTeam(unsigned threads, std::uint32_t items);
  void help(unsigned self);
  void work_on(std::uint64_t window, unsigned self);
  bool claim(std::uint32_t item, std::uint64_t window);

  // The number of the window and how many items it has, in one word: a thread that comes late sees
  // both of the same window, in which every item has been claimed.
  static constexpr unsigned kCountBits = 16;
  std::atomic<std::uint64_t> window_{0};
  std::atomic<std::uint32_t> done_{0};
  std::atomic<bool> closed_{false};
  struct alignas(64) Claim {
    std::atomic<std::uint64_t> window{0};  // the last one in which the item was claimed
  };
  std::unique_ptr<Claim[]> claims_;
  const std::function<void(std::uint32_t)>* item_ = nullptr;
  const unsigned threads_;
};

}  // namespace isobar::timing
