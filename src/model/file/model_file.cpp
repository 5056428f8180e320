// Each key is declared once below, with its range.
#include "model/file/model_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/named_file.h"
#include "base/file/paths.h"
#include "base/text/nearest.h"
#include "base/text/nesting.h"
#include "base/text/toml_file.h"
#include "model/file/transformer_file.h"

namespace isobar::model {
namespace {

constexpr std::array kGeluNames{"exact", "tanh"};

void read_shape(TomlTable& section, GptShape& shape) {
  section.whole("layers", shape.layers, 1, 1000);
  section.whole("heads", shape.heads, 1, 1024);
  section.whole("width", shape.width, 1, 1U << 16U);
  section.whole("context", shape.context, 1, 1U << 20U);
  section.whole("vocabulary", shape.vocabulary, 0, 1U << 24U);
  section.truth("bias", shape.bias);
  section.truth("tied_embeddings", shape.tied_embeddings);
  auto gelu = static_cast<std::size_t>(shape.gelu);
  section.choice("gelu", gelu, kGeluNames);
  shape.gelu = static_cast<Gelu>(gelu);
  section.real("dropout", shape.dropout, 0, 0.99);
  section.real("layer_norm_epsilon", shape.layer_norm_epsilon, 1e-12, 1);
  section.finish();
  check(shape, section.where());
}

void read_recipe(TomlTable& section, Recipe& recipe) {
  section.whole("batch", recipe.batch, 1, 1U << 20U);
  section.whole("steps", recipe.steps, 1, 1U << 30U);
  section.real("learning_rate", recipe.learning_rate, 0, 10);
  section.real("min_learning_rate", recipe.min_learning_rate, 0, 10);
  section.whole("warmup_steps", recipe.warmup_steps, 0, 1U << 30U);
  section.whole("decay_steps", recipe.decay_steps, 1, 1U << 30U);
  section.real("beta1", recipe.beta1, 0, 0.999999);
  section.real("beta2", recipe.beta2, 0, 0.999999);
  section.real("epsilon", recipe.epsilon, 1e-30, 1);
  section.real("weight_decay", recipe.weight_decay, 0, 100);
  section.real("gradient_clip", recipe.gradient_clip, 0, 1e9);
  section.whole("evaluate_every", recipe.evaluate_every, 1, 1U << 30U);
  section.whole("evaluate_batches", recipe.evaluate_batches, 1, 1U << 30U);
  section.whole("seed", recipe.seed, 0, std::numeric_limits<std::int64_t>::max());
  section.finish();
  if (recipe.min_learning_rate > recipe.learning_rate)
    fail("{}: recipe.min_learning_rate is above recipe.learning_rate (try a tenth of it)",
         section.where());
  if (recipe.warmup_steps > recipe.decay_steps)
    fail("{}: recipe.warmup_steps is {}, but the decay ends at step {} (try {})", section.where(),
         recipe.warmup_steps, recipe.decay_steps, recipe.decay_steps / 20);
}

}  // namespace

ModelFile parse_model(std::string_view text, const std::filesystem::path& path) {
  ModelFile model;
  model.path = path;
  const toml::table table = parse_toml(text, path.string());
  refuse_more_than_gpt(table, path.string());
  TomlTable top(table, path.string(), "a model file");
  top.text("name", model.name);
  top.text("description", model.description);
  TomlTable shape = top.section("shape"), recipe = top.section("recipe");
  // What the planner reads beside it (transformer_file.h).
  std::string source;
  std::vector<std::string> aliases;
  top.text("source", source);
  top.texts("aliases", aliases);
  (void)top.section("published");
  top.finish();
  read_shape(shape, model.shape);
  read_recipe(recipe, model.recipe);
  if (model.name.empty()) model.name = path.stem().string();
  return model;
}

ModelFile read_model(const std::filesystem::path& path) {
  return parse_model(read_text(path, kMostToml), path);
}

std::vector<std::filesystem::path> list_models() {
  std::vector<std::filesystem::path> models;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(share_directory() / "models", error))
    if (entry.path().extension() == ".toml") models.push_back(entry.path());
  std::ranges::sort(models);
  return models;
}

bool is_trainable(const std::filesystem::path& path) {
  try {
    (void)read_model(path);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

ModelFile find_model(const std::string& name_or_path) {
  if (names_a_path(name_or_path)) return read_model(name_or_path);
  NamedFiles trainable{"model that can be trained", "a path to a .toml file works too",
                       list_models()};
  // A file of that very name is read even if it cannot be trained: it says why not itself.
  const std::string plain = plain_name(name_or_path);
  std::erase_if(trainable.files, [&](const std::filesystem::path& path) {
    return plain_name(path.stem().string()) != plain && !is_trainable(path);
  });
  return read_model(find_named_file(name_or_path, trainable));
}

}  // namespace isobar::model
