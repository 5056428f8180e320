#include "timing/window_team.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "simt/thread_pool.h"

namespace isobar::timing {
namespace {

// How often a thread looks again before it lets others run: tens of microseconds, longer than most
// windows take. Where threads outnumber the host's cores, who is waited for may be waiting for this
// one's core.
constexpr int kSpins = 1000, kSpinsOfTooMany = 10;
// Items at the end of a list that its thread keeps, although another has nothing to do: fetching
// their state and bringing it back takes as long as they do.
constexpr std::uint32_t kSpared = 1;

Side other(Side side) { return side == Side::kCores ? Side::kPartitions : Side::kCores; }

std::uint64_t progress_code(std::uint64_t stretch, unsigned window) {
  return stretch * (WindowTeam::kMostWindows + 1) + window;
}

}  // namespace

WindowTeam::WindowTeam(unsigned threads, std::array<std::uint32_t, kSides> sizes)
    : threads_(threads),
      spins_(threads <= std::thread::hardware_concurrency() ? kSpins : kSpinsOfTooMany),
      shares_(threads) {
  if (threads == 1) return;
  for (std::size_t side = 0; side < kSides; ++side)
    progress_[side] = std::vector<Progress>(sizes[side]);
}

void WindowTeam::with(unsigned threads, std::array<std::uint32_t, kSides> sizes,
                      const std::function<void(WindowTeam&)>& body) {
  WindowTeam team(std::max(1U, threads), sizes);
  if (threads <= 1) return body(team);
  std::exception_ptr error;
  std::atomic<unsigned> arrived{0};
  simt::ThreadPool::instance().share(threads - 1, [&] {
    const unsigned self = arrived.fetch_add(1);
    if (self != 0) return team.help(self);
    try {
      body(team);
    } catch (...) {
      error = std::current_exception();
    }
    team.closed_.store(true, std::memory_order_release);
  });
  if (error) std::rethrow_exception(error);
}

void WindowTeam::assign(unsigned thread, Side side, std::span<const std::uint32_t> numbers) {
  shares_[thread].numbers[static_cast<std::size_t>(side)].assign(numbers.begin(), numbers.end());
}

template <class Function>
void WindowTeam::for_each_step(Function&& function) const {
  const unsigned windows = stretch_.windows.load(std::memory_order_relaxed);
  Side side = Side::kCores;
  for (unsigned window = 1; window <= windows; ++window) {
    if (!function(Step{side, window})) return;
    side = other(side);
    if (!function(Step{side, window})) return;
  }
}

void WindowTeam::run(unsigned windows, WindowWork& work) {
  stretch_.windows.store(windows, std::memory_order_relaxed);
  stretch_.work = &work;
  if (threads_ == 1) {
    for_each_step([&](Step step) {
      work.distribute(step.side, 0, step.window);
      for (const std::uint32_t number : shares_[0].numbers[static_cast<std::size_t>(step.side)])
        work.simulate(step.side, number, {0, step.window});
      return true;
    });
    return;
  }
  const std::uint64_t stretch = stretch_.number.load(std::memory_order_relaxed) + 1;
  for_each_step([&](Step step) {
    std::size_t count = threads_;
    for (Share& share : shares_) count += share.numbers[static_cast<std::size_t>(step.side)].size();
    left_[step.index()].value.store(static_cast<std::uint32_t>(count), std::memory_order_relaxed);
    return true;
  });
  for (Share& share : shares_) {
    for_each_step([&](Step step) {
      const std::size_t count = 1 + share.numbers[static_cast<std::size_t>(step.side)].size();
      share.next[step.index()].store(stretch << (2 * kBits) | count << kBits,
                                     std::memory_order_release);
      return true;
    });
  }
  stretch_.number.store(stretch, std::memory_order_release);
  work_on(stretch, 0);
  for (const Side side : {Side::kCores, Side::kPartitions}) {
    const std::atomic<std::uint32_t>& left = left_[Step{side, windows}.index()].value;
    wait_until([&] { return left.load(std::memory_order_acquire) == 0; }, stretch, 0);
  }
}

void WindowTeam::begin_errand(std::function<void()> errand) {
  errand_.what = std::move(errand);
  errand_.state.store(Errand::kOffered, std::memory_order_release);
}

void WindowTeam::finish_errand() {
  if (take_errand()) {
    errand_.what();
  } else {
    for (int spins = 0; errand_.state.load(std::memory_order_acquire) == Errand::kTaken;)
      pause(spins);
  }
  errand_.state.store(Errand::kNone, std::memory_order_relaxed);
}

void WindowTeam::pause(int& spins) const {
  if (++spins < spins_) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  } else {
    std::this_thread::yield();
  }
}

