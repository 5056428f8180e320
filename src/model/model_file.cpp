// Each key is declared once below, with its range; unknown keys are errors, since a misspelt one
// would otherwise train a different model in silence.
#include "model/model_file.h"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <set>
#include <type_traits>

#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/toml.h"

namespace isobar::model {
namespace {

/// Reads the keys of one table and remembers which were asked for.
class Section {
 public:
  Section(const toml::table& table, std::string name, std::string file)
      : table_(table), name_(std::move(name)), file_(std::move(file)) {}

  template <std::unsigned_integral T>
  void whole(const char* key, T& field, std::uint64_t low, std::uint64_t high) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < low ||
        static_cast<std::uint64_t>(*value) > high)
      wrong(*node, key, fmt::format("a whole number from {} to {}", low, high));
    field = static_cast<T>(*value);
  }
  void real(const char* key, float& field, double low, double high) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    if (!value || !(*value >= low && *value <= high))
      wrong(*node, key, fmt::format("a number from {} to {}", low, high));
    field = static_cast<float>(*value);
  }
  void truth(const char* key, bool& field) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<bool>();
    if (!value) wrong(*node, key, "true or false");
    field = *value;
  }
  void text(const char* key, std::string& field) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::string>();
    if (!value) wrong(*node, key, "text in quotes");
    field = *value;
  }
  void gelu(const char* key, Gelu& field) {
    std::string form = field == Gelu::kExact ? "exact" : "tanh";
    text(key, form);
    if (form != "exact" && form != "tanh") wrong(*find(key), key, "\"exact\" or \"tanh\"");
    field = form == "exact" ? Gelu::kExact : Gelu::kTanh;
  }
  /// A table inside this one; empty if it is not there.
  Section section(const char* key) {
    static const toml::table kEmpty;
    const toml::node* node = find(key);
    if (node != nullptr && !node->is_table()) wrong(*node, key, "a table");
    return {node != nullptr ? *node->as_table() : kEmpty, key, file_};
  }
  /// Complains of the first key nobody asked for.
  void finish() const {
    for (const auto& [key, node] : table_) {
      if (known_.contains(std::string(key.str()))) continue;
      std::string names;
      for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
      fail("{}:{}: {} is not a key of {} (it has {})", file_, key.source().begin.line,
           std::string(key.str()), name_.empty() ? "a model file" : "[" + name_ + "]", names);
    }
  }
  [[nodiscard]] std::string where() const {
    return fmt::format("{}:{}", file_,
                       std::max(1U, static_cast<unsigned>(table_.source().begin.line)));
  }

 private:
  const toml::node* find(const char* key) {
    known_.insert(key);
    return table_.get(key);
  }
  [[noreturn]] void wrong(const toml::node& node, const char* key, const std::string& right) const {
    fail("{}:{}: {}{}{} is not right (it must be {})", file_, node.source().begin.line, name_,
         name_.empty() ? "" : ".", key, right);
  }

  const toml::table& table_;
  std::string name_, file_;
  std::set<std::string> known_;
};

void read_shape(Section& section, GptShape& shape) {
  section.whole("layers", shape.layers, 1, 1000);
  section.whole("heads", shape.heads, 1, 1024);
  section.whole("width", shape.width, 1, 1U << 16U);
  section.whole("context", shape.context, 1, 1U << 20U);
  section.whole("vocabulary", shape.vocabulary, 0, 1U << 24U);
  section.truth("bias", shape.bias);
  section.truth("tied_embeddings", shape.tied_embeddings);
  section.gelu("gelu", shape.gelu);
  section.real("dropout", shape.dropout, 0, 0.99);
  section.real("layer_norm_epsilon", shape.layer_norm_epsilon, 1e-12, 1);
  section.finish();
  check(shape, section.where());
}

void read_recipe(Section& section, Recipe& recipe) {
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
  Section top(table, "", path.string());
  top.text("name", model.name);
  top.text("description", model.description);
  Section shape = top.section("shape"), recipe = top.section("recipe");
  top.finish();
  read_shape(shape, model.shape);
  read_recipe(recipe, model.recipe);
  if (model.name.empty()) model.name = path.stem().string();
  return model;
}

ModelFile read_model(const std::filesystem::path& path) {
  return parse_model(read_text(path), path);
}

std::vector<std::filesystem::path> list_models() {
  std::vector<std::filesystem::path> models;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(share_directory() / "models", error))
    if (entry.path().extension() == ".toml") models.push_back(entry.path());
  std::ranges::sort(models);
  return models;
}

ModelFile find_model(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".toml"))
    return read_model(name_or_path);
  std::string names;
  for (const std::filesystem::path& path : list_models()) {
    if (path.stem() == name_or_path) return read_model(path);
    names += (names.empty() ? "" : ", ") + path.stem().string();
  }
  fail("no model is called \"{}\" (there are {}; a path to a .toml file works too)", name_or_path,
       names.empty() ? "none" : names);
}

}  // namespace isobar::model
