// The one platform and its one device. Both live as long as the process.
#pragma once

#include <memory>

#include "device/device.h"
#include "opencl/object.h"

struct _cl_platform_id : isobar::opencl::Object {
  static constexpr auto kKind = isobar::opencl::Kind::kPlatform;
  static constexpr cl_int kInvalid = CL_INVALID_PLATFORM;
};

struct _cl_device_id : isobar::opencl::Object {
  static constexpr auto kKind = isobar::opencl::Kind::kDevice;
  static constexpr cl_int kInvalid = CL_INVALID_DEVICE;
  std::unique_ptr<isobar::device::Device> machine;

  [[nodiscard]] const isobar::chip::Chip& chip() const { return machine->chip(); }
};

namespace isobar::opencl {

[[nodiscard]] _cl_platform_id& platform();
/// The simulated chip, or null if its description could not be read; the reason is then printed on
/// standard error, once.
[[nodiscard]] _cl_device_id* device_or_null();
/// The same where a device is known to exist.
[[nodiscard]] _cl_device_id& the_device();

/// Extension names and versions, for the string and the list forms of the query.
[[nodiscard]] std::vector<cl_name_version> device_extensions();
[[nodiscard]] std::vector<cl_name_version> platform_extensions();
[[nodiscard]] std::string joined_names(const std::vector<cl_name_version>& list);
[[nodiscard]] cl_name_version name_version(std::string_view name, cl_uint major, cl_uint minor,
                                           cl_uint patch = 0);

inline constexpr std::size_t kMemoryAlignment = 128;  // of buffers; a sub-buffer's origin too

}  // namespace isobar::opencl
