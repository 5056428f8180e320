// Host threads that outlive a launch: making one costs more than a small kernel takes. The caller
// of `share` works too and never waits for a thread that has not begun, so that progress depends on
// no helper: a launch of a few groups is done before the second thread wakes.
// A forked child gets a pool of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace isobar::simt {

class ThreadPool {
 public:
  /// The one of this process; a forked child has its own.
  static ThreadPool& instance();

  ThreadPool() = default;
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Runs `work` on the calling thread and on up to `helpers` others at the same time; returns when
  /// all that began have ended. `work` does not throw. Several callers at a time share the threads.
  void share(unsigned helpers, const std::function<void()>& work);

 private:
  struct Job {
    const std::function<void()>* work = nullptr;
    unsigned wanted = 0;   // helpers that may still begin
    unsigned running = 0;  // helpers that have begun and not ended
    std::condition_variable ended;
  };

  void serve();
  void grow(unsigned threads);

  std::mutex mutex_;
  std::condition_variable begin_;
  std::list<Job*> jobs_;
  std::vector<std::thread> threads_;
  bool closing_ = false;
};

}  // namespace isobar::simt
