// A tensor is a place in a device buffer; its shape stands in a comment where it is declared. All
// are dense and row-major, of float unless said otherwise (token ids are int32). Copies share the
// place.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nn/device.h"

namespace isobar::nn {

struct Tensor {
  cl::Buffer buffer;
  std::uint32_t offset = 0;  // in elements of 4 bytes
  std::uint32_t elements = 0;

  /// The part that starts `first` elements in.
  [[nodiscard]] Tensor from(std::uint32_t first, std::uint32_t count) const {
    return {buffer, offset + first, count};
  }
};

/// A new buffer, filled with zeros.
[[nodiscard]] Tensor allocate(ClContext& cl, std::uint64_t elements);
/// Both wait for the device. `values` and the tensor must have the same number of elements.
void upload(ClContext& cl, const Tensor& to, std::span<const float> values);
[[nodiscard]] std::vector<float> download(ClContext& cl, const Tensor& from);
/// Enqueues a fill with zeros.
void clear(ClContext& cl, const Tensor& tensor);

}  // namespace isobar::nn
