// clGetDeviceIDs and clGetDeviceInfo: the chip's description in the terms of the standard.
// Reference: OpenCL API specification 3.0, table 5 ("Device Queries").
#include <algorithm>

#include "isobar/cl_isobar.h"
#include "opencl/info.h"
#include "opencl/platform.h"
#include "opencl/svm/allocations.h"

namespace isobar::opencl {
namespace {

using Device = _cl_device_id;

constexpr cl_device_fp_config kFloats = CL_FP_DENORM | CL_FP_INF_NAN | CL_FP_ROUND_TO_NEAREST |
                                        CL_FP_ROUND_TO_ZERO | CL_FP_ROUND_TO_INF | CL_FP_FMA;
constexpr cl_device_atomic_capabilities kAtomicOrders = CL_DEVICE_ATOMIC_ORDER_RELAXED |
                                                        CL_DEVICE_ATOMIC_ORDER_ACQ_REL |
                                                        CL_DEVICE_ATOMIC_ORDER_SEQ_CST;
constexpr std::size_t kMaxParameterBytes = 4096;

cl_ulong max_allocation(const Device& d) {
  // The least the standard allows is a quarter of memory, and no more than 1 GiB of it.
  return std::max<cl_ulong>(d.chip().dram.capacity.count() / 4, 32_MiB .count());
}

template <auto value>
Answer constant(const Device&) {
  return Answer(value);
}
template <class T, T value>
Answer typed(const Device&) {
  return Answer(T{value});
}

std::vector<cl_name_version> c_features() {
  std::vector<cl_name_version> list;
  for (const char* name :
       {"__opencl_c_atomic_order_acq_rel", "__opencl_c_atomic_order_seq_cst",
        "__opencl_c_atomic_scope_device", "__opencl_c_fp64", "__opencl_c_generic_address_space",
        "__opencl_c_int64", "__opencl_c_program_scope_global_variables", "__opencl_c_subgroups",
        "__opencl_c_work_group_collective_functions"})
    list.push_back(name_version(name, 3, 0));
  return list;
}

std::vector<cl_name_version> c_versions() {
  std::vector<cl_name_version> list;
  for (const auto& [major, minor] : {std::pair{1U, 0U}, {1U, 1U}, {1U, 2U}, {3U, 0U}})
    list.push_back(name_version("OpenCL C", major, minor));
  return list;
}

// Vector widths are 1: each work-item is a scalar hart, the lanes of a warp are the vector.
using Width = cl_uint;

const InfoRow<Device> kDeviceInfo[] = {
    {CL_DEVICE_TYPE, typed<cl_device_type, CL_DEVICE_TYPE_GPU>},
    {CL_DEVICE_VENDOR_ID, typed<cl_uint, 0x49534F42>},  // "ISOB"; there is no PCI device
    {CL_DEVICE_MAX_COMPUTE_UNITS, [](const Device& d) { return Answer(d.chip().core.count); }},
    {CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS, typed<cl_uint, 3>},
    {CL_DEVICE_MAX_WORK_ITEM_SIZES,
     [](const Device& d) {
       return Answer(std::vector<std::size_t>(3, d.chip().core.max_work_group));
     }},
    {CL_DEVICE_MAX_WORK_GROUP_SIZE,
     [](const Device& d) { return Answer(std::size_t{d.chip().core.max_work_group}); }},
    {CL_DEVICE_PREFERRED_VECTOR_WIDTH_CHAR, typed<Width, 1>},
    {CL_DEVICE_PREFERRED_VECTOR_WIDTH_SHORT, typed<Width, 1>},
    {CL_DEVICE_PREFERRED_VECTOR_WIDTH_INT, typed<Width, 1>},
    {CL_DEVICE_PREFERRED_VECTOR_WIDTH_LONG, typed<Width, 1>},
    {CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT, typed<Width, 1>},
    {CL_DEVICE_PREFERRED_VECTOR_WIDTH_DOUBLE, typed<Width, 1>},
    {CL_DEVICE_PREFERRED_VECTOR_WIDTH_HALF, typed<Width, 1>},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_CHAR, typed<Width, 1>},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_SHORT, typed<Width, 1>},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_INT, typed<Width, 1>},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_LONG, typed<Width, 1>},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, typed<Width, 1>},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_DOUBLE, typed<Width, 1>},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_HALF, typed<Width, 1>},
    {CL_DEVICE_MAX_CLOCK_FREQUENCY,
     [](const Device& d) { return Answer(static_cast<cl_uint>(d.chip().clock.count() / 1e6)); }},
    {CL_DEVICE_ADDRESS_BITS, typed<cl_uint, 64>},
    {CL_DEVICE_MAX_MEM_ALLOC_SIZE, [](const Device& d) { return Answer(max_allocation(d)); }},
    {CL_DEVICE_IMAGE_SUPPORT, typed<cl_bool, CL_FALSE>},
    {CL_DEVICE_MAX_READ_IMAGE_ARGS, typed<cl_uint, 0>},
    {CL_DEVICE_MAX_WRITE_IMAGE_ARGS, typed<cl_uint, 0>},
    {CL_DEVICE_MAX_READ_WRITE_IMAGE_ARGS, typed<cl_uint, 0>},
    {CL_DEVICE_IMAGE2D_MAX_WIDTH, typed<std::size_t, 0>},
    {CL_DEVICE_IMAGE2D_MAX_HEIGHT, typed<std::size_t, 0>},
    {CL_DEVICE_IMAGE3D_MAX_WIDTH, typed<std::size_t, 0>},
    {CL_DEVICE_IMAGE3D_MAX_HEIGHT, typed<std::size_t, 0>},
    {CL_DEVICE_IMAGE3D_MAX_DEPTH, typed<std::size_t, 0>},
    {CL_DEVICE_IMAGE_MAX_BUFFER_SIZE, typed<std::size_t, 0>},
    {CL_DEVICE_IMAGE_MAX_ARRAY_SIZE, typed<std::size_t, 0>},
    {CL_DEVICE_IMAGE_PITCH_ALIGNMENT, typed<cl_uint, 0>},
    {CL_DEVICE_IMAGE_BASE_ADDRESS_ALIGNMENT, typed<cl_uint, 0>},
    {CL_DEVICE_MAX_SAMPLERS, typed<cl_uint, 0>},
    {CL_DEVICE_MAX_PIPE_ARGS, typed<cl_uint, 0>},
    {CL_DEVICE_PIPE_MAX_ACTIVE_RESERVATIONS, typed<cl_uint, 0>},
    {CL_DEVICE_PIPE_MAX_PACKET_SIZE, typed<cl_uint, 0>},
    {CL_DEVICE_PIPE_SUPPORT, typed<cl_bool, CL_FALSE>},
    {CL_DEVICE_IL_VERSION, [](const Device&) { return Answer::text(""); }},
    {CL_DEVICE_ILS_WITH_VERSION, [](const Device&) { return Answer(); }},
    {CL_DEVICE_MAX_PARAMETER_SIZE, typed<std::size_t, kMaxParameterBytes>},
    {CL_DEVICE_MEM_BASE_ADDR_ALIGN, typed<cl_uint, cl_uint{kMemoryAlignment * 8}>},
    {CL_DEVICE_MIN_DATA_TYPE_ALIGN_SIZE, typed<cl_uint, cl_uint{kMemoryAlignment}>},
    {CL_DEVICE_SINGLE_FP_CONFIG,
     typed<cl_device_fp_config, kFloats | CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT>},
    {CL_DEVICE_DOUBLE_FP_CONFIG, typed<cl_device_fp_config, kFloats>},
    {CL_DEVICE_HALF_FP_CONFIG, typed<cl_device_fp_config, kFloats>},
    {CL_DEVICE_GLOBAL_MEM_CACHE_TYPE, typed<cl_device_mem_cache_type, CL_READ_WRITE_CACHE>},
    {CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE,
     [](const Device& d) { return Answer(static_cast<cl_uint>(d.chip().l2.line.count())); }},
    {CL_DEVICE_GLOBAL_MEM_CACHE_SIZE,
     [](const Device& d) { return Answer(cl_ulong{d.chip().l2.size.count()}); }},
    {CL_DEVICE_GLOBAL_MEM_SIZE,
     [](const Device& d) { return Answer(cl_ulong{d.chip().dram.capacity.count()}); }},
    {CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE, [](const Device& d) { return Answer(max_allocation(d)); }},
    {CL_DEVICE_MAX_CONSTANT_ARGS, typed<cl_uint, cl_uint{kMaxParameterBytes / 8}>},
    {CL_DEVICE_MAX_GLOBAL_VARIABLE_SIZE, typed<std::size_t, std::size_t{16} << 20U>},
    {CL_DEVICE_GLOBAL_VARIABLE_PREFERRED_TOTAL_SIZE, typed<std::size_t, std::size_t{16} << 20U>},
    {CL_DEVICE_LOCAL_MEM_TYPE, typed<cl_device_local_mem_type, CL_LOCAL>},
    {CL_DEVICE_LOCAL_MEM_SIZE,
     [](const Device& d) { return Answer(cl_ulong{d.chip().core.local_memory.count()}); }},
    {CL_DEVICE_ERROR_CORRECTION_SUPPORT, typed<cl_bool, CL_FALSE>},
    {CL_DEVICE_HOST_UNIFIED_MEMORY, typed<cl_bool, CL_FALSE>},
    {CL_DEVICE_PROFILING_TIMER_RESOLUTION, typed<std::size_t, 1>},
    {CL_DEVICE_ENDIAN_LITTLE, typed<cl_bool, CL_TRUE>},
    {CL_DEVICE_AVAILABLE, typed<cl_bool, CL_TRUE>},
    {CL_DEVICE_COMPILER_AVAILABLE, typed<cl_bool, CL_TRUE>},
    {CL_DEVICE_LINKER_AVAILABLE, typed<cl_bool, CL_TRUE>},
    {CL_DEVICE_EXECUTION_CAPABILITIES, typed<cl_device_exec_capabilities, CL_EXEC_KERNEL>},
    {CL_DEVICE_QUEUE_ON_HOST_PROPERTIES,
     typed<cl_command_queue_properties, CL_QUEUE_PROFILING_ENABLE>},
    {CL_DEVICE_QUEUE_ON_DEVICE_PROPERTIES, typed<cl_command_queue_properties, 0>},
    {CL_DEVICE_QUEUE_ON_DEVICE_PREFERRED_SIZE, typed<cl_uint, 0>},
    {CL_DEVICE_QUEUE_ON_DEVICE_MAX_SIZE, typed<cl_uint, 0>},
    {CL_DEVICE_MAX_ON_DEVICE_QUEUES, typed<cl_uint, 0>},
    {CL_DEVICE_MAX_ON_DEVICE_EVENTS, typed<cl_uint, 0>},
    {CL_DEVICE_DEVICE_ENQUEUE_CAPABILITIES, typed<cl_device_device_enqueue_capabilities, 0>},
    {CL_DEVICE_BUILT_IN_KERNELS, [](const Device&) { return Answer::text(""); }},
    {CL_DEVICE_BUILT_IN_KERNELS_WITH_VERSION, [](const Device&) { return Answer(); }},
    {CL_DEVICE_PLATFORM, [](const Device&) { return Answer(&platform()); }},
    {CL_DEVICE_NAME, [](const Device& d) { return Answer::text(d.chip().name); }},
    {CL_DEVICE_VENDOR, [](const Device&) { return Answer::text("The Isobar project"); }},
    {CL_DRIVER_VERSION, [](const Device&) { return Answer::text(ISOBAR_VERSION); }},
    {CL_DEVICE_PROFILE, [](const Device&) { return Answer::text("FULL_PROFILE"); }},
    {CL_DEVICE_VERSION, [](const Device&) { return Answer::text("OpenCL 3.0 Isobar"); }},
    {CL_DEVICE_NUMERIC_VERSION, typed<cl_version, CL_MAKE_VERSION(3, 0, 0)>},
    {CL_DEVICE_OPENCL_C_VERSION, [](const Device&) { return Answer::text("OpenCL C 3.0 Isobar"); }},
    {CL_DEVICE_OPENCL_C_NUMERIC_VERSION_KHR, typed<cl_version, CL_MAKE_VERSION(3, 0, 0)>},
    {CL_DEVICE_OPENCL_C_ALL_VERSIONS, [](const Device&) { return Answer(c_versions()); }},
    {CL_DEVICE_OPENCL_C_FEATURES, [](const Device&) { return Answer(c_features()); }},
    {CL_DEVICE_EXTENSIONS,
     [](const Device&) { return Answer::text(joined_names(device_extensions())); }},
    {CL_DEVICE_EXTENSIONS_WITH_VERSION, [](const Device&) { return Answer(device_extensions()); }},
    {CL_DEVICE_PRINTF_BUFFER_SIZE,
     [](const Device&) { return Answer(std::size_t{device::kPrintfBufferBytes.count()}); }},
    {CL_DEVICE_PREFERRED_INTEROP_USER_SYNC, typed<cl_bool, CL_TRUE>},
    {CL_DEVICE_PARENT_DEVICE, [](const Device&) { return Answer(cl_device_id{nullptr}); }},
    {CL_DEVICE_PARTITION_MAX_SUB_DEVICES, typed<cl_uint, 0>},
    {CL_DEVICE_PARTITION_PROPERTIES, typed<cl_device_partition_property, 0>},
    {CL_DEVICE_PARTITION_AFFINITY_DOMAIN, typed<cl_device_affinity_domain, 0>},
    {CL_DEVICE_PARTITION_TYPE, [](const Device&) { return Answer(); }},
    {CL_DEVICE_REFERENCE_COUNT, typed<cl_uint, 1>},
    {CL_DEVICE_SVM_CAPABILITIES, [](const Device&) { return Answer(svm_capabilities()); }},
    {CL_DEVICE_PREFERRED_PLATFORM_ATOMIC_ALIGNMENT, typed<cl_uint, 0>},
    {CL_DEVICE_PREFERRED_GLOBAL_ATOMIC_ALIGNMENT, typed<cl_uint, 0>},
    {CL_DEVICE_PREFERRED_LOCAL_ATOMIC_ALIGNMENT, typed<cl_uint, 0>},
    {CL_DEVICE_MAX_NUM_SUB_GROUPS,
     [](const Device& d) {
       const auto& core = d.chip().core;
       return Answer(cl_uint{(core.max_work_group + core.lanes - 1) / core.lanes});
     }},
    {CL_DEVICE_SUB_GROUP_INDEPENDENT_FORWARD_PROGRESS, typed<cl_bool, CL_FALSE>},
    {CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES,
     typed<cl_device_atomic_capabilities, kAtomicOrders | CL_DEVICE_ATOMIC_SCOPE_WORK_ITEM |
                                              CL_DEVICE_ATOMIC_SCOPE_WORK_GROUP |
                                              CL_DEVICE_ATOMIC_SCOPE_DEVICE>},
    {CL_DEVICE_ATOMIC_FENCE_CAPABILITIES,
     typed<cl_device_atomic_capabilities, kAtomicOrders | CL_DEVICE_ATOMIC_SCOPE_WORK_ITEM |
                                              CL_DEVICE_ATOMIC_SCOPE_WORK_GROUP |
                                              CL_DEVICE_ATOMIC_SCOPE_DEVICE>},
    {CL_DEVICE_NON_UNIFORM_WORK_GROUP_SUPPORT, typed<cl_bool, CL_TRUE>},
    {CL_DEVICE_WORK_GROUP_COLLECTIVE_FUNCTIONS_SUPPORT, typed<cl_bool, CL_TRUE>},
    {CL_DEVICE_GENERIC_ADDRESS_SPACE_SUPPORT, typed<cl_bool, CL_TRUE>},
    {CL_DEVICE_PREFERRED_WORK_GROUP_SIZE_MULTIPLE,
     [](const Device& d) { return Answer(std::size_t{d.chip().core.lanes}); }},
    {CL_DEVICE_LATEST_CONFORMANCE_VERSION_PASSED, [](const Device&) { return Answer::text(""); }},
};

}  // namespace

