#include "simt/thread_pool.h"

#include <pthread.h>

#include <forward_list>
#include <memory>
#include <system_error>

namespace isobar::simt {

namespace {

/// Holds the pool of this process. A forked child has none of its parent's threads, and whatever
/// they held at the fork stays held: it leaves that pool alone for ever and gets its own.
struct PoolOfProcess {
  PoolOfProcess() {
    self = this;
    ::pthread_atfork(nullptr, nullptr, [] {
      self->of_ancestors.push_front(self->pool.release());
      self->pool = std::make_unique<ThreadPool>();
    });
  }
  static inline PoolOfProcess* self = nullptr;
  std::unique_ptr<ThreadPool> pool = std::make_unique<ThreadPool>();
  std::forward_list<ThreadPool*> of_ancestors;  // still reachable, never used
};

}  // namespace

ThreadPool& ThreadPool::instance() {
  static PoolOfProcess holder;
  return *holder.pool;
}

ThreadPool::~ThreadPool() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  begin_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::grow(unsigned threads) {
  while (threads_.size() < threads) {
    try {
      threads_.emplace_back([this] { serve(); });
    } catch (const std::system_error&) {
      return;  // the machine gives no more: fewer do the work
    }
  }
}

void ThreadPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    begin_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (closing_) return;
    Job& job = *jobs_.front();
    ++job.running;
    if (--job.wanted == 0) jobs_.pop_front();
    lock.unlock();
    (*job.work)();
    lock.lock();
    if (--job.running == 0) job.ended.notify_one();
  }
}

void ThreadPool::share(unsigned helpers, const std::function<void()>& work) {
  if (helpers == 0) return work();
  Job job;
  job.work = &work;
  job.wanted = helpers;
  {
    const std::scoped_lock lock(mutex_);
    grow(helpers);
    jobs_.push_back(&job);
  }
  for (unsigned h = 0; h < helpers; ++h) begin_.notify_one();
  work();
  std::unique_lock lock(mutex_);
  if (job.wanted != 0) jobs_.remove(&job);  // those that have not begun need not
  job.ended.wait(lock, [&] { return job.running == 0; });
}

}  // namespace isobar::simt
