// The model file: what it says is what is built, and what is wrong with it is said with its place.
#include <gmock/gmock.h>

#include "base/error.h"
#include "model/file/model_file.h"

namespace isobar::model {
namespace {

using ::testing::HasSubstr;

constexpr char kSmall[] =
    "name = \"small\"\n[shape]\nlayers = 2\nheads = 2\nwidth = 8\ncontext = 4\nvocabulary = 5\n";

std::string error_of(const std::string& text) {
  try {
    (void)parse_model(text, "m.toml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ModelFile, TheShippedModelIsNanoGptsCpuShakespeareConfiguration) {
  const ModelFile model = read_model(ISOBAR_SOURCE_DIR "/models/gpt-nano.toml");
  EXPECT_EQ(model.name, "gpt-nano");
  EXPECT_EQ(model.shape.layers, 4U);
  EXPECT_EQ(model.shape.heads, 4U);
  EXPECT_EQ(model.shape.width, 128U);
  EXPECT_EQ(model.shape.context, 64U);
  EXPECT_EQ(model.shape.vocabulary, 0U);
  EXPECT_FALSE(model.shape.bias);
  EXPECT_EQ(model.recipe.batch, 12U);
  EXPECT_EQ(model.recipe.steps, 2000U);
  EXPECT_FLOAT_EQ(model.recipe.learning_rate, 2e-3F);
  EXPECT_FLOAT_EQ(model.recipe.beta2, 0.99F);
}

TEST(ModelFile, MissingKeysKeepTheirDefaults) {
  const ModelFile model = parse_model(kSmall, "m.toml");
  EXPECT_EQ(model.shape.gelu, Gelu::kExact);
  EXPECT_TRUE(model.shape.tied_embeddings);
  EXPECT_EQ(model.recipe.batch, 12U);
}

TEST(ModelFile, ErrorsNameFileLineValueAndRemedy) {
  EXPECT_THAT(error_of(std::string(kSmall) + "widht = 3\n"),
              HasSubstr("m.toml:8: \"widht\" is not a key of [shape] (did you mean width?)"));
  EXPECT_THAT(error_of("[shape]\nlayers = -1\n"),
              HasSubstr("m.toml:2: shape.layers is -1 (it must be a whole number from 1"));
  EXPECT_THAT(error_of("[shape]\nlayers = \"four\"\n"), HasSubstr("m.toml:2: shape.layers"));
  EXPECT_THAT(error_of("[shape]\nlayers = 1\nheads = 3\nwidth = 8\ncontext = 4\n"),
              HasSubstr("m.toml:1: width is 8, but 3 heads must divide it (try 6 or 9)"));
  EXPECT_THAT(error_of(std::string(kSmall) + "gelu = \"quick\"\n"),
              HasSubstr("m.toml:8: shape.gelu is \"quick\" (it must be \"exact\" or \"tanh\")"));
  EXPECT_THAT(error_of(std::string(kSmall) + "[recipe]\nbeta1 = nan\n"),
              HasSubstr("m.toml:9: recipe.beta1 is nan, but must be a finite number"));
  EXPECT_THAT(error_of(std::string(kSmall) + "[recipe]\nmin_learning_rate = 0.5\n"),
              HasSubstr("above recipe.learning_rate"));
  EXPECT_THAT(error_of("[shape\n"), HasSubstr("m.toml:1: not TOML"));
  EXPECT_THAT(error_of("shape = 3\n"), HasSubstr("m.toml:1: shape is 3 (it must be a table"));
  EXPECT_THAT(error_of(""), HasSubstr("must be given and positive"));
}

TEST(GptShape, Gpt2HasItsPublishedNumberOfParameters) {
  GptShape gpt2{.layers = 12, .heads = 12, .width = 768, .context = 1024, .vocabulary = 50257};
  gpt2.bias = true;
  EXPECT_EQ(parameter_count(gpt2), 124'439'808U);  // "124M", Radford et al. 2019
  // 6 N + 12 L H Q T with N = 124'439'808 - 1024 * 768.
  EXPECT_EQ(training_flops_per_token(gpt2), 6ULL * 123'653'376 + 12ULL * 12 * 768 * 1024);
  GptShape untied = gpt2;
  untied.tied_embeddings = false;
  EXPECT_EQ(training_flops_per_token(untied), training_flops_per_token(gpt2));
}

TEST(GptShape, OnlyMatricesAndEmbeddingsDecay) {
  GptShape shape{.layers = 1, .heads = 1, .width = 4, .context = 4, .vocabulary = 4};
  shape.bias = true;
  for (const ParameterInfo& parameter : parameters(shape))
    EXPECT_EQ(parameter.decays, parameter.shape.size() == 2) << parameter.name;
}

}  // namespace
}  // namespace isobar::model