std::vector<cl_name_version> device_extensions() {
  std::vector<cl_name_version> list;
  for (const char* name :
       {"cl_khr_byte_addressable_store", "cl_khr_global_int32_base_atomics",
        "cl_khr_global_int32_extended_atomics", "cl_khr_local_int32_base_atomics",
        "cl_khr_local_int32_extended_atomics", "cl_khr_int64_base_atomics",
        "cl_khr_int64_extended_atomics", "cl_khr_fp64", "cl_khr_fp16", "cl_khr_subgroups",
        "cl_khr_extended_versioning", CL_ISOBAR_KERNEL_COUNTERS_EXTENSION_NAME})
    list.push_back(name_version(name, 1, 0));
  return list;
}

namespace api {

cl_int CL_API_CALL clGetDeviceIDs(cl_platform_id platform_handle, cl_device_type type,
                                  cl_uint num_entries, cl_device_id* devices,
                                  cl_uint* num_devices) {
  return guarded([&] {
    if (platform_handle != nullptr) (void)valid(platform_handle);
    require(devices == nullptr || num_entries > 0, CL_INVALID_VALUE);
    require(devices != nullptr || num_devices != nullptr, CL_INVALID_VALUE);
    constexpr cl_device_type kKnown = CL_DEVICE_TYPE_DEFAULT | CL_DEVICE_TYPE_CPU |
                                      CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_ACCELERATOR |
                                      CL_DEVICE_TYPE_CUSTOM;
    require(type == CL_DEVICE_TYPE_ALL || (type != 0 && (type & ~kKnown) == 0),
            CL_INVALID_DEVICE_TYPE);
    const bool wanted = (type & (CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_DEFAULT)) != 0;
    _cl_device_id* device = wanted ? device_or_null() : nullptr;
    if (num_devices != nullptr) *num_devices = device != nullptr ? 1 : 0;
    require(device != nullptr, CL_DEVICE_NOT_FOUND);
    if (devices != nullptr) devices[0] = device;
  });
}

cl_int CL_API_CALL clGetDeviceInfo(cl_device_id handle, cl_device_info name, std::size_t size,
                                   void* value, std::size_t* size_ret) {
  return guarded([&] { answer_from(kDeviceInfo, valid(handle), name, size, value, size_ret); });
}

// A root device lives as long as the process: its references are not counted.
cl_int CL_API_CALL clRetainDevice(cl_device_id handle) {
  return guarded([&] { (void)valid(handle); });
}
cl_int CL_API_CALL clReleaseDevice(cl_device_id handle) { return api::clRetainDevice(handle); }
cl_int CL_API_CALL clRetainDeviceEXT(cl_device_id handle) { return api::clRetainDevice(handle); }
cl_int CL_API_CALL clReleaseDeviceEXT(cl_device_id handle) { return api::clRetainDevice(handle); }

cl_int CL_API_CALL clCreateSubDevices(cl_device_id handle, const cl_device_partition_property*,
                                      cl_uint, cl_device_id*, cl_uint*) {
  return guarded([&] {
    (void)valid(handle);
    throw ApiError{CL_INVALID_VALUE};  // no partition property is supported
  });
}

}  // namespace api
}  // namespace isobar::opencl
