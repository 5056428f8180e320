#include "opencl/platform.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/terminal.h"
#include "opencl/info.h"

namespace isobar::opencl {
namespace {

const InfoRow<_cl_platform_id> kPlatformInfo[] = {
    {CL_PLATFORM_PROFILE, [](const _cl_platform_id&) { return Answer::text("FULL_PROFILE"); }},
    {CL_PLATFORM_VERSION, [](const _cl_platform_id&) { return Answer::text("OpenCL 3.0 Isobar"); }},
    {CL_PLATFORM_NUMERIC_VERSION,
     [](const _cl_platform_id&) { return Answer(cl_version{CL_MAKE_VERSION(3, 0, 0)}); }},
    {CL_PLATFORM_NAME, [](const _cl_platform_id&) { return Answer::text("Isobar"); }},
    {CL_PLATFORM_VENDOR, [](const _cl_platform_id&) { return Answer::text("The Isobar project"); }},
    {CL_PLATFORM_EXTENSIONS,
     [](const _cl_platform_id&) { return Answer::text(joined_names(platform_extensions())); }},
    {CL_PLATFORM_EXTENSIONS_WITH_VERSION,
     [](const _cl_platform_id&) { return Answer(platform_extensions()); }},
    // 0: no clGetHostTimer. The simulated clock does not run along with the host's.
    {CL_PLATFORM_HOST_TIMER_RESOLUTION, [](const _cl_platform_id&) { return Answer(cl_ulong{0}); }},
    {CL_PLATFORM_ICD_SUFFIX_KHR, [](const _cl_platform_id&) { return Answer::text("ISOBAR"); }},
};

_cl_device_id* open_device() {
  try {
    device::Settings settings = device::settings_from_environment();
    chip::Chip chip = chip::find_chip(settings.chip);
    auto* opened = make<_cl_device_id>();
    detail("chip {} from {}", chip.name, chip.path.string());
    detail("simulating on {} host threads", settings.threads);
    opened->machine = std::make_unique<device::Device>(std::move(chip), std::move(settings));
    const Bytes gap = opened->machine->memory().gap();
    if (gap < simt::GlobalMemory::kUsualGap)
      std::fprintf(stderr,
                   "isobar: address space is limited (ulimit -v): buffers lie %llu bytes apart and "
                   "not %llu, so that a wild access may hit a neighbour\n",
                   static_cast<unsigned long long>(gap.count()),
                   static_cast<unsigned long long>(simt::GlobalMemory::kUsualGap.count()));
    return opened;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "isobar: no OpenCL device: %s\n", error.what());
    return nullptr;
  }
}

}  // namespace

_cl_platform_id& platform() {
  static _cl_platform_id* instance = make<_cl_platform_id>();
  return *instance;
}

_cl_device_id* device_or_null() {
  static _cl_device_id* instance = open_device();
  return instance;
}

_cl_device_id& the_device() {
  _cl_device_id* device = device_or_null();
  require(device != nullptr, CL_DEVICE_NOT_AVAILABLE);
  return *device;
}

cl_name_version name_version(std::string_view name, cl_uint major, cl_uint minor, cl_uint patch) {
  cl_name_version result{};
  result.version = CL_MAKE_VERSION(major, minor, patch);
  std::ranges::copy(name.substr(0, sizeof result.name - 1), result.name);
  return result;
}

std::vector<cl_name_version> platform_extensions() {
  std::vector<cl_name_version> list = device_extensions();
  list.push_back(name_version("cl_khr_icd", 1, 0));
  return list;
}

std::string joined_names(const std::vector<cl_name_version>& list) {
  std::string text;
  for (const cl_name_version& entry : list)
    text += (text.empty() ? "" : " ") + std::string(entry.name);
  return text;
}

namespace api {

cl_int CL_API_CALL clGetPlatformIDs(cl_uint num_entries, cl_platform_id* platforms,
                                    cl_uint* num_platforms) {
  return guarded([&] {
    require(platforms == nullptr || num_entries > 0, CL_INVALID_VALUE);
    require(platforms != nullptr || num_platforms != nullptr, CL_INVALID_VALUE);
    if (platforms != nullptr) platforms[0] = &platform();
    if (num_platforms != nullptr) *num_platforms = 1;
  });
}

cl_int CL_API_CALL clGetPlatformInfo(cl_platform_id handle, cl_platform_info name, std::size_t size,
                                     void* value, std::size_t* size_ret) {
  return guarded([&] {
    // A null platform means the implementation's own choice.
    const _cl_platform_id& object = handle == nullptr ? platform() : valid(handle);
    answer_from(kPlatformInfo, object, name, size, value, size_ret);
  });
}

cl_int CL_API_CALL clUnloadCompiler() { return CL_SUCCESS; }

cl_int CL_API_CALL clUnloadPlatformCompiler(cl_platform_id handle) {
  return guarded([&] { (void)valid(handle); });
}

}  // namespace api
}  // namespace isobar::opencl
