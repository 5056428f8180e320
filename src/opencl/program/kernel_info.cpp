// What programs ask about kernels: their arguments, and how work-groups and sub-groups fall.
#include <algorithm>
#include <numeric>

#include "opencl/info.h"
#include "opencl/program/kernel.h"

namespace isobar::opencl {
namespace {

const InfoRow<_cl_kernel> kKernelInfo[] = {
    {CL_KERNEL_FUNCTION_NAME, [](const _cl_kernel& k) { return Answer::text(k.info->name); }},
    {CL_KERNEL_NUM_ARGS,
     [](const _cl_kernel& k) { return Answer(static_cast<cl_uint>(k.arguments.size())); }},
    {CL_KERNEL_REFERENCE_COUNT,
     [](const _cl_kernel& k) { return Answer(k.program_references.load()); }},
    {CL_KERNEL_CONTEXT, [](const _cl_kernel& k) { return Answer(k.program->context.get()); }},
    {CL_KERNEL_PROGRAM, [](const _cl_kernel& k) { return Answer(k.program.get()); }},
    {CL_KERNEL_ATTRIBUTES, [](const _cl_kernel& k) { return Answer::text(k.info->attributes); }},
};

const chip::CoreParameters& core() { return the_device().chip().core; }

Bytes local_bytes_now(const _cl_kernel& kernel) {
  const std::lock_guard lock(kernel.mutex);
  std::vector<device::ArgumentValue> values;
  values.reserve(kernel.arguments.size());
  for (const _cl_kernel::Argument& argument : kernel.arguments)
    values.push_back({{}, {}, Bytes(argument.local_size)});
  return device::local_memory_needed(*kernel.info, values);
}

std::vector<std::size_t> sizes(const std::array<std::uint64_t, 3>& from) {
  return {from.begin(), from.end()};
}

const InfoRow<_cl_kernel> kWorkGroupInfo[] = {
    {CL_KERNEL_WORK_GROUP_SIZE,
     [](const _cl_kernel&) { return Answer(std::size_t{core().max_work_group}); }},
    {CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
     [](const _cl_kernel& k) { return Answer(sizes(k.info->required_local_size)); }},
    {CL_KERNEL_LOCAL_MEM_SIZE,
     [](const _cl_kernel& k) { return Answer(cl_ulong{local_bytes_now(k).count()}); }},
    {CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE,
     [](const _cl_kernel&) { return Answer(std::size_t{core().lanes}); }},
    {CL_KERNEL_PRIVATE_MEM_SIZE,
     [](const _cl_kernel& k) { return Answer(cl_ulong{k.info->private_bytes}); }},
};

cl_kernel_arg_type_qualifier qualifiers(const elf::KernelArgument& argument) {
  cl_kernel_arg_type_qualifier bits = CL_KERNEL_ARG_TYPE_NONE;
  if (argument.is_const) bits |= CL_KERNEL_ARG_TYPE_CONST;
  if (argument.is_restrict) bits |= CL_KERNEL_ARG_TYPE_RESTRICT;
  if (argument.is_volatile) bits |= CL_KERNEL_ARG_TYPE_VOLATILE;
  return bits;
}

const InfoRow<elf::KernelArgument> kArgumentInfo[] = {
    {CL_KERNEL_ARG_ADDRESS_QUALIFIER,
     [](const elf::KernelArgument& a) {
       using enum elf::AddressQualifier;
       return Answer(static_cast<cl_kernel_arg_address_qualifier>(
           a.address == kGlobal     ? CL_KERNEL_ARG_ADDRESS_GLOBAL
           : a.address == kConstant ? CL_KERNEL_ARG_ADDRESS_CONSTANT
           : a.address == kLocal    ? CL_KERNEL_ARG_ADDRESS_LOCAL
                                    : CL_KERNEL_ARG_ADDRESS_PRIVATE));
     }},
    {CL_KERNEL_ARG_ACCESS_QUALIFIER,
     [](const elf::KernelArgument& a) {
       using enum elf::AccessQualifier;
       return Answer(static_cast<cl_kernel_arg_access_qualifier>(
           a.access == kReadOnly    ? CL_KERNEL_ARG_ACCESS_READ_ONLY
           : a.access == kWriteOnly ? CL_KERNEL_ARG_ACCESS_WRITE_ONLY
           : a.access == kReadWrite ? CL_KERNEL_ARG_ACCESS_READ_WRITE
                                    : CL_KERNEL_ARG_ACCESS_NONE));
     }},
    {CL_KERNEL_ARG_TYPE_NAME,
     [](const elf::KernelArgument& a) { return Answer::text(a.type_name); }},
    {CL_KERNEL_ARG_TYPE_QUALIFIER,
     [](const elf::KernelArgument& a) { return Answer(qualifiers(a)); }},
    {CL_KERNEL_ARG_NAME, [](const elf::KernelArgument& a) { return Answer::text(a.name); }},
};

/// The local size that a sub-group query is about, from its input.
std::size_t items_of(std::size_t input_size, const void* input) {
  require(input != nullptr && input_size > 0 && input_size % sizeof(std::size_t) == 0 &&
              input_size <= 3 * sizeof(std::size_t),
          CL_INVALID_VALUE);
  const auto* begin = static_cast<const std::size_t*>(input);
  return std::accumulate(begin, begin + input_size / sizeof(std::size_t), std::size_t{1},
                         std::multiplies<>());
}

/// Up to three dimensions of a local size that holds so many sub-groups, or zeros.
Answer local_size_for(std::size_t input_size, const void* input, std::size_t size) {
  require(input != nullptr && input_size == sizeof(std::size_t), CL_INVALID_VALUE);
  const std::size_t wanted = *static_cast<const std::size_t*>(input);
  const std::size_t dimensions = std::clamp<std::size_t>(size / sizeof(std::size_t), 1, 3);
  std::vector<std::size_t> local(dimensions, 1);
  local[0] = wanted * core().lanes;
  if (wanted == 0 || wanted > core().max_work_group / core().lanes)
    std::ranges::fill(local, std::size_t{0});
  return Answer(local);
}

Answer sub_group_answer(cl_kernel_sub_group_info name, std::size_t input_size, const void* input,
                        std::size_t size) {
  const std::size_t lanes = core().lanes;
  switch (name) {
    case CL_KERNEL_MAX_SUB_GROUP_SIZE_FOR_NDRANGE:
      return Answer(std::min(lanes, items_of(input_size, input)));
    case CL_KERNEL_SUB_GROUP_COUNT_FOR_NDRANGE:
      return Answer((items_of(input_size, input) + lanes - 1) / lanes);
    case CL_KERNEL_LOCAL_SIZE_FOR_SUB_GROUP_COUNT:
      return local_size_for(input_size, input, size);
    case CL_KERNEL_MAX_NUM_SUB_GROUPS:
      return Answer((core().max_work_group + lanes - 1) / lanes);
    case CL_KERNEL_COMPILE_NUM_SUB_GROUPS:
      return Answer(std::size_t{0});
    default:
      throw ApiError{CL_INVALID_VALUE};
  }
}

/// The only device may go unnamed.
void check_device(cl_device_id device) {
  if (device != nullptr) (void)valid(device);
}

}  // namespace

namespace api {

cl_int CL_API_CALL clGetKernelInfo(cl_kernel handle, cl_kernel_info name, std::size_t size,
                                   void* value, std::size_t* size_ret) {
  return guarded([&] { answer_from(kKernelInfo, valid(handle), name, size, value, size_ret); });
}

cl_int CL_API_CALL clGetKernelArgInfo(cl_kernel handle, cl_uint index, cl_kernel_arg_info name,
                                      std::size_t size, void* value, std::size_t* size_ret) {
  return guarded([&] {
    const _cl_kernel& kernel = valid(handle);
    require(index < kernel.arguments.size(), CL_INVALID_ARG_INDEX);
    const elf::KernelArgument& argument = kernel.info->arguments[index];
    require(!argument.name.empty() || !argument.type_name.empty(),
            CL_KERNEL_ARG_INFO_NOT_AVAILABLE);
    answer_from(kArgumentInfo, argument, name, size, value, size_ret);
  });
}

cl_int CL_API_CALL clGetKernelWorkGroupInfo(cl_kernel handle, cl_device_id device,
                                            cl_kernel_work_group_info name, std::size_t size,
                                            void* value, std::size_t* size_ret) {
  return guarded([&] {
    const _cl_kernel& kernel = valid(handle);
    check_device(device);
    // CL_KERNEL_GLOBAL_WORK_SIZE is for built-in kernels and custom devices: CL_INVALID_VALUE.
    answer_from(kWorkGroupInfo, kernel, name, size, value, size_ret);
  });
}

cl_int CL_API_CALL clGetKernelSubGroupInfo(cl_kernel handle, cl_device_id device,
                                           cl_kernel_sub_group_info name, std::size_t input_size,
                                           const void* input, std::size_t size, void* value,
                                           std::size_t* size_ret) {
  return guarded([&] {
    (void)valid(handle);
    check_device(device);
    write_answer(sub_group_answer(name, input_size, input, size), size, value, size_ret);
  });
}

cl_int CL_API_CALL clGetKernelSubGroupInfoKHR(cl_kernel handle, cl_device_id device,
                                              cl_kernel_sub_group_info name, std::size_t input_size,
                                              const void* input, std::size_t size, void* value,
                                              std::size_t* size_ret) {
  return api::clGetKernelSubGroupInfo(handle, device, name, input_size, input, size, value,
                                      size_ret);
}

}  // namespace api
}  // namespace isobar::opencl
