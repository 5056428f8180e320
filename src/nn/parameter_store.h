// The weights of a model, their gradients and AdamW's two moments: four buffers of the same layout,
// so that the norm of all gradients and the update of all weights are one launch each.
//
// Within a buffer come first the parameters that decay, then the others. The rows of the token
// embedding (and of the output layer) are padded to a multiple of 128 with zeros, which stay zero:
// their gradients are, and decay keeps zero at zero. It makes the output layer's multiply regular.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/gpt_shape.h"
#include "nn/gpt/gpt.h"
#include "nn/tensor.h"

namespace isobar::nn {

/// The vocabulary as stored: a multiple of 128.
[[nodiscard]] std::uint32_t padded_vocabulary(const model::GptShape& shape);

class ParameterStore {
 public:
  ParameterStore(ClContext& cl, const model::GptShape& shape, std::uint64_t seed);

  /// Elements of each of the four buffers, with all padding.
  [[nodiscard]] static std::uint64_t stored_elements(const model::GptShape& shape);

  [[nodiscard]] const std::vector<model::ParameterInfo>& infos() const { return infos_; }
  /// In the parameter's own shape, but for the padding of the vocabulary. Throws UserError if there
  /// is no such name.
  [[nodiscard]] Tensor tensor(const std::string& name, Kind kind) const;
  [[nodiscard]] std::vector<float> read(const std::string& name, Kind kind);
  void write(const std::string& name, Kind kind, std::span<const float> values);

  [[nodiscard]] const Tensor& all(Kind kind) const {
    return buffers_[static_cast<std::size_t>(kind)];
  }
  /// Elements that decay, from the start of each buffer; the rest does not.
  [[nodiscard]] std::uint32_t decaying() const { return decaying_; }

 private:
  struct Place {
    std::uint32_t offset, stored;  // elements, with padding
    std::size_t info;
  };
  [[nodiscard]] const Place& place(const std::string& name) const;
  void initialise(const model::GptShape& shape, std::uint64_t seed);

  ClContext& cl_;
  std::vector<model::ParameterInfo> infos_;
  std::map<std::string, Place> places_;
  std::vector<Tensor> buffers_;  // by Kind
  std::uint32_t decaying_ = 0;
};

}  // namespace isobar::nn
