#include "model/transformer_file.h"

#include <cmath>

#include "base/file.h"
#include "base/paths.h"
#include "model/hugging_face.h"
#include "model/model_file.h"
#include "model/toml_section.h"

namespace isobar::model {
namespace {

constexpr std::uint64_t kWidest = 1U << 18U;
constexpr std::array kBeyondGpt{
    "kv_heads",      "head_width",        "feed_forward",       "activation",
    "norm",          "positions",         "norm_bias",          "query_key_value_bias",
    "output_bias",   "feed_forward_bias", "head_bias",          "query_key_norm",
    "sandwich_norm", "parallel_blocks",   "embedding_norm",     "attention_sinks",
    "window",        "full_every",        "prediction_modules", "pattern"};
constexpr std::array kTablesBeyondGpt{"latent", "experts", "state_space"};

/// What the trainer's files say, and what they mean for the wider shape.
void read_gpt_keys(TomlSection& section, TransformerShape& s) {
  section.whole("layers", s.layers, 1, 1000);
  section.whole("heads", s.heads, 1, 1024);
  section.whole("width", s.width, 1, kWidest);
  section.whole("context", s.context, 1, 1U << 24U);
  section.whole("vocabulary", s.vocabulary, 0, 1U << 24U);
  section.truth("tied_embeddings", s.tied_embeddings);
  bool bias = false;
  section.truth("bias", bias);
  s.norm_bias = s.query_key_value_bias = s.output_bias = s.feed_forward_bias = bias;
  // They matter to the trainer only.
  Gelu gelu{};
  float dropout = 0, epsilon = 0;
  section.choice("gelu", gelu, std::array{"exact", "tanh"});
  section.real("dropout", dropout, 0, 0.99);
  section.real("layer_norm_epsilon", epsilon, 1e-12, 1);
}

void read_shape(TomlSection& section, TransformerShape& s) {
  read_gpt_keys(section, s);
  s.kv_heads = s.heads;
  s.head_width = s.heads == 0 ? 0 : s.width / s.heads;
  section.whole("kv_heads", s.kv_heads, 1, 1024);
  section.whole("head_width", s.head_width, 1, 1U << 14U);
  section.choice("activation", s.activation,
                 std::array{"gelu", "relu", "squared-relu", "swiglu", "geglu"});
  s.feed_forward = 4 * s.width;
  section.whole("feed_forward", s.feed_forward, 0, 1U << 20U);
  section.choice("norm", s.norm, std::array{"layer", "rms"});
  section.choice("positions", s.positions, std::array{"learned", "rotary", "alibi", "none"});
  section.truth("norm_bias", s.norm_bias);
  section.truth("query_key_value_bias", s.query_key_value_bias);
  section.truth("output_bias", s.output_bias);
  section.truth("feed_forward_bias", s.feed_forward_bias);
  section.truth("head_bias", s.head_bias);
  section.truth("query_key_norm", s.query_key_norm);
  section.truth("sandwich_norm", s.sandwich_norm);
  section.truth("parallel_blocks", s.parallel_blocks);
  section.truth("embedding_norm", s.embedding_norm);
  section.truth("attention_sinks", s.attention_sinks);
  section.whole("window", s.window, 0, 1U << 24U);
  section.whole("full_every", s.full_every, 0, 1000);
  section.whole("prediction_modules", s.prediction_modules, 0, 16);
  section.text("pattern", s.pattern);
  section.finish();
}

void read_latent(TomlSection& section, LatentAttention& l) {
  section.whole("query_rank", l.query_rank, 0, kWidest);
  section.whole("key_value_rank", l.key_value_rank, 1, kWidest);
  section.whole("plain_width", l.plain_width, 0, 1U << 14U);
  section.whole("rotary_width", l.rotary_width, 0, 1U << 14U);
  section.whole("value_width", l.value_width, 1, 1U << 14U);
  section.finish();
}

void read_experts(TomlSection& section, Experts& e) {
  section.whole("count", e.count, 1, 4096);
  section.whole("active", e.active, 1, 4096);
  section.whole("width", e.width, 1, 1U << 20U);
  section.whole("shared_width", e.shared_width, 0, 1U << 20U);
  section.whole("first_dense", e.first_dense, 0, 1000);
  section.whole("every", e.every, 1, 1000);
  section.whole("groups", e.groups, 1, 4096);
  section.whole("active_groups", e.active_groups, 1, 4096);
  section.whole("latent_width", e.latent_width, 0, kWidest);
  section.truth("bias", e.bias);
  section.truth("router_bias", e.router_bias);
  section.truth("gated_shared", e.gated_shared);
  section.finish();
}

void read_state_space(TomlSection& section, StateSpace& m) {
  section.whole("heads", m.heads, 1, 4096);
  section.whole("head_width", m.head_width, 1, 1U << 12U);
  section.whole("groups", m.groups, 1, 4096);
  section.whole("state", m.state, 1, 1U << 12U);
  section.whole("convolution", m.convolution, 0, 64);
  section.whole("chunk", m.chunk, 1, 1U << 16U);
  section.finish();
}

void read_published(TomlSection& section, Published& p) {
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
  TomlSection top(table, "", path.string());
  top.text("name", model.name);
  top.text("description", model.description);
  top.text("source", model.source);
  TomlSection shape = top.section("shape"), published = top.section("published");
  read_shape(shape, model.shape);
  if (top.has("latent")) {
    TomlSection latent = top.section("latent");
    read_latent(latent, model.shape.latent);
  }
  if (top.has("experts")) {
    TomlSection experts = top.section("experts");
    read_experts(experts, model.shape.experts);
  }
  if (top.has("state_space")) {
    TomlSection state_space = top.section("state_space");
    read_state_space(state_space, model.shape.state_space);
  }
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
  return parse_transformer(read_text(path), path);
}

TransformerModel find_transformer(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".toml") ||
      name_or_path.ends_with(".json"))
    return read_transformer(name_or_path);
  std::string names;
  for (const std::filesystem::path& path : list_models()) {
    if (path.stem() == name_or_path) return read_transformer(path);
    names += (names.empty() ? "" : ", ") + path.stem().string();
  }
  fail(
      "no model is called \"{}\" (there are {}; the path of a .toml file or of a Hugging Face "
      "config.json works too)",
      name_or_path, names.empty() ? "none" : names);
}

void refuse_more_than_gpt(const toml::table& file, const std::string& path) {
  const auto refuse = [&](const toml::node& node, const char* key) {
    fail(
        "{}:{}: the trainer builds GPTs like GPT-2 only, and {} asks for more (`isobar plan` takes "
        "this model)",
        path, std::max(1U, static_cast<unsigned>(node.source().begin.line)), key);
  };
  for (const char* key : kTablesBeyondGpt)
    if (const toml::node* node = file.get(key)) refuse(*node, key);
  const toml::node* shape = file.get("shape");
  if (shape == nullptr || !shape->is_table()) return;
  for (const char* key : kBeyondGpt)
    if (const toml::node* node = shape->as_table()->get(key)) refuse(*node, key);
}

bool agrees(std::uint64_t count, std::uint64_t published, std::uint32_t digits) {
  if (digits == 0 || published == 0) return count == published;
  const double magnitude = std::floor(std::log10(static_cast<double>(published)));
  const double unit = std::pow(10.0, magnitude + 1 - digits);
  const double difference = static_cast<double>(count) - static_cast<double>(published);
  return difference >= -0.5 * unit && difference < unit;
}

}  // namespace isobar::model
