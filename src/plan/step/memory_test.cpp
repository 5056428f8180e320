#include "plan/step/memory.h"

#include <gtest/gtest.h>

#include "model/file/transformer_file.h"

namespace isobar::plan {
namespace {

TEST(Memory, MixedPrecisionAdamTakesSixteenBytesPerParameterAndZeroDividesThem) {
  // Rajbhandari et al., 2020, section 3.1: 2 + 2 + 12 bytes; stages divide 12, then 14, then 16.
  const model::TransformerShape shape = model::find_transformer("gpt3-1.3b").shape;
  Layout layout;
  layout.data = 64;
  layout.global_batch = 64;
  layout.sequence = 2048;
  layout.stack.gradient_bytes = 2;
  const auto states = [&](std::uint32_t zero) {
    layout.zero = zero;
    const MemoryUse use = memory_use(model_bytes(shape, layout), shape, layout);
    return use.weights + use.gradients + use.optimizer;
  };
  const auto parameters = static_cast<double>(model::count_parameters(shape).total);
  EXPECT_NEAR(states(0), 16 * parameters, 0.01 * states(0));
  EXPECT_NEAR(states(1), (4 + 12.0 / 64) * parameters, 0.01 * states(1));
  EXPECT_NEAR(states(2), (2 + 14.0 / 64) * parameters, 0.01 * states(2));
  EXPECT_LT(states(3), 0.1 * states(0));
}

TEST(Memory, ActivationsOfALayerAreKorthikantis) {
  // Korthikanti et al., 2022, equations 2 and 4: s b h (10 + 24 / t + 5 a s / (h t)), and with
  // sequence parallelism everything over t.
  const model::TransformerShape shape = model::find_transformer("gpt3-175b").shape;
  Layout layout;
  layout.tensor = 8;
  layout.sequence = 2048;
  layout.stack.fused_attention = false;
  layout.stack.dropout = true;
  const double scores = 5.0 * 96 * 2048 / 12288;
  const double plain = 12288 * (10 + (24 + scores) / 8);
  EXPECT_NEAR(model_bytes(shape, layout).kept_none, plain, 0.05 * plain);
  layout.sequence_parallel = true;
  const double parallel = 12288 * (34 + scores) / 8;
  EXPECT_NEAR(model_bytes(shape, layout).kept_none, parallel, 0.05 * parallel);
}

TEST(Memory, RecomputationKeepsLess) {
  const model::TransformerShape shape = model::find_transformer("llama-3-70b").shape;
  Layout layout;
  layout.tensor = 4;
  layout.pipeline = 4;
  layout.global_batch = 16;
  layout.sequence = 8192;
  const auto activations = [&](Recompute recompute) {
    layout.recompute = recompute;
    return memory_use(model_bytes(shape, layout), shape, layout).activations;
  };
  EXPECT_LT(activations(Recompute::kSelective), activations(Recompute::kNone));
  EXPECT_LT(activations(Recompute::kFull), activations(Recompute::kSelective));
}

TEST(Memory, TheFirstStageHoldsAsManyMicroBatchesAsThereAreStages) {
  const model::TransformerShape shape = model::find_transformer("llama-3-70b").shape;
  Layout layout;
  layout.pipeline = 8;
  layout.sequence = 8192;
  layout.global_batch = 4;
  const double four = memory_use(model_bytes(shape, layout), shape, layout).activations;
  layout.global_batch = 64;
  EXPECT_NEAR(memory_use(model_bytes(shape, layout), shape, layout).activations, 2 * four,
              1e-6 * four);
}

}  // namespace
}  // namespace isobar::plan
