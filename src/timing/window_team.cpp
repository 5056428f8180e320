#include "timing/window_team.h"

#include <exception>
#include <thread>

#include "simt/thread_pool.h"

namespace isobar::timing {
namespace {

constexpr int kSpins = 4000;  // some microseconds: longer than most windows take

void pause(int& spins) {
  if (++spins < kSpins) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  } else {
    std::this_thread::yield();
  }
}

}  // namespace

WindowTeam::WindowTeam(unsigned threads, std::uint32_t items) : threads_(threads) {
  if (threads > 1) claims_ = std::make_unique<Claim[]>(items);
}

void WindowTeam::with(unsigned threads, std::uint32_t items,
                      const std::function<void(WindowTeam&)>& body) {
  WindowTeam team(threads, items);
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

void WindowTeam::run(std::uint32_t count, const std::function<void(std::uint32_t)>& item) {
  if (threads_ <= 1 || count <= 1) {
    for (std::uint32_t i = 0; i < count; ++i) item(i);
    return;
  }
  item_ = &item;
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t number = (window_.load(std::memory_order_relaxed) >> kCountBits) + 1;
  window_.store(number << kCountBits | count, std::memory_order_release);
  work_on(number << kCountBits | count, 0);
  for (int spins = 0; done_.load(std::memory_order_acquire) != count;) pause(spins);
}

bool WindowTeam::claim(std::uint32_t item, std::uint64_t window) {
  std::uint64_t last = claims_[item].window.load(std::memory_order_relaxed);
  return last < window && claims_[item].window.compare_exchange_strong(
                              last, window, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void WindowTeam::work_on(std::uint64_t window, unsigned self) {
  const auto count = static_cast<std::uint32_t>(window & ((1U << kCountBits) - 1));
  const auto take = [&](std::uint32_t i) {
    if (!claim(i, window)) return;
    (*item_)(i);
    done_.fetch_add(1, std::memory_order_release);
  };
  for (std::uint32_t i = self; i < count; i += threads_) take(i);
  for (std::uint32_t i = 0; i < count; ++i) take(i);
}

void WindowTeam::help(unsigned self) {
  std::uint64_t seen = 0;
  for (int spins = 0; !closed_.load(std::memory_order_acquire);) {
    const std::uint64_t window = window_.load(std::memory_order_acquire);
    if (window == seen) {
      pause(spins);
      continue;
    }
    seen = window;
    work_on(window, self);
    spins = 0;
  }
}

}  // namespace isobar::timing
