// The whole model: its gradient against differences of its own loss, determinism, state for
// checkpoints, dropout's bits and statistics, and what it says to wrong input.
#include "nn/gpt/gpt.h"

#include <Random123/philox.h>
#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "base/error.h"
#include "nn/layers.h"
#include "nn/testing/test_device.h"

namespace isobar::nn {
namespace {

using ::testing::HasSubstr;

model::GptShape small_shape() {
  return {.layers = 2, .heads = 2, .width = 32, .context = 16, .vocabulary = 19};
}

struct Batch {
  std::vector<std::int32_t> inputs, targets;
};
Batch batch_of(const model::GptShape& shape, std::uint32_t sequences, unsigned seed) {
  std::mt19937 engine(seed);
  Batch batch;
  for (std::uint32_t i = 0; i < sequences * shape.context; ++i) {
    batch.inputs.push_back(static_cast<std::int32_t>(engine() % shape.vocabulary));
    batch.targets.push_back(static_cast<std::int32_t>(engine() % shape.vocabulary));
  }
  return batch;
}

double length(const std::vector<float>& values) {
  double squares = 0;
  for (const float v : values) squares += double{v} * v;
  return std::sqrt(squares);
}

/// Scales every matrix up, so that gradients stand out from float's rounding of the loss.
void enlarge_weights(Gpt& gpt) {
  for (const model::ParameterInfo& info : gpt.parameters()) {
    if (info.shape.size() == 1) continue;
    std::vector<float> values = gpt.read(info.name, Kind::kWeight);
    for (float& v : values) v *= 5;
    gpt.write(info.name, Kind::kWeight, values);
  }
}

struct Option {
  const char* name;
  bool bias, tied;
  model::Gelu gelu;
  float dropout;
};
class WholeModel : public ::testing::TestWithParam<Option> {};

// Along a tensor's own gradient the loss rises by the gradient's length. Error of the central
// difference with step h: about 2e-7 / h from rounding a loss near 3, and h squared times the third
// derivative; h = 0.02 makes both less than 1 % of the lengths met here, and 2 % are allowed.
TEST_P(WholeModel, LossRisesAlongEachGradientByItsLength) {
  model::GptShape shape = small_shape();
  shape.bias = GetParam().bias;
  shape.tied_embeddings = GetParam().tied;
  shape.gelu = GetParam().gelu;
  shape.dropout = GetParam().dropout;
  Gpt gpt(test_context(), shape, 3, 42);
  enlarge_weights(gpt);
  const Batch batch = batch_of(shape, 3, 7);
  gpt.loss_and_gradients(batch.inputs, batch.targets);
  std::vector<std::vector<float>> gradients;
  for (const model::ParameterInfo& info : gpt.parameters())
    gradients.push_back(gpt.read(info.name, Kind::kGradient));

  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const std::string& name = gpt.parameters()[i].name;
    const std::vector<float> at = gpt.read(name, Kind::kWeight);
    const double expected = length(gradients[i]);
    ASSERT_GT(expected, 1e-3) << name;
    constexpr double kStep = 0.02;
    const auto loss_at = [&](double step) {
      std::vector<float> moved = at;
      for (std::size_t k = 0; k < at.size(); ++k)
        moved[k] = static_cast<float>(double{at[k]} + step * double{gradients[i][k]} / expected);
      gpt.write(name, Kind::kWeight, moved);
      return double{gpt.loss_and_gradients(batch.inputs, batch.targets)};
    };
    const double measured = (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep);
    EXPECT_NEAR(measured, expected, 0.02 * expected + 2e-5) << name;
    gpt.write(name, Kind::kWeight, at);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Options, WholeModel,
    ::testing::Values(Option{"plain", false, true, model::Gelu::kExact, 0},
                      Option{"biased_untied_tanh", true, false, model::Gelu::kTanh, 0},
                      Option{"dropout", true, true, model::Gelu::kExact, 0.2F}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Gpt, StartsAtTheEntropyOfTheVocabularyAndLearnsABatchByHeart) {
  const model::GptShape shape = small_shape();
  Gpt gpt(test_context(), shape, 2, 1);
  const Batch batch = batch_of(shape, 2, 3);
  const float first = gpt.evaluate(batch.inputs, batch.targets);
  EXPECT_NEAR(first, std::log(19.0), 0.1);
  for (int step = 0; step < 100; ++step) {
    gpt.enqueue_gradients(batch.inputs, batch.targets);
    gpt.enqueue_step({}, 1e-2F, 1.0F);
  }
  EXPECT_LT(gpt.finish().loss, 0.1F * first);
}

TEST(Gpt, TheSameSeedGivesTheSameBitsAndAnotherDoesNot) {
  model::GptShape shape = small_shape();
  shape.dropout = 0.1F;
  const Batch batch = batch_of(shape, 3, 5);
  const auto run = [&](std::uint64_t seed) {
    Gpt gpt(test_context(), shape, 3, seed);
    for (int step = 0; step < 3; ++step) {
      gpt.loss_and_gradients(batch.inputs, batch.targets);
      gpt.step({}, 1e-3F, 1.0F);
    }
    return gpt.read("h.1.mlp.c_proj.weight", Kind::kWeight);
  };
  EXPECT_EQ(run(9), run(9));
  EXPECT_NE(run(9), run(10));
}

TEST(Gpt, AStateReadAndWrittenContinuesBitForBit) {
  model::GptShape shape = small_shape();
  shape.dropout = 0.1F;
  const Batch batch = batch_of(shape, 3, 5);
  const auto train = [&](Gpt& gpt, int steps) {
    for (int step = 0; step < steps; ++step) {
      gpt.loss_and_gradients(batch.inputs, batch.targets);
      gpt.step({}, 1e-3F, 1.0F);
    }
  };
  Gpt whole(test_context(), shape, 3, 77), first(test_context(), shape, 3, 77),
      second(test_context(), shape, 3, 77);
  train(whole, 5);
  train(first, 2);
  for (const model::ParameterInfo& info : first.parameters())
    for (const Kind kind : {Kind::kWeight, Kind::kMoment1, Kind::kMoment2})
      second.write(info.name, kind, first.read(info.name, kind));
  second.set_steps_done(first.steps_done());
  train(second, 3);
  for (const model::ParameterInfo& info : whole.parameters())
    EXPECT_EQ(whole.read(info.name, Kind::kWeight), second.read(info.name, Kind::kWeight))
        << info.name;
}

TEST(Gpt, ClippingScalesTheWholeGradientToTheLimit) {
  const model::GptShape shape = small_shape();
  const Batch batch = batch_of(shape, 3, 5);
  Gpt gpt(test_context(), shape, 3, 4);
  gpt.loss_and_gradients(batch.inputs, batch.targets);
  double squares = 0;
  for (const model::ParameterInfo& info : gpt.parameters())
    squares += std::pow(length(gpt.read(info.name, Kind::kGradient)), 2);
  const std::vector<float> gradient = gpt.read("wpe.weight", Kind::kGradient);
  const float norm = gpt.step({}, 1e-3F, 0.25F);
  EXPECT_NEAR(norm, std::sqrt(squares), 1e-5 * norm);
  ASSERT_GT(norm, 0.25F);
  const std::vector<float> moment = gpt.read("wpe.weight", Kind::kMoment1);
  for (std::size_t i = 0; i < moment.size();
       ++i)  // the first moment is 0.1 times the clipped gradient
    EXPECT_NEAR(moment[i], 0.1 * double{gradient[i]} * 0.25 / norm, 1e-6 * norm);
}

TEST(Gpt, AdamWMatchesItsFormulaInDouble) {
  const model::GptShape shape = small_shape();
  const Batch batch = batch_of(shape, 3, 5);
  Gpt gpt(test_context(), shape, 3, 4);
  const AdamW settings{0.8F, 0.95F, 1e-8F, 0.3F};
  for (const char* name : {"wte.weight", "ln_f.weight"}) {  // one that decays, one that does not
    gpt.set_steps_done(2);
    gpt.loss_and_gradients(batch.inputs, batch.targets);
    const auto before = gpt.read(name, Kind::kWeight), g = gpt.read(name, Kind::kGradient),
               m = gpt.read(name, Kind::kMoment1), v = gpt.read(name, Kind::kMoment2);
    gpt.step(settings, 0.01F, 0);
    const auto after = gpt.read(name, Kind::kWeight);
    const double decay = std::string(name) == "wte.weight" ? 0.3 : 0.0;
    for (std::size_t i = 0; i < after.size(); ++i) {
      const double m1 = 0.8 * double{m[i]} + 0.2 * double{g[i]};
      const double v1 = 0.95 * double{v[i]} + 0.05 * double{g[i]} * double{g[i]};
      const double expected =
          double{before[i]} * (1 - 0.01 * decay) -
          0.01 * (m1 / (1 - std::pow(0.8, 3))) / (std::sqrt(v1 / (1 - std::pow(0.95, 3))) + 1e-8);
      EXPECT_NEAR(after[i], expected, 1e-6) << name << " " << i;
    }
  }
}

TEST(Gpt, LogitsAreThoseOfTheLastTokenWhateverFollows) {
  const model::GptShape shape = small_shape();
  Gpt gpt(test_context(), shape, 3, 4);
  const Batch batch = batch_of(shape, 1, 5);
  const std::span<const std::int32_t> tokens = batch.inputs;
  const std::vector<float> logits = gpt.logits(tokens);
  ASSERT_EQ(logits.size(), shape.vocabulary);
  // Cross-entropy from the logits of every prefix is what evaluate() says.
  double loss = 0;
  for (std::size_t n = 1; n <= tokens.size(); ++n) {
    const std::vector<float> row = gpt.logits(tokens.first(n));
    double sum = 0;
    for (const float l : row) sum += std::exp(double{l});
    loss += std::log(sum) - double{row[static_cast<std::size_t>(batch.targets[n - 1])]};
  }
  EXPECT_NEAR(gpt.evaluate(batch.inputs, batch.targets), loss / shape.context, 1e-5);
}

TEST(Gpt, WrongInputIsNamedWithItsPlace) {
  Gpt gpt(test_context(), small_shape(), 2, 4);
  const auto error_of = [&](const auto& what) -> std::string {
    try {
      what();
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  };
  Batch batch = batch_of(small_shape(), 2, 5);
  batch.inputs[21] = 19;
  EXPECT_THAT(error_of([&] { gpt.evaluate(batch.inputs, batch.targets); }),
              HasSubstr("inputs: token 5 of sequence 1 is 19, but the vocabulary has 19 (0 to 18"));
  batch.inputs.pop_back();
  EXPECT_THAT(error_of([&] { gpt.evaluate(batch.inputs, batch.targets); }),
              HasSubstr("31 inputs and 32 targets"));
  EXPECT_THAT(error_of([&] { (void)gpt.read("h.2.ln_1.weight", Kind::kWeight); }),
              HasSubstr("no parameter \"h.2.ln_1.weight\""));
  EXPECT_THAT(error_of([&] { gpt.write("ln_f.weight", Kind::kWeight, std::vector<float>(3)); }),
              HasSubstr("has 32 elements, but 3 were given"));
  EXPECT_THAT(error_of([&] { (void)gpt.logits({}); }), HasSubstr("0 tokens were given"));
  EXPECT_THAT(error_of([&] { (void)choose_device("no such device"); }),
              HasSubstr("no OpenCL device is called \"no such device\""));
  EXPECT_THAT(error_of([&] { (void)choose_device("999"); }), HasSubstr("chooses one of:\n  0: "));
}

TEST(Dropout, DropsTheElementsRandom123Names) {
  const std::uint32_t count = 1003;
  const DropoutSite site{0.3F, 5, 0x1234'5678'9ABC'DEF0U, 0x0FED'CBA9'8765'4321U};
  std::vector<float> in(count);
  for (std::uint32_t i = 0; i < count; ++i) in[i] = static_cast<float>(i + 1);
  const Tensor tensor = allocate(test_context(), count), out = allocate(test_context(), count);
  upload(test_context(), tensor, in);
  dropout(test_context(), site, tensor, out);
  const std::vector<float> ours = download(test_context(), out);
  const double threshold = double{site.probability} * 0x1p32;
  for (std::uint32_t i = 0; i < count; ++i) {
    const r123::Philox4x32::ctr_type words = r123::Philox4x32()(
        {{i / 4, 5, 0x9ABC'DEF0U, 0x1234'5678U}}, {{0x8765'4321U, 0x0FED'CBA9U}});
    const bool dropped = words[i % 4] < static_cast<std::uint32_t>(threshold);
    ASSERT_EQ(ours[i], dropped ? 0.0F : in[i] * (1.0F / 0.7F)) << i;
  }
}

TEST(Dropout, DropsItsShareAndKeepsTheMean) {
  constexpr std::uint32_t kCount = 1U << 20U;
  const Tensor tensor = allocate(test_context(), kCount);
  upload(test_context(), tensor, std::vector<float>(kCount, 1.0F));
  dropout(test_context(), {0.2F, 1, 2, 3}, tensor, tensor);
  double sum = 0, zeros = 0;
  for (const float v : download(test_context(), tensor)) {
    sum += double{v};
    zeros += v == 0 ? 1 : 0;
  }
  // Binomial: the share's deviation is sqrt(p (1 - p) / n) = 0.0004; five of them.
  EXPECT_NEAR(zeros / kCount, 0.2, 0.002);
  EXPECT_NEAR(sum / kCount, 1.0, 0.0025);
}

}  // namespace
}  // namespace isobar::nn
