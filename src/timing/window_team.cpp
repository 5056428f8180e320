#include "timing/window_team.h"

#include <exception>
#include <thread>

#include "simt/thread_pool.h"

namespace isobar::timing {
namespace {

constexpr unsigned kTakenBits = 20, kCountBits = 20;
constexpr std::uint64_t kTakenMask = (std::uint64_t{1} << kTakenBits) - 1;
constexpr int kSpins = 4000;  // some microseconds: longer than most windows take

std::uint32_t window_of(std::uint64_t ticket) {
  return static_cast<std::uint32_t>(ticket >> (kTakenBits + kCountBits));
}
std::uint64_t count_of(std::uint64_t ticket) {
  return ticket >> kTakenBits & ((std::uint64_t{1} << kCountBits) - 1);
}

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

void WindowTeam::with(unsigned threads, const std::function<void(WindowTeam&)>& body) {
  WindowTeam team(threads <= 1);
  if (team.alone_) return body(team);
  std::exception_ptr error;
  std::atomic<bool> has_leader{false};
  simt::ThreadPool::instance().share(threads - 1, [&] {
    if (has_leader.exchange(true)) return team.help();
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
  if (alone_ || count <= 1) {
    for (std::uint32_t i = 0; i < count; ++i) item(i);
    return;
  }
  item_ = &item;
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t window =
      (window_of(ticket_.load(std::memory_order_relaxed)) + 1U) & 0xffffffU;
  ticket_.store((window << kCountBits | count) << kTakenBits, std::memory_order_release);
  work_on(static_cast<std::uint32_t>(window));
  for (int spins = 0; done_.load(std::memory_order_acquire) != count;) pause(spins);
}

/// Takes items of one window until there are none. False: it was over before.
bool WindowTeam::work_on(std::uint32_t window) {
  bool any = false;
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  for (;;) {
    if (window_of(ticket) != window || (ticket & kTakenMask) >= count_of(ticket)) return any;
    if (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel,
                                       std::memory_order_acquire))
      continue;
    (*item_)(static_cast<std::uint32_t>(ticket & kTakenMask));
    done_.fetch_add(1, std::memory_order_release);
    any = true;
    ticket = ticket_.load(std::memory_order_acquire);
  }
}

void WindowTeam::help() {
  for (int spins = 0; !closed_.load(std::memory_order_acquire);) {
    if (work_on(window_of(ticket_.load(std::memory_order_acquire))))
      spins = 0;
    else
      pause(spins);
  }
}

}  // namespace isobar::timing
