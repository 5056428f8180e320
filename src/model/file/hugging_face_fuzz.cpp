// Any bytes are either a model, whose counts are finite, or a UserError.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "model/file/hugging_face.h"
#include "model/transformer_counts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::model;
  try {
    const TransformerModel model = parse_hugging_face(
        std::string_view(reinterpret_cast<const char*>(data), size), "config.json");
    const TransformerShape& shape = model.shape;
    const double flops =
        training_flops_per_token(shape, shape.context, AttentionConvention::kCausal);
    const ParameterCounts counts = count_parameters(shape);
    if (!std::isfinite(flops) || flops <= 0 || counts.activated > counts.total) __builtin_trap();
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
