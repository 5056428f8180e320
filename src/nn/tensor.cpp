#include "nn/tensor.h"

#include <stdexcept>

namespace isobar::nn {

Tensor allocate(ClContext& cl, std::uint64_t elements) {
  if (elements > UINT32_MAX) throw std::length_error("a tensor holds at most 2^32 - 1 elements");
  const cl::Buffer buffer(cl.context(), CL_MEM_READ_WRITE, elements * sizeof(float));
  cl.add_allocated(elements * sizeof(float));
  Tensor tensor{buffer, 0, static_cast<std::uint32_t>(elements)};
  clear(cl, tensor);
  return tensor;
}

void upload(ClContext& cl, const Tensor& to, std::span<const float> values) {
  if (values.size() != to.elements) throw std::length_error("upload: sizes differ");
  cl.queue().enqueueWriteBuffer(to.buffer, CL_TRUE, std::size_t{to.offset} * sizeof(float),
                                values.size_bytes(), values.data());
}

std::vector<float> download(ClContext& cl, const Tensor& from) {
  std::vector<float> values(from.elements);
  cl.queue().enqueueReadBuffer(from.buffer, CL_TRUE, std::size_t{from.offset} * sizeof(float),
                               values.size() * sizeof(float), values.data());
  return values;
}

void clear(ClContext& cl, const Tensor& tensor) {
  cl.queue().enqueueFillBuffer(tensor.buffer, cl_uint{0},
                               std::size_t{tensor.offset} * sizeof(float),
                               std::size_t{tensor.elements} * sizeof(float));
}

}  // namespace isobar::nn
