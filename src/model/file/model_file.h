// A model file: the shape of a GPT and the recipe it is trained with, as TOML. `[shape]` and
// `[recipe]` hold one key per field below; every key has a default except the shape's four sizes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "model/gpt_shape.h"

namespace isobar::model {

/// How to train it. Names follow nanoGPT's options.
struct Recipe {
  std::uint32_t batch = 12;  // sequences per step
  std::uint32_t steps = 2000;
  float learning_rate = 1e-3F;      // reached after the warm-up
  float min_learning_rate = 1e-4F;  // reached at decay_steps, kept after
  std::uint32_t warmup_steps = 100;
  std::uint32_t decay_steps = 2000;  // cosine from the warm-up's end to here
  float beta1 = 0.9F, beta2 = 0.99F, epsilon = 1e-8F;
  float weight_decay = 0.1F;
  float gradient_clip = 1.0F;          // global norm; 0: none
  std::uint32_t evaluate_every = 250;  // steps
  std::uint32_t evaluate_batches = 20;
  std::uint64_t seed = 1337;
};

struct ModelFile {
  std::string name;
  std::string description;
  std::filesystem::path path;
  GptShape shape;
  Recipe recipe;
};

/// Reads a model file. Throws UserError "<file>:<line>: <what is wrong> (<what would be right>)".
[[nodiscard]] ModelFile read_model(const std::filesystem::path& path);
/// The same from text; `path` is only what errors call it.
[[nodiscard]] ModelFile parse_model(std::string_view text, const std::filesystem::path& path);
/// Can the trainer build it? False also where it cannot be read.
[[nodiscard]] bool is_trainable(const std::filesystem::path& path);
/// Finds a model by path, or by name among share/isobar/models; a wrong name lists those that can
/// be trained.
[[nodiscard]] ModelFile find_model(const std::string& name_or_path);
/// The model files that came with Isobar, sorted by name.
[[nodiscard]] std::vector<std::filesystem::path> list_models();

}  // namespace isobar::model
