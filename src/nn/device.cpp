#include "nn/device.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "nn/gemm.h"

namespace isobar::nn {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

const DeviceInfo* find(const std::vector<DeviceInfo>& devices, std::string_view pattern) {
  std::size_t number = 0;
  const auto [end, error] =
      std::from_chars(pattern.data(), pattern.data() + pattern.size(), number);
  if (!pattern.empty() && error == std::errc() && end == pattern.data() + pattern.size())
    return number < devices.size() ? &devices[number] : nullptr;
  for (const DeviceInfo& device : devices)
    if (lower(device.full_name() + "/" + device.version).find(lower(pattern)) != std::string::npos)
      return &device;
  return nullptr;
}

/// The kernels as one program: the shared functions first, the rest in any order.
std::string program_source() {
  constexpr std::array kFiles{"transpose.cl",     "embedding.cl", "layer_norm.cl",
                              "elementwise.cl",   "dropout.cl",   "attention.cl",
                              "cross_entropy.cl", "adamw.cl",     "generation.cl"};
  const std::filesystem::path folder = share_directory() / "kernels";
  std::string source = "#line 1 \"math.cl\"\n" + read_text(folder / "math.cl");
  source +=
      gemm_variants_source(read_text(folder / "gemm.cl"), read_text(folder / "gemm_local.cl"));
  for (const char* file : kFiles)
    source += fmt::format("#line 1 \"{}\"\n{}", file, read_text(folder / file));
  return source;
}

}  // namespace

std::vector<DeviceInfo> list_devices() {
  std::vector<cl::Platform> platforms;
  try {
    cl::Platform::get(&platforms);
  } catch (const cl::Error&) {
    return {};  // the loader says so when it finds no driver at all
  }
  std::vector<DeviceInfo> result;
  for (const cl::Platform& platform : platforms) {
    std::vector<cl::Device> devices;
    try {
      platform.getDevices(CL_DEVICE_TYPE_ALL, &devices);
    } catch (const cl::Error&) {
      continue;  // a platform without a device (CL_DEVICE_NOT_FOUND)
    }
    for (const cl::Device& device : devices) {
      result.push_back({platform.getInfo<CL_PLATFORM_NAME>(), device.getInfo<CL_DEVICE_NAME>(),
                        device.getInfo<CL_DEVICE_VERSION>(), device.getInfo<CL_DRIVER_VERSION>(),
                        device});
    }
  }
  return result;
}

DeviceInfo choose_device(std::string_view pattern) {
  const std::vector<DeviceInfo> devices = list_devices();
  if (devices.empty())
    fail(
        "no OpenCL device: no driver is installed or reachable (install pocl-opencl-icd, or let "
        "OCL_ICD_VENDORS name Isobar's .icd file)");
  if (pattern.empty()) {
    const DeviceInfo* isobar = find(devices, "isobar");
    return isobar != nullptr ? *isobar : devices.front();
  }
  if (const DeviceInfo* device = find(devices, pattern)) return *device;
  std::string names;
  for (std::size_t i = 0; i < devices.size(); ++i)
    names += fmt::format("\n  {}: {}", i, devices[i].full_name());
  fail("no OpenCL device is called \"{}\"; a number or a part of the name chooses one of:{}",
       pattern, names);
}

ClContext::ClContext(DeviceInfo device)
    : device_(std::move(device)),
      context_(device_.handle),
      queue_(context_, device_.handle, CL_QUEUE_PROFILING_ENABLE) {
  build(program_source());
}

void ClContext::build(const std::string& source) {
  const cl::Program program(context_, source);
  try {
    program.build("-cl-std=CL1.2");
  } catch (const cl::BuildError& error) {
    std::string log;
    for (const auto& [handle, text] : error.getBuildLog()) log += text;
    fail("{}: the kernels in {} do not build:\n{}", device_.full_name(),
         (share_directory() / "kernels").string(), log);
  }
  std::vector<cl::Kernel> kernels;
  cl::Program(program).createKernels(&kernels);
  for (const cl::Kernel& kernel : kernels) {
    std::string name = kernel.getInfo<CL_KERNEL_FUNCTION_NAME>();
    while (!name.empty() && name.back() == '\0') name.pop_back();
    kernels_[name] = kernel;
  }
}

std::string describe(const cl::Error& error) {
  struct Known {
    cl_int code;
    const char* text;
  };
  constexpr std::array kKnown{
      Known{CL_MEM_OBJECT_ALLOCATION_FAILURE,
            "CL_MEM_OBJECT_ALLOCATION_FAILURE: the device's "
            "memory is full (a smaller batch or model fits)"},
      Known{CL_OUT_OF_RESOURCES,
            "CL_OUT_OF_RESOURCES: the kernel failed on the device or asked "
            "for too much of it (the driver's log says which)"},
      Known{CL_OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY: this machine's memory is full"},
      Known{CL_INVALID_BUFFER_SIZE,
            "CL_INVALID_BUFFER_SIZE: one buffer is larger than the device "
            "allows (a smaller batch or model fits)"},
      Known{CL_DEVICE_NOT_AVAILABLE, "CL_DEVICE_NOT_AVAILABLE: another program holds the device"},
      Known{CL_INVALID_WORK_GROUP_SIZE,
            "CL_INVALID_WORK_GROUP_SIZE: the device does not allow work-groups of 32"},
      Known{CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST,
            "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST: an earlier command failed"}};
  for (const Known& known : kKnown)
    if (known.code == error.err()) return fmt::format("{}: {}", error.what(), known.text);
  return fmt::format("{}: OpenCL error {}", error.what(), error.err());
}

}  // namespace isobar::nn
