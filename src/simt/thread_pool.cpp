#include "simt/thread_pool.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace isobar::simt {

ThreadPool& ThreadPool::instance() {
  static ThreadPool pool;
  return pool;
}

ThreadPool::ThreadPool() : process_(::getpid()) {}

ThreadPool::~ThreadPool() {
  const bool forked = process_ != ::getpid();
  if (!forked) {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  begin_.notify_all();
  for (std::thread& thread : threads_) {
    // After a fork the threads are the parent's: there is nobody to wait for.
    if (forked) {
      thread.detach();
    } else {
      thread.join();
    }
  }
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
