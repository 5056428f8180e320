#include "opencl/svm/allocations.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <vector>

#include "opencl/memory/memory.h"

namespace isobar::opencl {
namespace {

struct Allocation {
  Ref<_cl_context> context;  // lives as long as its memory does
  std::size_t size = 0;
  std::vector<const std::byte*> mapped;
};

/// All allocations of all contexts, by address. Never destroyed: queues may still be at work when
/// the process ends.
struct Table {
  std::mutex mutex;
  std::map<const std::byte*, Allocation> allocations;

  static Table& instance() {
    static auto* table = new Table;
    return *table;
  }
  /// The entry that holds the pointer, or ends there; the caller holds the lock.
  auto find(const _cl_context& context, const void* pointer) {
    const auto* at = static_cast<const std::byte*>(pointer);
    auto entry = allocations.upper_bound(at);
    if (entry == allocations.begin()) return allocations.end();
    --entry;
    const auto skipped = static_cast<std::size_t>(at - entry->first);
    const bool good = skipped <= entry->second.size && entry->second.context.get() == &context;
    return good ? entry : allocations.end();
  }
};

simt::GlobalMemory& memory() { return the_device().machine->memory(); }

constexpr cl_svm_mem_flags kAccess = CL_MEM_READ_WRITE | CL_MEM_WRITE_ONLY | CL_MEM_READ_ONLY;

/// Null for everything that section 5.6 lists under "clSVMAlloc will fail if".
void* allocate_svm(cl_context handle, cl_svm_mem_flags flags, std::size_t size,
                   std::size_t alignment) {
  _cl_context& context = valid(handle);
  require_svm();
  require((flags & ~(kAccess | CL_MEM_SVM_FINE_GRAIN_BUFFER)) == 0, CL_INVALID_VALUE);
  require(std::popcount(flags & kAccess) <= 1, CL_INVALID_VALUE);
  require(size > 0 && size <= largest_allocation(), CL_INVALID_BUFFER_SIZE);
  require(alignment == 0 || std::has_single_bit(alignment), CL_INVALID_VALUE);
  require(alignment <= kMemoryAlignment, CL_INVALID_VALUE);
  const auto address = memory().allocate(Bytes(size), Bytes(kMemoryAlignment));
  if (!address) throw ApiError{CL_MEM_OBJECT_ALLOCATION_FAILURE};
  std::byte* begin = memory().host(*address);
  Table& table = Table::instance();
  const std::lock_guard lock(table.mutex);
  table.allocations.emplace(begin, Allocation{Ref(context), size, {}});
  return begin;
}

}  // namespace

cl_device_svm_capabilities svm_capabilities() {
  return memory().is_shared() ? CL_DEVICE_SVM_COARSE_GRAIN_BUFFER | CL_DEVICE_SVM_FINE_GRAIN_BUFFER
                              : 0;
}

void require_svm() { require(svm_capabilities() != 0, CL_INVALID_OPERATION); }

std::optional<SvmRange> find_svm(const _cl_context& context, const void* pointer) {
  Table& table = Table::instance();
  const std::lock_guard lock(table.mutex);
  const auto entry = table.find(context, pointer);
  if (entry == table.allocations.end()) return {};
  return SvmRange{const_cast<std::byte*>(entry->first), entry->second.size};
}

void require_svm_range(const _cl_context& context, const void* pointer, std::size_t size) {
  const auto range = find_svm(context, pointer);
  require(range.has_value(), CL_INVALID_VALUE);
  const auto skipped =
      static_cast<std::size_t>(static_cast<const std::byte*>(pointer) - range->begin);
  require(size <= range->size - skipped, CL_INVALID_VALUE);
}

bool free_svm(const _cl_context& context, const void* pointer) {
  Table& table = Table::instance();
  Allocation freed;  // ends after the lock, and with it perhaps the context
  {
    const std::lock_guard lock(table.mutex);
    const auto entry = table.allocations.find(static_cast<const std::byte*>(pointer));
    if (entry == table.allocations.end() || entry->second.context.get() != &context) return false;
    freed = std::move(entry->second);
    table.allocations.erase(entry);
  }
  memory().free(DeviceAddress(reinterpret_cast<std::uintptr_t>(pointer)));
  return true;
}

void add_svm_mapping(const _cl_context& context, const void* pointer) {
  Table& table = Table::instance();
  const std::lock_guard lock(table.mutex);
  const auto entry = table.find(context, pointer);
  require(entry != table.allocations.end(), CL_INVALID_VALUE);
  entry->second.mapped.push_back(static_cast<const std::byte*>(pointer));
}

bool take_svm_mapping(const _cl_context& context, const void* pointer) {
  Table& table = Table::instance();
  const std::lock_guard lock(table.mutex);
  const auto entry = table.find(context, pointer);
  if (entry == table.allocations.end()) return false;
  auto& mapped = entry->second.mapped;
  const auto found = std::ranges::find(mapped, static_cast<const std::byte*>(pointer));
  if (found == mapped.end()) return false;
  mapped.erase(found);
  return true;
}

namespace api {

void* CL_API_CALL clSVMAlloc(cl_context context, cl_svm_mem_flags flags, std::size_t size,
                             cl_uint alignment) {
  return creating(nullptr, [&] { return allocate_svm(context, flags, size, alignment); });
}

void CL_API_CALL clSVMFree(cl_context handle, void* pointer) {
  (void)guarded([&] {
    _cl_context& context = valid(handle);
    if (pointer == nullptr || svm_capabilities() == 0 || free_svm(context, pointer)) return;
    context.report(fmt::format(
        "isobar: clSVMFree: {} is not what clSVMAlloc returned for this context, or it has been "
        "freed before\n",
        pointer));
  });
}

}  // namespace api
}  // namespace isobar::opencl
