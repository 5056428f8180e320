// Enqueues one kernel with its arguments in order. A Tensor becomes two arguments, buffer and
// offset, as every kernel of kernels/*.cl declares them.
#pragma once

#include <string>

#include "nn/tensor.h"

namespace isobar::nn {

inline constexpr std::uint32_t kLanes = 32;  // the work-group of most kernels: one warp

[[nodiscard]] constexpr std::uint32_t divide_up(std::uint32_t n, std::uint32_t by) {
  return (n + by - 1) / by;
}

/// Work-groups in each dimension; each has 32 x `warps` x 1 work-items.
struct Groups {
  std::uint32_t x = 1, y = 1, z = 1;
  std::uint32_t warps = 1;
};
/// Enough work-groups for one work-item per element.
[[nodiscard]] constexpr Groups one_item_each(std::uint32_t elements) {
  return {divide_up(elements, kLanes)};
}
/// Enough for the kernels of elementwise.cl, whose work-groups take 512 elements each.
[[nodiscard]] constexpr Groups stretches(std::uint32_t elements) {
  return {divide_up(elements, 512)};
}

inline void set_argument(cl::Kernel& kernel, cl_uint& index, const Tensor& tensor) {
  kernel.setArg(index++, tensor.buffer);
  kernel.setArg(index++, static_cast<cl_uint>(tensor.offset));
}
inline void set_argument(cl::Kernel& kernel, cl_uint& index, const cl::Buffer& buffer) {
  kernel.setArg(index++, buffer);
}
inline void set_argument(cl::Kernel& kernel, cl_uint& index, std::uint32_t value) {
  kernel.setArg(index++, static_cast<cl_uint>(value));
}
inline void set_argument(cl::Kernel& kernel, cl_uint& index, float value) {
  kernel.setArg(index++, static_cast<cl_float>(value));
}

template <class... Arguments>
void launch(ClContext& cl, const std::string& name, Groups groups, const Arguments&... arguments) {
  cl::Kernel& kernel = cl.kernel(name);
  cl_uint index = 0;
  (set_argument(kernel, index, arguments), ...);
  cl.queue().enqueueNDRangeKernel(
      kernel, cl::NullRange,
      cl::NDRange(std::size_t{groups.x} * kLanes, std::size_t{groups.y} * groups.warps, groups.z),
      cl::NDRange(kLanes, groups.warps, 1));
}

}  // namespace isobar::nn
