// Every model that comes with Isobar has the number of parameters that others counted, to the
// digits they published; and what is wrong with a file is said with its place.
#include "model/file/transformer_file.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file/file.h"
#include "model/file/model_file.h"
#include "model/transformer_counts.h"

namespace isobar::model {
namespace {

using ::testing::HasSubstr;

constexpr char kSmall[] =
    "name = \"small\"\n[shape]\nlayers = 2\nheads = 2\nwidth = 8\ncontext = 4\nvocabulary = 5\n";

std::string error_of(const std::string& text) {
  try {
    (void)parse_transformer(text, "m.toml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(ISOBAR_SOURCE_DIR "/models"))
    if (entry.path().stem() != "gpt-nano") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

TEST(TransformerFile, EveryShippedModelHasItsPublishedNumberOfParameters) {
  EXPECT_GT(shipped().size(), 70U);
  for (const std::filesystem::path& path : shipped()) {
    const TransformerModel model = read_transformer(path);
    EXPECT_EQ(model.name, path.stem().string());
    EXPECT_FALSE(model.source.empty()) << path;
    EXPECT_FALSE(model.published.source.empty()) << path;
    const ParameterCounts counts = count_parameters(model.shape);
    std::uint64_t total = counts.total;
    if (!model.published.with_embedding) total -= counts.embedding;
    EXPECT_TRUE(agrees(total, model.published.parameters, model.published.digits))
        << path.stem() << ": " << total << " against " << model.published.parameters;
    if (model.published.activated == 0) continue;
    std::uint64_t activated = counts.activated;
    if (!model.published.activated_with_embedding) activated -= counts.embedding;
    EXPECT_TRUE(agrees(activated, model.published.activated, model.published.activated_digits))
        << path.stem() << ": " << activated << " against " << model.published.activated;
  }
}

TEST(TransformerFile, DeepSeekV3sPredictionModuleHasTheParametersOfItsCheckpoint) {
  // The checkpoint holds 3,918,786,560 elements in BF16, 680,571,043,840 in FP8 and one bias per
  // expert in 59 layers: the main model, this module, and a second embedding and head.
  const TransformerShape shape =
      read_transformer(ISOBAR_SOURCE_DIR "/models/deepseek-v3.toml").shape;
  const std::uint64_t checkpoint = 3'918'786'560 + 680'571'043'840 + 59 * 256;
  EXPECT_EQ(count_parameters(shape).prediction_modules,
            checkpoint - count_parameters(shape).total - 2ULL * 129'280 * 7168);
}

TEST(TransformerFile, MissingKeysMeanAGpt) {
  const TransformerShape shape = parse_transformer(kSmall, "m.toml").shape;
  EXPECT_EQ(shape, to_transformer(parse_model(kSmall, "m.toml").shape));
}

TEST(TransformerFile, ErrorsNameFileLineValueAndRemedy) {
  EXPECT_THAT(error_of(std::string(kSmall) + "kv_head = 1\n"),
              HasSubstr("m.toml:8: \"kv_head\" is not a key of [shape] (did you mean kv_heads"));
  EXPECT_THAT(error_of(std::string(kSmall) + "activation = \"swish\"\n"),
              HasSubstr("m.toml:8: shape.activation is \"swish\" (it must be \"gelu\", \"relu\", "
                        "\"squared-relu\", \"swiglu\" or \"geglu\")"));
  EXPECT_THAT(error_of(std::string(kSmall) + "[experts]\ncount = 4\n"),
              HasSubstr("m.toml:2: a token visits 0 of 4 experts"));
  EXPECT_THAT(error_of(std::string(kSmall) + "[latent]\nquery_rank = 4\n"),
              HasSubstr("no error"));  // without a rank for keys and values it is not latent
  EXPECT_THAT(error_of("[shape]\nlayers = 2\nheads = 2\nwidth = 8\ncontext = 4\n"),
              HasSubstr("m.toml:1: vocabulary is 0"));
}

TEST(TransformerFile, TheTrainerRefusesWhatItCannotBuildAndNamesTheKey) {
  const std::string llama = ISOBAR_SOURCE_DIR "/models/llama-3-8b.toml";
  try {
    (void)read_model(llama);
    FAIL() << "the trainer took it";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the trainer builds GPTs like GPT-2 only, and kv_heads"));
  }
  EXPECT_EQ(parameter_count(read_model(ISOBAR_SOURCE_DIR "/models/gpt2.toml").shape), 124'439'808U);
}

TEST(TransformerFile, RoundingIsToThePublishedDigits) {
  EXPECT_TRUE(agrees(670'600'000'000, 671'000'000'000, 3));
  EXPECT_FALSE(agrees(670'400'000'000, 671'000'000'000, 3));
  EXPECT_TRUE(agrees(671'900'000'000, 671'000'000'000, 3));  // cut
  EXPECT_FALSE(agrees(672'100'000'000, 671'000'000'000, 3));
  EXPECT_TRUE(agrees(5, 5, 0));
  EXPECT_FALSE(agrees(6, 5, 0));
}

}  // namespace
}  // namespace isobar::model
