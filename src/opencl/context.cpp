#include "opencl/context.h"

#include <cstdio>

#include "opencl/info.h"

_cl_context::~_cl_context() {
  for (auto callback = destructor_callbacks.rbegin(); callback != destructor_callbacks.rend();
       ++callback)
    callback->first(this, callback->second);
}

void _cl_context::report(const std::string& message) const {
  std::fputs(message.c_str(), stderr);
  if (notify != nullptr) notify(message.c_str(), nullptr, 0, notify_data);
}

namespace isobar::opencl {
namespace {

const InfoRow<_cl_context> kContextInfo[] = {
    {CL_CONTEXT_REFERENCE_COUNT,
     [](const _cl_context& c) { return Answer(c.program_references.load()); }},
    {CL_CONTEXT_NUM_DEVICES, [](const _cl_context&) { return Answer(cl_uint{1}); }},
    {CL_CONTEXT_DEVICES, [](const _cl_context&) { return Answer(&the_device()); }},
    {CL_CONTEXT_PROPERTIES, [](const _cl_context& c) { return Answer(c.properties); }},
};

/// The list as given, its final zero included. The platform may be named, once, and must be ours.
std::vector<cl_context_properties> checked_properties(const cl_context_properties* list) {
  std::vector<cl_context_properties> result;
  if (list == nullptr) return result;
  bool has_platform = false;
  bool has_sync = false;
  for (; *list != 0; list += 2) {
    if (list[0] == CL_CONTEXT_PLATFORM && !has_platform) {
      has_platform = true;
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the standard's list holds handles as integers
      (void)valid(reinterpret_cast<cl_platform_id>(list[1]));
    } else if (list[0] == CL_CONTEXT_INTEROP_USER_SYNC && !has_sync) {
      has_sync = true;
      require(list[1] == CL_TRUE || list[1] == CL_FALSE, CL_INVALID_PROPERTY);
    } else {
      throw ApiError{CL_INVALID_PROPERTY};
    }
    result.insert(result.end(), list, list + 2);
  }
  result.push_back(0);
  return result;
}

cl_context make_context(const cl_context_properties* properties, _cl_context::Notify notify,
                        void* user_data) {
  std::vector<cl_context_properties> checked = checked_properties(properties);
  require(notify != nullptr || user_data == nullptr, CL_INVALID_VALUE);
  auto* context = make<_cl_context>();
  context->properties = std::move(checked);
  context->notify = notify;
  context->notify_data = user_data;
  return context;
}

}  // namespace

namespace api {

cl_context CL_API_CALL clCreateContext(const cl_context_properties* properties, cl_uint num_devices,
                                       const cl_device_id* devices, _cl_context::Notify notify,
                                       void* user_data, cl_int* errcode_ret) {
  return creating(errcode_ret, [&] {
    require(devices != nullptr && num_devices > 0, CL_INVALID_VALUE);
    for (cl_uint i = 0; i < num_devices; ++i) (void)valid(devices[i]);
    return make_context(properties, notify, user_data);
  });
}

cl_context CL_API_CALL clCreateContextFromType(const cl_context_properties* properties,
                                               cl_device_type type, _cl_context::Notify notify,
                                               void* user_data, cl_int* errcode_ret) {
  return creating(errcode_ret, [&] {
    cl_device_id device = nullptr;
    const cl_int code = api::clGetDeviceIDs(&platform(), type, 1, &device, nullptr);
    require(code == CL_SUCCESS, code);
    return make_context(properties, notify, user_data);
  });
}

cl_int CL_API_CALL clRetainContext(cl_context handle) { return retain(handle); }
cl_int CL_API_CALL clReleaseContext(cl_context handle) { return release(handle); }

cl_int CL_API_CALL clGetContextInfo(cl_context handle, cl_context_info name, std::size_t size,
                                    void* value, std::size_t* size_ret) {
  return guarded([&] { answer_from(kContextInfo, valid(handle), name, size, value, size_ret); });
}

cl_int CL_API_CALL clSetContextDestructorCallback(cl_context handle,
                                                  _cl_context::Destroyed callback,
                                                  void* user_data) {
  return guarded([&] {
    _cl_context& context = valid(handle);
    require(callback != nullptr, CL_INVALID_VALUE);
    const std::lock_guard lock(context.mutex);
    context.destructor_callbacks.emplace_back(callback, user_data);
  });
}

}  // namespace api
}  // namespace isobar::opencl
