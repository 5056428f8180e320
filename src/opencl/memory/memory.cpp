#include "opencl/memory/memory.h"

#include <bit>
#include <cstring>

#include "opencl/info.h"
#include "opencl/svm/allocations.h"

_cl_mem::~_cl_mem() {
  if (owns_memory) isobar::opencl::the_device().machine->memory().free(address);
  for (auto callback = destructor_callbacks.rbegin(); callback != destructor_callbacks.rend();
       ++callback)
    callback->first(this, callback->second);
}

std::byte* _cl_mem::bytes() const {
  return isobar::opencl::the_device().machine->memory().host(address);
}

namespace isobar::opencl {

void require_range(const _cl_mem& buffer, std::size_t offset, std::size_t size) {
  require(size > 0 && offset <= buffer.size && size <= buffer.size - offset, CL_INVALID_VALUE);
}

std::size_t largest_allocation() {
  cl_ulong largest = 0;
  (void)api::clGetDeviceInfo(&the_device(), CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof largest, &largest,
                             nullptr);
  return largest;
}

_cl_mem& valid_in(const _cl_context& context, cl_mem handle) {
  _cl_mem& buffer = valid(handle);
  require(buffer.context.get() == &context, CL_INVALID_CONTEXT);
  return buffer;
}

namespace {

const InfoRow<_cl_mem> kMemoryInfo[] = {
    {CL_MEM_TYPE, [](const _cl_mem&) { return Answer(cl_mem_object_type{CL_MEM_OBJECT_BUFFER}); }},
    {CL_MEM_FLAGS, [](const _cl_mem& m) { return Answer(m.flags); }},
    {CL_MEM_SIZE, [](const _cl_mem& m) { return Answer(m.size); }},
    {CL_MEM_HOST_PTR, [](const _cl_mem& m) { return Answer(m.host_pointer); }},
    {CL_MEM_MAP_COUNT,
     [](const _cl_mem& m) {
       const std::lock_guard lock(m.mutex);
       return Answer(static_cast<cl_uint>(m.mappings.size()));
     }},
    {CL_MEM_REFERENCE_COUNT, [](const _cl_mem& m) { return Answer(m.program_references.load()); }},
    {CL_MEM_CONTEXT, [](const _cl_mem& m) { return Answer(m.context.get()); }},
    {CL_MEM_ASSOCIATED_MEMOBJECT, [](const _cl_mem& m) { return Answer(m.parent.get()); }},
    {CL_MEM_OFFSET, [](const _cl_mem& m) { return Answer(m.origin); }},
    {CL_MEM_USES_SVM_POINTER,
     [](const _cl_mem& m) { return Answer(cl_bool{m.uses_svm ? 1U : 0U}); }},
    {CL_MEM_PROPERTIES, [](const _cl_mem& m) { return Answer(m.property_list); }},
};

constexpr cl_mem_flags kDeviceAccess = CL_MEM_READ_WRITE | CL_MEM_WRITE_ONLY | CL_MEM_READ_ONLY;
constexpr cl_mem_flags kHostAccess =
    CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS;
constexpr cl_mem_flags kHostPointer =
    CL_MEM_USE_HOST_PTR | CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR;

void check_flags(cl_mem_flags flags, cl_mem_flags allowed) {
  require((flags & ~allowed) == 0, CL_INVALID_VALUE);
  require(std::popcount(flags & kDeviceAccess) <= 1, CL_INVALID_VALUE);
  require(std::popcount(flags & kHostAccess) <= 1, CL_INVALID_VALUE);
  if ((flags & CL_MEM_USE_HOST_PTR) != 0)
    require((flags & (CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR)) == 0, CL_INVALID_VALUE);
}

/// Whether the context's shared virtual memory holds the range. Throws CL_INVALID_BUFFER_SIZE where
/// it only begins there.
bool lies_in_svm(const _cl_context& context, const void* pointer, std::size_t size) {
  const auto range = pointer != nullptr ? find_svm(context, pointer) : std::nullopt;
  if (!range) return false;
  const auto skipped =
      static_cast<std::size_t>(static_cast<const std::byte*>(pointer) - range->begin);
  require(size <= range->size - skipped, CL_INVALID_BUFFER_SIZE);
  return true;
}

cl_mem make_buffer(cl_context handle, cl_mem_flags flags, std::size_t size, void* host_pointer) {
  _cl_context& context = valid(handle);
  check_flags(flags, kDeviceAccess | kHostAccess | kHostPointer);
  require(size > 0 && size <= largest_allocation(), CL_INVALID_BUFFER_SIZE);
  const bool needs_pointer = (flags & (CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR)) != 0;
  require(needs_pointer == (host_pointer != nullptr), CL_INVALID_HOST_PTR);

  const bool is_svm = lies_in_svm(context, host_pointer, size);
  const bool shares = is_svm && (flags & CL_MEM_USE_HOST_PTR) != 0;
  const auto address =
      shares ? std::optional(DeviceAddress(reinterpret_cast<std::uintptr_t>(host_pointer)))
             : the_device().machine->memory().allocate(Bytes(size), Bytes(kMemoryAlignment));
  if (!address) throw ApiError{CL_MEM_OBJECT_ALLOCATION_FAILURE};
  auto* buffer = make<_cl_mem>(context);
  buffer->flags = (flags & kDeviceAccess) == 0 ? flags | CL_MEM_READ_WRITE : flags;
  buffer->size = size;
  buffer->address = *address;
  buffer->owns_memory = !shares;
  buffer->uses_svm = shares;
  if ((flags & CL_MEM_USE_HOST_PTR) != 0) buffer->host_pointer = host_pointer;
  if (host_pointer != nullptr && !shares) std::memcpy(buffer->bytes(), host_pointer, size);
  return buffer;
}

/// A sub-buffer takes over what the flags do not say.
cl_mem_flags inherited_flags(cl_mem_flags flags, cl_mem_flags parent) {
  check_flags(flags, kDeviceAccess | kHostAccess);
  if ((parent & CL_MEM_WRITE_ONLY) != 0)
    require((flags & (CL_MEM_READ_WRITE | CL_MEM_READ_ONLY)) == 0, CL_INVALID_VALUE);
  if ((parent & CL_MEM_READ_ONLY) != 0)
    require((flags & (CL_MEM_READ_WRITE | CL_MEM_WRITE_ONLY)) == 0, CL_INVALID_VALUE);
  if ((parent & CL_MEM_HOST_WRITE_ONLY) != 0)
    require((flags & CL_MEM_HOST_READ_ONLY) == 0, CL_INVALID_VALUE);
  if ((parent & CL_MEM_HOST_READ_ONLY) != 0)
    require((flags & CL_MEM_HOST_WRITE_ONLY) == 0, CL_INVALID_VALUE);
  if ((parent & CL_MEM_HOST_NO_ACCESS) != 0)
    require((flags & (CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_WRITE_ONLY)) == 0, CL_INVALID_VALUE);
  if ((flags & kDeviceAccess) == 0) flags |= parent & kDeviceAccess;
  if ((flags & kHostAccess) == 0) flags |= parent & kHostAccess;
  return flags | (parent & kHostPointer);
}

}  // namespace

namespace api {

cl_mem CL_API_CALL clCreateBuffer(cl_context context, cl_mem_flags flags, std::size_t size,
                                  void* host_pointer, cl_int* errcode_ret) {
  return creating(errcode_ret, [&] { return make_buffer(context, flags, size, host_pointer); });
}

cl_mem CL_API_CALL clCreateBufferWithProperties(cl_context context,
                                                const cl_mem_properties* properties,
                                                cl_mem_flags flags, std::size_t size,
                                                void* host_pointer, cl_int* errcode_ret) {
  return creating(errcode_ret, [&] {
    (void)valid(context);
    require(properties == nullptr || *properties == 0, CL_INVALID_PROPERTY);
    cl_mem buffer = make_buffer(context, flags, size, host_pointer);
    if (properties != nullptr) buffer->property_list = {0};
    return buffer;
  });
}

cl_mem CL_API_CALL clCreateSubBuffer(cl_mem handle, cl_mem_flags flags, cl_buffer_create_type type,
                                     const void* info, cl_int* errcode_ret) {
  return creating(errcode_ret, [&]() -> cl_mem {
    _cl_mem& parent = valid(handle);
    require(!parent.parent, CL_INVALID_MEM_OBJECT);
    require(type == CL_BUFFER_CREATE_TYPE_REGION && info != nullptr, CL_INVALID_VALUE);
    const cl_mem_flags combined = inherited_flags(flags, parent.flags);
    const auto region = *static_cast<const cl_buffer_region*>(info);
    require(region.size > 0, CL_INVALID_BUFFER_SIZE);
    require_range(parent, region.origin, region.size);
    require(region.origin % kMemoryAlignment == 0, CL_MISALIGNED_SUB_BUFFER_OFFSET);
    auto* buffer = make<_cl_mem>(*parent.context);
    buffer->parent = Ref(parent);
    buffer->flags = combined;
    buffer->size = region.size;
    buffer->origin = region.origin;
    buffer->address = parent.address + Bytes(region.origin);
    buffer->uses_svm = parent.uses_svm;
    if (parent.host_pointer != nullptr)
      buffer->host_pointer = static_cast<std::byte*>(parent.host_pointer) + region.origin;
    return buffer;
  });
}

cl_int CL_API_CALL clRetainMemObject(cl_mem handle) { return retain(handle); }
cl_int CL_API_CALL clReleaseMemObject(cl_mem handle) { return release(handle); }

cl_int CL_API_CALL clGetMemObjectInfo(cl_mem handle, cl_mem_info name, std::size_t size,
                                      void* value, std::size_t* size_ret) {
  return guarded([&] { answer_from(kMemoryInfo, valid(handle), name, size, value, size_ret); });
}

cl_int CL_API_CALL clSetMemObjectDestructorCallback(cl_mem handle, _cl_mem::Destroyed callback,
                                                    void* user_data) {
  return guarded([&] {
    _cl_mem& buffer = valid(handle);
    require(callback != nullptr, CL_INVALID_VALUE);
    const std::lock_guard lock(buffer.mutex);
    buffer.destructor_callbacks.emplace_back(callback, user_data);
  });
}

cl_int CL_API_CALL clGetSupportedImageFormats(cl_context context, cl_mem_flags, cl_mem_object_type,
                                              cl_uint, cl_image_format*, cl_uint* num_formats) {
  return guarded([&] {
    (void)valid(context);
    if (num_formats != nullptr) *num_formats = 0;
  });
}

}  // namespace api
}  // namespace isobar::opencl
