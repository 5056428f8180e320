#include "model/file/transformer_file.h"

#include <array>
#include <cmath>

#include "base/file/file.h"
#include "base/file/named_file.h"
#include "base/file/paths.h"
#include "base/text/nesting.h"
#include "base/text/toml_file.h"
#include "model/catalogue.h"
#include "model/file/hugging_face.h"
#include "model/file/model_file.h"
#include "model/file/shape_keys.h"

namespace isobar::model {
namespace {

/// What a table of the file says about the shape; other keys of it are the caller's.
void read_keys(TomlTable& section, std::string_view table, TransformerShape& shape) {
  for (const ShapeKey& row : shape_keys()) {
    if (row.table != table) continue;
    if (row.whole != nullptr) section.whole(row.key, row.whole(shape), row.low, row.high);
    if (row.truth != nullptr) section.truth(row.key, row.truth(shape));
    if (row.text != nullptr) section.text(row.key, row.text(shape));
    if (row.choose != nullptr) {
      std::size_t place = row.chosen(shape);
      section.choice(row.key, place, row.names);
      row.choose(shape, place);
    }
  }
}

/// Defaults that depend on other keys, then everything that is given.
void read_shape(TomlTable& section, TransformerShape& s) {
  bool bias = false;
  section.truth("bias", bias);
  s.norm_bias = s.query_key_value_bias = s.output_bias = s.feed_forward_bias = bias;
  TransformerShape given;  // the sizes that the defaults follow from
  read_keys(section, "shape", given);
  s.kv_heads = given.heads;
  s.head_width = given.heads == 0 ? 0 : given.width / given.heads;
  s.feed_forward = 4 * given.width;
  read_keys(section, "shape", s);
  // They matter to the trainer only.
  std::size_t gelu = 0;
  float dropout = 0, epsilon = 0;
  constexpr std::array kGelus{"exact", "tanh"};
  section.choice("gelu", gelu, kGelus);
  section.real("dropout", dropout, 0, 0.99);
  section.real("layer_norm_epsilon", epsilon, 1e-12, 1);
  section.finish();
}

/// A table that need not be there.
void read_table(TomlTable& top, const char* table, TransformerShape& shape) {
  if (!top.has(table)) return;
  TomlTable section = top.section(table);
  read_keys(section, table, shape);
  section.finish();
}

constexpr std::array kTables{"latent", "experts", "state_space"};

void read_published(TomlTable& section, Published& p) {
  constexpr std::uint64_t kMost = 1'000'000'000'000'000;
  section.whole("parameters", p.parameters, 1, kMost);
  section.whole("digits", p.digits, 1, 15);
  section.truth("with_embedding", p.with_embedding);
  section.whole("activated", p.activated, 1, kMost);
  section.whole("activated_digits", p.activated_digits, 1, 15);
  section.truth("activated_with_embedding", p.activated_with_embedding);
  section.text("source", p.source);
  section.finish();
}

}  // namespace

TransformerModel parse_transformer(std::string_view text, const std::filesystem::path& path) {
  TransformerModel model;
  model.path = path;
  const toml::table table = parse_toml(text, path.string());
  TomlTable top(table, path.string(), "a model file");
  top.text("name", model.name);
  top.text("description", model.description);
  top.text("source", model.source);
  top.texts("aliases", model.aliases);
  TomlTable shape = top.section("shape"), published = top.section("published");
  read_shape(shape, model.shape);
  for (const char* name : kTables) read_table(top, name, model.shape);
  read_published(published, model.published);
  (void)top.section("recipe");  // the trainer's
  top.finish();
  if (model.shape.vocabulary == 0)
    fail(
        "{}: vocabulary is 0, which stands for the tokeniser of the trainer's data (give the "
        "number "
        "of tokens to count with)",
        shape.where());
  check(model.shape, shape.where());
  if (model.name.empty()) model.name = path.stem().string();
  return model;
}

TransformerModel read_transformer(const std::filesystem::path& path) {
  if (path.extension() == ".json") return read_hugging_face(path);
  return parse_transformer(read_text(path, kMostToml), path);
}

TransformerModel find_transformer(const std::string& name_or_path) {
  // "meta-llama/Llama-3.1-405B" is how others write a model's name.
  const std::filesystem::path path = name_or_path;
  const bool file =
      path.extension() == ".toml" || path.extension() == ".json" || std::filesystem::exists(path);
  if (names_a_path(name_or_path) && file) return read_transformer(name_or_path);
  const std::string name = path.filename().string();
  if (auto model = model_named(name)) return *std::move(model);
  return read_transformer(find_named_file(
      name, {"model", "the path of a .toml file or of a Hugging Face config.json works too",
             list_models()}));
}

bool takes_vocabulary_from_data(const std::filesystem::path& path) {
  try {
    return read_model(path).shape.vocabulary == 0;
  } catch (const UserError&) {
    return false;
  }
}

void refuse_more_than_gpt(const toml::table& file, const std::string& path) {
  const auto refuse = [&](const toml::node& node, const char* key) {
    fail(
        "{}:{}: the trainer builds GPTs like GPT-2 only, and {} asks for more (`isobar plan` takes "
        "this model)",
        path, std::max(1U, static_cast<unsigned>(node.source().begin.line)), key);
  };
  for (const char* table : kTables)
    if (const toml::node* node = file.get(table)) refuse(*node, table);
  const toml::node* shape = file.get("shape");
  if (shape == nullptr || !shape->is_table()) return;
  for (const ShapeKey& row : shape_keys()) {
    if (row.trainable || std::string_view(row.table) != "shape") continue;
    if (const toml::node* node = shape->as_table()->get(row.key)) refuse(*node, row.key);
  }
}

bool agrees(std::uint64_t count, std::uint64_t published, std::uint32_t digits) {
  if (digits == 0 || published == 0) return count == published;
  const double magnitude = std::floor(std::log10(static_cast<double>(published)));
  const double unit = std::pow(10.0, magnitude + 1 - digits);
  const double difference = static_cast<double>(count) - static_cast<double>(published);
  return difference >= -0.5 * unit && difference < unit;
}

}  // namespace isobar::model
