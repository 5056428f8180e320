// Host threads that work on one window after another: in each, a number of independent items, then
// everybody waits. The caller works too, so it never depends on a thread that has not come.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace isobar::timing {

class WindowTeam {
 public:
  /// Calls `body` on this thread, with up to threads - 1 helpers behind run(). `body` may throw.
  static void with(unsigned threads, const std::function<void(WindowTeam&)>& body);

  /// Does item(0) ... item(count - 1), in any order, on any thread; returns when all are done.
  /// Items do not throw. `count` is below 2^20.
  void run(std::uint32_t count, const std::function<void(std::uint32_t)>& item);

 private:
  explicit WindowTeam(bool alone) : alone_(alone) {}
  void help();
  bool work_on(std::uint32_t window);

  // Window (24 bits), items in it (20), items taken (20): one word, so that a thread that comes
  // late can never take an item of another window for one of its own.
  std::atomic<std::uint64_t> ticket_{0};
  std::atomic<std::uint32_t> done_{0};
  std::atomic<bool> closed_{false};
  const std::function<void(std::uint32_t)>* item_ = nullptr;
  bool alone_;
};

}  // namespace isobar::timing
