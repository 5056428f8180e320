// config.toml: every setting comes back as the very same value.
#include "train/run/run_config.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

using ::testing::HasSubstr;

RunConfig config() {
  RunConfig c;
  c.model = model::parse_model(
      "name = \"a \\\"model\\\"\"\n[shape]\nlayers = 2\nheads = 2\nwidth = 32\n"
      "context = 8\nvocabulary = 65\ndropout = 0.1\ngelu = \"tanh\"\n",
      "a.toml");
  c.data = "/a folder/moby \"dick\" \x7f.txt";
  c.tokeniser = "byte";
  c.device = "pocl";
  c.device_name = "Portable \\ Computing";
  c.chip = "isobar-1";
  c.fidelity = "timed";
  c.checkpoint_every = 7;
  return c;
}

TEST(RunConfig, APathOfAnyBytesComesBackAsItWas) {
  RunConfig before = config();
  before.data = "/a/d\xff\x01.txt";
  before.initial_weights = "/w/\xc3(.safetensors";
  const RunConfig after = parse_run_config(to_toml(before), "config.toml");
  EXPECT_EQ(after.data, before.data);
  EXPECT_EQ(after.initial_weights, before.initial_weights);
}

TEST(RunConfig, ComesBackAsItWas) {
  const RunConfig before = config();
  const RunConfig after = parse_run_config(to_toml(before), "config.toml");
  EXPECT_EQ(to_toml(after), to_toml(before));
  EXPECT_TRUE(after.model.shape == before.model.shape);
  EXPECT_EQ(after.model.name, before.model.name);
  EXPECT_EQ(after.data, before.data);
  EXPECT_EQ(after.device, before.device);
  EXPECT_EQ(after.chip, before.chip);
  EXPECT_EQ(after.fidelity, before.fidelity);
  EXPECT_EQ(after.checkpoint_every, 7U);
}

TEST(RunConfig, KeepsEveryBitOfARate) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> exponent(-9, 0);
  RunConfig c = config();
  for (int i = 0; i < 1000; ++i) {
    c.model.recipe.learning_rate = std::pow(10.0F, exponent(random));
    c.model.recipe.min_learning_rate = c.model.recipe.learning_rate / 7;
    const RunConfig after = parse_run_config(to_toml(c), "config.toml");
    ASSERT_EQ(after.model.recipe.learning_rate, c.model.recipe.learning_rate);
    ASSERT_EQ(after.model.recipe.min_learning_rate, c.model.recipe.min_learning_rate);
  }
}

TEST(RunConfig, WhatIsWrongIsNamedWithItsLine) {
  const auto error = [](std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    return error_of([&] { (void)parse_run_config(text, "c.toml"); });
  };
  const std::string good = to_toml(config());
  EXPECT_THAT(error(good, "\n[run]", "\n[ran]"), HasSubstr("it has no table [run]"));
  EXPECT_THAT(error(good, "checkpoint_every = 7", "checkpoint_every = 0"),
              HasSubstr("run.checkpoint_every is 0 (it must be a whole number"));
  EXPECT_THAT(error(good, "chip =", "chop ="),
              HasSubstr("\"chop\" is not a key of [run] (did you mean chip"));
  EXPECT_THAT(error(good, "tokeniser = \"byte\"", "tokeniser = 3"),
              HasSubstr("run.tokeniser is 3 (it must be text in quotes)"));
  // Lines count as in the file, although [run] is cut out for the model's reader.
  EXPECT_THAT(error(good, "layers = 2", "layers = -2"), HasSubstr("c.toml:7: shape.layers"));
  EXPECT_THAT(error("[run]\nchip = \"a\"\n[shape]\nlayers = -1\n", "a", "a"),
              HasSubstr("c.toml:4: shape.layers"));
}

}  // namespace
}  // namespace isobar::train