bool WindowTeam::take_errand() {
  Errand offered = Errand::kOffered;
  return errand_.state.load(std::memory_order_relaxed) == offered &&
         errand_.state.compare_exchange_strong(offered, Errand::kTaken, std::memory_order_acquire,
                                               std::memory_order_relaxed);
}

/// Whether all that the step needs of the other side is there.
bool WindowTeam::is_ready(Step step) const {
  if (step.window == 1) return true;
  const Step before{other(step.side), step.window - 1};
  return left_[before.index()].value.load(std::memory_order_acquire) == 0;
}

void WindowTeam::work_on(std::uint64_t stretch, unsigned self) {
  for_each_step([&](Step step) {
    wait_until([&] { return is_ready(step); }, stretch, self);
    return work_through(shares_[self], step, stretch, self, 0);
  });
  take_over(stretch, self, kSpared);
}

template <class Function>
void WindowTeam::wait_until(Function&& there, std::uint64_t stretch, unsigned self) {
  for (int spins = 0; !there();) {
    pause(spins);
    if (spins >= spins_) {
      take_over(stretch, self, 0);
    } else if (const unsigned away = errand_.thread.load(std::memory_order_relaxed); away != 0) {
      take_over(shares_[away], stretch, self, 0);
    }
  }
}

/// What others have not begun, except for the last `spare` items of a list, and of what comes after
/// those nothing.
void WindowTeam::take_over(std::uint64_t stretch, unsigned self, std::uint32_t spare) {
  for (unsigned i = 1; i < threads_; ++i)
    take_over(shares_[(self + i) % threads_], stretch, self, spare);
}

void WindowTeam::take_over(Share& share, std::uint64_t stretch, unsigned self,
                           std::uint32_t spare) {
  for_each_step(
      [&](Step step) { return is_ready(step) && work_through(share, step, stretch, self, spare); });
}

bool WindowTeam::work_through(Share& share, Step step, std::uint64_t stretch, unsigned self,
                              std::uint32_t spare) {
  std::uint32_t done = 0;
  std::atomic<std::uint64_t>& word = share.next[step.index()];
  std::uint64_t next = word.load(std::memory_order_acquire);
  while (next >> (2 * kBits) == stretch && (next & kMask) + spare < (next >> kBits & kMask)) {
    if (!word.compare_exchange_weak(next, next + 1, std::memory_order_acq_rel,
                                    std::memory_order_acquire))
      continue;
    do_item(share, step, static_cast<std::uint32_t>(next & kMask), stretch, self);
    ++done;
    ++next;
  }
  if (done != 0) left_[step.index()].value.fetch_sub(done, std::memory_order_acq_rel);
  return next >> (2 * kBits) == stretch && (next & kMask) == (next >> kBits & kMask);
}

void WindowTeam::do_item(Share& share, Step step, std::uint32_t item, std::uint64_t stretch,
                         unsigned self) {
  const std::vector<std::uint32_t>& numbers = share.numbers[static_cast<std::size_t>(step.side)];
  std::atomic<std::uint64_t>& distributed = share.distributed[step.index()];
  if (item == 0) {
    for (const std::uint32_t number : numbers)
      wait_for(stretch, step.side, number, step.window - 1);
    stretch_.work->distribute(step.side, static_cast<unsigned>(owner_of(share)), step.window);
    distributed.store(stretch, std::memory_order_release);
    return;
  }
  const std::uint32_t number = numbers[item - 1];
  for (int spins = 0; distributed.load(std::memory_order_acquire) != stretch;) pause(spins);
  wait_for(stretch, step.side, number, step.window - 1);
  stretch_.work->simulate(step.side, number, {self, step.window});
  progress(step.side, number).store(progress_code(stretch, step.window), std::memory_order_release);
}

/// Until a core or a partition has been simulated to the end of a window, by whomever.
void WindowTeam::wait_for(std::uint64_t stretch, Side side, std::uint32_t number, unsigned window) {
  if (window == 0) return;  // of the stretch before
  const std::atomic<std::uint64_t>& at = progress(side, number);
  for (int spins = 0; at.load(std::memory_order_acquire) != progress_code(stretch, window);)
    pause(spins);
}

void WindowTeam::help(unsigned self) {
  std::uint64_t seen = 0;
  for (int spins = 0; !closed_.load(std::memory_order_acquire);) {
    if (take_errand()) {
      errand_.thread.store(self, std::memory_order_relaxed);
      errand_.what();
      errand_.thread.store(0, std::memory_order_relaxed);
      errand_.state.store(Errand::kDone, std::memory_order_release);
    }
    const std::uint64_t stretch = stretch_.number.load(std::memory_order_acquire);
    if (stretch == seen) {
      pause(spins);
      continue;
    }
    seen = stretch;
    work_on(stretch, self);
    spins = 0;
  }
}

}  // namespace isobar::timing
