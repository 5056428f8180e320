#include "opencl/object.h"

#include <deque>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace isobar::opencl {
namespace {

struct Register {
  std::shared_mutex mutex;
  std::unordered_map<const void*, Kind> handles;
};

/// Never destroyed: worker threads and other libraries' destructors may still call us at exit.
Register& live_handles() {
  static auto* instance = new Register;
  return *instance;
}

constexpr std::size_t kRemains = 1000;

struct Graveyard {
  std::mutex mutex;
  std::deque<Object*> remains;  // oldest first
};

Graveyard& graveyard() {
  static auto* instance = new Graveyard;
  return *instance;
}

}  // namespace

void bury(Object* remains) {
  Graveyard& all = graveyard();
  const std::lock_guard lock(all.mutex);
  all.remains.push_back(remains);
  if (all.remains.size() <= kRemains) return;
  ::operator delete(all.remains.front());
  all.remains.pop_front();
}

void register_handle(const void* handle, Kind kind) {
  Register& all = live_handles();
  const std::unique_lock lock(all.mutex);
  all.handles[handle] = kind;
}

void forget_handle(const void* handle) {
  Register& all = live_handles();
  const std::unique_lock lock(all.mutex);
  all.handles.erase(handle);
}

bool is_live(const void* handle, Kind kind) {
  Register& all = live_handles();
  const std::shared_lock lock(all.mutex);
  const auto found = all.handles.find(handle);
  return found != all.handles.end() && found->second == kind;
}

}  // namespace isobar::opencl
