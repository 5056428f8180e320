// Weights from elsewhere: our own files, GPT-2's as Hugging Face lays them out, and llm.c's.
#include "train/initial_weights.h"

#include <gmock/gmock.h>

#include "nn/testing/test_device.h"
#include "train/run/checkpoint.h"
#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

using ::testing::HasSubstr;

model::GptShape gpt2_shape() {
  model::GptShape shape{.layers = 1, .heads = 2, .width = 8, .context = 4, .vocabulary = 5};
  shape.bias = true;
  shape.gelu = model::Gelu::kTanh;
  return shape;
}

std::map<std::string, std::vector<float>> made_up(const model::GptShape& shape) {
  std::map<std::string, std::vector<float>> weights;
  float next = 0;
  for (const model::ParameterInfo& info : model::parameters(shape))
    for (std::uint64_t i = 0; i < info.elements(); ++i) weights[info.name].push_back(next++);
  return weights;
}

/// As transformers saves GPT-2: a prefix, and linear weights as (in, out).
SafetensorsFile hugging_face(const model::GptShape& shape) {
  SafetensorsFile file;
  const auto weights = made_up(shape);
  for (const model::ParameterInfo& info : model::parameters(shape)) {
    std::vector<std::uint64_t> dims(info.shape.begin(), info.shape.end());
    std::vector<float> values = weights.at(info.name);
    if (dims.size() == 2 && info.name.starts_with("h.")) {
      for (std::uint64_t out = 0; out < dims[0]; ++out)
        for (std::uint64_t in = 0; in < dims[1]; ++in)
          values[in * dims[0] + out] = weights.at(info.name)[out * dims[1] + in];
      std::swap(dims[0], dims[1]);
    }
    file.tensors["transformer." + info.name] = StoredTensor::from_floats(dims, values);
  }
  file.tensors["transformer.h.0.attn.bias"] = StoredTensor::from_floats({1}, std::vector{1.0F});
  return file;
}

TEST(InitialWeights, HuggingFacesLayoutIsTurned) {
  const TestFolder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors(path, hugging_face(gpt2_shape()));
  const InitialWeights read = read_initial_weights(path, gpt2_shape());
  EXPECT_FALSE(read.shape);
  EXPECT_EQ(read.weights, made_up(gpt2_shape()));
}

TEST(InitialWeights, ATensorThatDoesNotFitIsNamed) {
  const TestFolder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors(path, hugging_face(gpt2_shape()));
  model::GptShape wider = gpt2_shape();
  wider.vocabulary = 7;
  EXPECT_THAT(error_of([&] { (void)read_initial_weights(path, wider); }),
              HasSubstr("\"wte.weight\" is (5, 8), but the model's is (7, 8)"));
  model::GptShape deeper = gpt2_shape();
  deeper.layers = 2;
  EXPECT_THAT(error_of([&] { (void)read_initial_weights(path, deeper); }),
              HasSubstr("has no tensor \"h.1."));
  EXPECT_THAT(error_of([&] { (void)read_initial_weights("weights.npz", wider); }),
              HasSubstr("weights come from"));
}

TEST(InitialWeights, GoToLlmCAndBack) {
  const TestFolder folder;
  nn::Gpt gpt(nn::test_context(), gpt2_shape(), 1, 7);
  write_weights({.shape = {}, .weights = made_up(gpt2_shape())}, gpt);
  export_llmc(gpt, folder / "gpt2.bin");
  const InitialWeights read = read_initial_weights(folder / "gpt2.bin", {});
  ASSERT_TRUE(read.shape);
  EXPECT_TRUE(*read.shape == gpt2_shape());
  EXPECT_EQ(read.weights, made_up(gpt2_shape()));
}

TEST(InitialWeights, OnlyGpt2sFormGoesToLlmC) {
  model::GptShape shape = gpt2_shape();
  shape.gelu = model::Gelu::kExact;
  EXPECT_THAT(error_of([&] { check_llmc_form(shape, "x.bin"); }), HasSubstr("gelu = \"tanh\""));
  shape.bias = false;
  EXPECT_THAT(error_of([&] { check_llmc_form(shape, "x.bin"); }), HasSubstr("bias = true"));
}

TEST(InitialWeights, OfOurOwnCheckpointsBringTheirShape) {
  const TestFolder folder;
  nn::Gpt gpt(nn::test_context(), gpt2_shape(), 1, 7);
  Checkpoint checkpoint;
  checkpoint.tokeniser = "{}";
  capture(gpt, checkpoint);
  write_checkpoint(folder / "c.safetensors", checkpoint);
  const InitialWeights read = read_initial_weights(folder / "c.safetensors", {});
  ASSERT_TRUE(read.shape);
  EXPECT_TRUE(*read.shape == gpt2_shape());
  EXPECT_EQ(read.weights.at("wte.weight"), gpt.read("wte.weight", nn::Kind::kWeight));
}

}  // namespace
}  // namespace isobar::train
