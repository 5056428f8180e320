// Counts against published ones: parameters of whole models are in transformer_file_test.cpp; here
// are formulas.
#include "model/transformer_counts.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "model/file/transformer_file.h"

namespace isobar::model {
namespace {

TransformerShape gpt3() {
  GptShape gpt{.layers = 96, .heads = 96, .width = 12288, .context = 2048, .vocabulary = 51200};
  gpt.bias = true;
  return to_transformer(gpt);
}
constexpr LayerKind kDense{};

TEST(Counts, AGptHasTheSameParametersAndFlopsInBothDescriptions) {
  GptShape gpt{.layers = 12, .heads = 12, .width = 768, .context = 1024, .vocabulary = 50257};
  for (const bool bias : {false, true})
    for (const bool tied : {false, true}) {
      gpt.bias = bias;
      gpt.tied_embeddings = tied;
      const TransformerShape s = to_transformer(gpt);
      EXPECT_EQ(count_parameters(s).total, parameter_count(gpt));
      EXPECT_EQ(six_n(s) + 12.0 * 12 * 768 * 1024,
                static_cast<double>(training_flops_per_token(gpt)));
    }
}

TEST(Counts, FlopsOfAnIterationAreNarayanansFormula) {
  // Narayanan et al. 2021, eq. 3: 96 B s l h^2 (1 + s / 6h + V / 16 l h), which includes a second
  // forward pass: 4/3 of forward and backward, except that the logits are not computed again there.
  const TransformerShape s = gpt3();
  const double h = 12288, l = 96, seq = 2048, v = 51200;
  const double layers = 72 * l * h * h * (1 + seq / (6 * h));
  const double logits = 6 * v * h;
  EXPECT_NEAR(training_flops_per_token(s, 2048, AttentionConvention::kFull), layers + logits,
              1e-9 * layers);
}

TEST(Counts, ATokenOfDeepSeekCostsWhatItsAuthorsSay) {
  // DeepSeek-AI, Insights into DeepSeek-V3, ISCA 2025, table 2: 155 and 250 GFLOP per token in
  // training at 4,096 tokens, which follow from causal attention and the model without its module
  // of multi-token prediction.
  for (const auto& [name, gflop] : {std::pair{"deepseek-v2", 155}, std::pair{"deepseek-v3", 250}}) {
    TransformerShape s =
        read_transformer(std::string(ISOBAR_SOURCE_DIR "/models/") + name + ".toml").shape;
    s.prediction_modules = 0;
    EXPECT_NEAR(training_flops_per_token(s, 4096, AttentionConvention::kCausal) * 1e-9, gflop, 0.6)
        << name;
  }
}

TEST(Counts, CausalAttentionMeetsHalfTheKeysAndAWindowFewer) {
  EXPECT_EQ(keys_per_query(4096, 0, AttentionConvention::kFull), 4096);
  EXPECT_EQ(keys_per_query(4096, 0, AttentionConvention::kCausal), 2048);
  EXPECT_EQ(keys_per_query(4096, 128, AttentionConvention::kFull), 128);
  // By counting: query i meets min(i, 128) keys, less half a key for the convention of T / 2.
  double met = 0;
  for (int i = 1; i <= 4096; ++i) met += std::min(i - 0.5, 128.0);
  EXPECT_NEAR(keys_per_query(4096, 128, AttentionConvention::kCausal), met / 4096, 0.01);
}

TEST(Counts, ActivationsAreKorthikantisTable2) {
  // Korthikanti et al. 2022, table 2, bytes per layer over s b h: 34 + 5 a s / h and so on.
  const TransformerShape s = gpt3();
  const double h = 12288, a = 96, seq = 2048, t = 8;
  ActivationSettings settings{.fused_attention = false, .dropout = true};
  const auto bytes = [&] { return activation_bytes_per_token(s, kDense, 2048, settings); };
  EXPECT_DOUBLE_EQ(bytes(), h * (34 + 5 * a * seq / h));
  settings.tensor = 8;
  EXPECT_DOUBLE_EQ(bytes(), h * (10 + 24 / t + 5 * a * seq / (h * t)));
  settings.sequence_parallel = true;
  EXPECT_DOUBLE_EQ(bytes(), h / t * (34 + 5 * a * seq / h));
  settings.recompute = Recompute::kSelective;
  EXPECT_DOUBLE_EQ(bytes(), 34 * h / t);
  settings.recompute = Recompute::kFull;
  EXPECT_DOUBLE_EQ(bytes(), 2 * h / t);
  settings.sequence_parallel = false;
  EXPECT_DOUBLE_EQ(bytes(), 2 * h);
}

TEST(Counts, LayersOfOneKindAreGroupedWhereverTheyStand) {
  TransformerShape s = gpt3();
  s.layers = 6;
  s.window = 128;
  s.full_every = 2;
  s.experts = {.count = 8, .active = 2, .width = 64, .first_dense = 2};
  std::uint32_t layers = 0;
  for (const LayerGroup& group : layer_groups(s)) layers += group.count;
  EXPECT_EQ(layer_groups(s).size(), 4U);
  EXPECT_EQ(layers, 6U);
  EXPECT_TRUE(layer_kind(s, 0).windowed);
  EXPECT_FALSE(layer_kind(s, 1).windowed);
  EXPECT_TRUE(layer_kind(s, 1).dense);
  EXPECT_TRUE(layer_kind(s, 2).experts);
}

TEST(Counts, ATokenActivatesTheExpertsItVisits) {
  TransformerShape s = gpt3();
  const LayerKind experts{.dense = false, .experts = true};
  s.experts = {.count = 8, .active = 2, .width = 64};
  const std::uint64_t expert = 2ULL * 64 * s.width;  // two matrices
  EXPECT_EQ(layer_parameters(s, experts) - activated_layer_parameters(s, experts), 6 * expert);
}

TEST(Counts, ShapesThatCannotBeAreRefusedWithTheReason) {
  const auto error_of = [](const TransformerShape& shape) -> std::string {
    try {
      check(shape, "m.toml:3");
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  };
  using ::testing::HasSubstr;
  EXPECT_EQ(error_of(gpt3()), "no error");
  TransformerShape s = gpt3();
  s.kv_heads = 7;
  EXPECT_THAT(error_of(s), HasSubstr("m.toml:3: 96 query heads cannot share 7 heads"));
  s = gpt3();
  s.experts = {.count = 4, .active = 5, .width = 8};
  EXPECT_THAT(error_of(s), HasSubstr("a token visits 5 of 4 experts"));
  s.experts = {.count = 8, .active = 3, .width = 8, .groups = 4, .active_groups = 1};
  EXPECT_THAT(error_of(s), HasSubstr("the 1 groups it may visit hold 2"));
  s = gpt3();
  s.pattern = "M*";
  EXPECT_THAT(error_of(s), HasSubstr("the pattern has 2 letters, but there are 96 layers"));
  s = gpt3();
  s.layers = 1000;
  s.width = s.feed_forward = 1U << 20U;
  EXPECT_THAT(error_of(s), HasSubstr("at most 10^15"));
}

}  // namespace
}  // namespace isobar::model
