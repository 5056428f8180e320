// Host threads that simulate a chip together: a stretch of windows at a time, in each of which
// every core and every partition of the memory is simulated once. The caller works too, so it never
// depends on a thread that has not come.
//
// The two sides meet only through what takes a window to arrive. So cores need what partitions did
// in the window before, partitions what cores did there, and neither needs more: there is no
// barrier between the windows of a stretch. A thread does cores and partitions of a window in turn,
// and begins with the other side in the next one:
//   cores 1, partitions 1, partitions 2, cores 2, cores 3, partitions 3, partitions 4, cores 4
// so that what it needs of the others is one step behind what they do now, and a thread that had
// more to do in one window can make up for it in the next.
//
// Cores and partitions have large states: each thread has a list of its own, so that what it had
// in its caches is of use, and takes over what others have not begun only at the end of a stretch,
// or if they keep it waiting for long.
//
// One helper can be lent for an errand that lasts through many stretches. The others take over its
// lists for that time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace isobar::timing {

enum class Side : std::uint8_t { kCores, kPartitions };
inline constexpr std::size_t kSides = 2;

/// Who simulates, and in which window, counted from 1 within a stretch.
struct WindowTurn {
  unsigned thread = 0;
  unsigned window = 1;
};

/// What there is to do. Nothing of it throws.
class WindowWork {
 public:
  virtual ~WindowWork() = default;
  /// Before any simulate() of a side's members of `owner`, one of the threads, in the window.
  virtual void distribute(Side side, unsigned owner, unsigned window) = 0;
  virtual void simulate(Side side, std::uint32_t number, WindowTurn turn) = 0;
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what threads write has lines of its own
class WindowTeam {
 public:
  static constexpr unsigned kMostWindows = 4;

  /// Calls `body` on this thread, with up to threads - 1 helpers behind run(). `body` may throw.
  /// `sizes`: cores and partitions that there are, each below 2^15.
  static void with(unsigned threads, std::array<std::uint32_t, kSides> sizes,
                   const std::function<void(WindowTeam&)>& body);

  [[nodiscard]] unsigned threads() const { return threads_; }
  /// A thread's members of a side from the next run() on; those of nobody are not simulated.
  void assign(unsigned thread, Side side, std::span<const std::uint32_t> numbers);
  /// Simulates so many windows, 1 to kMostWindows; returns when all is done.
  void run(unsigned windows, WindowWork& work);

  /// Has a helper do something that does not throw, beside the stretches to come; nothing is done
  /// yet if there are no helpers. One errand at a time: finish_errand() must come before the next.
  void begin_errand(std::function<void()> errand);
  /// Returns when the errand is done: by the caller, if no helper has begun it.
  void finish_errand();

 private:
  /// One side in one window.
  struct Step {
    Side side = Side::kCores;
    unsigned window = 1;
    [[nodiscard]] std::size_t index() const {
      return (window - 1) * kSides + static_cast<std::size_t>(side);
    }
  };
  static constexpr std::size_t kSteps = kMostWindows * kSides;
  /// A thread's lists, and for each step how far its list has been begun: the number of the
  /// stretch, the length of the list and the next item in one word, so that a thread that comes
  /// late, with the number of a stretch that is over, takes nothing of a later one. Item 0 is
  /// distribute().
  struct alignas(64) Share {
    std::array<std::atomic<std::uint64_t>, kSteps> next{};
    std::array<std::atomic<std::uint64_t>, kSteps> distributed{};  // the last stretch
    std::array<std::vector<std::uint32_t>, kSides> numbers;
  };
  /// How far a core or a partition is: the stretch and the window.
  struct alignas(64) Progress {
    std::atomic<std::uint64_t> at{0};
  };
  struct alignas(64) Count {
    std::atomic<std::uint32_t> value{0};
  };
  static constexpr unsigned kBits = 16;
  static constexpr std::uint64_t kMask = (1U << kBits) - 1;

  WindowTeam(unsigned threads, std::array<std::uint32_t, kSides> sizes);
  void help(unsigned self);
  void work_on(std::uint64_t stretch, unsigned self);
  void take_over(std::uint64_t stretch, unsigned self, std::uint32_t spare);
  void take_over(Share& share, std::uint64_t stretch, unsigned self, std::uint32_t spare);
  /// Until the step's side is where it should be: the others' work, if they keep it waiting.
  template <class Function>
  void wait_until(Function&& there, std::uint64_t stretch, unsigned self);
  void pause(int& spins) const;
  bool take_errand();
  /// False: some items are left to their owner.
  bool work_through(Share& share, Step step, std::uint64_t stretch, unsigned self,
                    std::uint32_t spare);
  void do_item(Share& share, Step step, std::uint32_t item, std::uint64_t stretch, unsigned self);
  void wait_for(std::uint64_t stretch, Side side, std::uint32_t number, unsigned window);
  [[nodiscard]] bool is_ready(Step step) const;
  [[nodiscard]] std::atomic<std::uint64_t>& progress(Side side, std::uint32_t number) {
    return progress_[static_cast<std::size_t>(side)][number].at;
  }
  [[nodiscard]] std::uint64_t owner_of(const Share& share) const {
    return static_cast<std::uint64_t>(&share - shares_.data());
  }
  /// The steps of a stretch in the order in which a thread does them, until one returns false.
  template <class Function>
  void for_each_step(Function&& function) const;

  const unsigned threads_;
  const int spins_;  // without yielding
  std::vector<Share> shares_;
  std::array<std::vector<Progress>, kSides> progress_;
  std::array<Count, kSteps> left_{};  // items of each step that are not done
  struct alignas(64) {
    std::atomic<std::uint64_t> number{0};
    std::atomic<unsigned> windows{0};
    WindowWork* work = nullptr;
  } stretch_;
  enum class Errand : std::uint8_t { kNone, kOffered, kTaken, kDone };
  struct alignas(64) {
    std::atomic<Errand> state{Errand::kNone};
    std::atomic<unsigned> thread{0};  // that is away on it; 0: none
    std::function<void()> what;
  } errand_;
  std::atomic<bool> closed_{false};
};

}  // namespace isobar::timing
