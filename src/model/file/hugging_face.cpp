// The conventions per architecture were read off the configuration classes of
// huggingface/transformers and of the models' own repositories; hugging_face_test.cpp compares the
// parameter counts that follow with those of the published checkpoints.
#include "model/file/hugging_face.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/error.h"
#include "base/file/file.h"
#include "base/text/json_infinities.h"
#include "base/text/json_text.h"
#include "base/text/strict_json.h"
#include "model/file/json_keys.h"

namespace isobar::model {
namespace {

using Reader = std::function<void(const JsonKeys&, TransformerShape&)>;

constexpr std::uint64_t kWidest = 1U << 18U;

/// What all of them have, under whatever name.
void read_sizes(const JsonKeys& c, TransformerShape& s) {
  s.width = c.whole({"hidden_size", "n_embd", "d_model"}, 1, kWidest);
  s.heads = c.whole({"num_attention_heads", "n_head", "n_heads"}, 1, 1024);
  s.kv_heads = c.whole_or({"num_key_value_heads"}, s.heads, 1, 1024);
  s.head_width = c.whole_or({"head_dim"}, s.width / s.heads, 1, 1U << 14U);
  s.context = c.whole_or({"max_position_embeddings", "n_positions", "max_seq_len", "seq_length"},
                         4096, 1, 1U << 24U);
  s.vocabulary = c.whole({"vocab_size"}, 1, 1U << 24U);
}
void read_layers(const JsonKeys& c, TransformerShape& s) {
  s.layers = c.whole({"num_hidden_layers", "n_layer", "n_layers"}, 1, 1000);
}

void read_activation(const JsonKeys& c, TransformerShape& s, bool gated, const char* otherwise) {
  const std::string name = c.text_or(
      {"hidden_act", "hidden_activation", "activation_function", "mlp_hidden_act"}, otherwise);
  if (name == "relu2")
    s.activation = Activation::kSquaredRelu;
  else if (name == "relu")
    s.activation = Activation::kRelu;
  else if (name.starts_with("gelu"))
    s.activation = gated ? Activation::kGeGlu : Activation::kGelu;
  else if (name == "silu" || name == "swish")
    s.activation = gated ? Activation::kSwiGlu : Activation::kGelu;
  else
    fail("{}: hidden_act is \"{}\" (known are silu, swish, gelu..., relu and relu2)", c.file(),
         name);
}

/// Rotary positions, root-mean-square norms, gated feed-forward: Llama and what grew from it.
void read_llama(const JsonKeys& c, TransformerShape& s) {
  read_sizes(c, s);
  read_layers(c, s);
  s.feed_forward = c.whole({"intermediate_size"}, 1, 1U << 20U);
  s.positions = Positions::kRotary;
  s.norm = Norm::kRms;
  s.tied_embeddings = c.truth_or({"tie_word_embeddings"}, false);
  s.query_key_value_bias = s.output_bias = c.truth_or({"attention_bias"}, false);
  s.feed_forward_bias = c.truth_or({"mlp_bias"}, false);
  read_activation(c, s, true, "silu");
}

void read_mistral(const JsonKeys& c, TransformerShape& s) {
  read_llama(c, s);
  s.window = c.whole_or({"sliding_window"}, 0, 1, 1U << 24U);
}

void read_mixtral(const JsonKeys& c, TransformerShape& s) {
  read_mistral(c, s);
  s.experts.count = c.whole({"num_local_experts"}, 1, 4096);
  s.experts.active = c.whole({"num_experts_per_tok"}, 1, 4096);
  s.experts.width = s.feed_forward;
}

void read_qwen2(const JsonKeys& c, TransformerShape& s) {
  read_llama(c, s);
  s.query_key_value_bias = true;
  s.output_bias = false;
}

void read_qwen3(const JsonKeys& c, TransformerShape& s) {
  read_llama(c, s);
  s.query_key_norm = true;
}

void read_qwen_experts(const JsonKeys& c, TransformerShape& s) {
  Experts& e = s.experts;
  e.count = c.whole({"num_experts"}, 1, 4096);
  e.active = c.whole({"num_experts_per_tok"}, 1, 4096);
  e.width = c.whole({"moe_intermediate_size"}, 1, 1U << 20U);
  e.every = c.whole_or({"decoder_sparse_step"}, 1, 1, 1000);
  if (const nlohmann::json* dense = c.find({"mlp_only_layers"})) {
    // The first so many layers, or the shape cannot say it.
    for (std::size_t i = 0; dense->is_array() && i < dense->size(); ++i)
      if ((*dense)[i] != i)
        fail("{}: mlp_only_layers names layers that are not the first ones (0, 1, 2, ... only)",
             c.file());
    e.first_dense = static_cast<std::uint32_t>(std::min<std::size_t>(dense->size(), 1000));
  }
}

void read_qwen2_experts(const JsonKeys& c, TransformerShape& s) {
  read_qwen2(c, s);
  read_qwen_experts(c, s);
  s.experts.shared_width = c.whole_or({"shared_expert_intermediate_size"}, 0, 0, 1U << 20U);
  s.experts.gated_shared = s.experts.shared_width > 0;
}

void read_qwen3_experts(const JsonKeys& c, TransformerShape& s) {
  read_qwen3(c, s);
  read_qwen_experts(c, s);
}

/// DeepSeek-V2 and V3, Kimi K2, and Pangu Ultra MoE under its own names.
void read_deepseek(const JsonKeys& c, TransformerShape& s) {
  read_llama(c, s);
  LatentAttention& l = s.latent;
  l.query_rank = c.whole_or({"q_lora_rank", "attention_q_lora_dim"}, 0, 0, kWidest);
  l.key_value_rank = c.whole({"kv_lora_rank", "attention_kv_lora_dim"}, 1, kWidest);
  l.plain_width = c.whole({"qk_nope_head_dim", "attention_qk_dim"}, 1, 1U << 14U);
  l.rotary_width = c.whole({"qk_rope_head_dim", "attention_qk_rope_dim"}, 1, 1U << 14U);
  l.value_width = c.whole({"v_head_dim", "attention_v_dim"}, 1, 1U << 14U);
  Experts& e = s.experts;
  e.count = c.whole_or({"n_routed_experts", "num_routed_experts"}, 0, 0, 4096);
  s.prediction_modules = c.whole_or({"num_nextn_predict_layers", "num_mtp_layers"}, 0, 0, 16);
  if (e.count == 0) return;
  e.active = c.whole({"num_experts_per_tok"}, 1, 4096);
  e.width = c.whole({"moe_intermediate_size"}, 1, 1U << 20U);
  e.shared_width = e.width * c.whole_or({"n_shared_experts", "num_shared_experts"}, 0, 0, 64);
  e.first_dense = c.whole_or({"first_k_dense_replace", "num_dense_layers"}, 0, 0, 1000);
  e.every = c.whole_or({"moe_layer_freq"}, 1, 1, 1000);
  e.groups = c.whole_or({"n_group"}, 1, 1, 4096);
  e.active_groups = c.whole_or({"topk_group"}, 1, 1, 4096);
}

/// Its router has a bias that balances the load; V2's has none.
void read_deepseek_v3(const JsonKeys& c, TransformerShape& s) {
  read_deepseek(c, s);
  s.experts.router_bias = s.has_experts();
}

void read_pangu_ultra_moe(const JsonKeys& c, TransformerShape& s) {
  read_deepseek(c, s);
  s.sandwich_norm = c.truth_or({"sandwich_norm"}, true);
}

void read_gpt_oss(const JsonKeys& c, TransformerShape& s) {
  read_llama(c, s);
  s.query_key_value_bias = s.output_bias = c.truth_or({"attention_bias"}, true);
  s.attention_sinks = true;
  s.window = c.whole_or({"sliding_window"}, 128, 1, 1U << 24U);
  s.full_every = 2;
  Experts& e = s.experts;
  e.count = c.whole({"num_local_experts"}, 1, 4096);
  e.active = c.whole({"num_experts_per_tok", "experts_per_token"}, 1, 4096);
  e.width = s.feed_forward;
  e.bias = e.router_bias = true;
}

void read_gpt2(const JsonKeys& c, TransformerShape& s) {
  read_sizes(c, s);
  read_layers(c, s);
  s.feed_forward = c.whole_or({"n_inner"}, 4 * s.width, 1, 1U << 20U);
  s.tied_embeddings = c.truth_or({"tie_word_embeddings"}, true);
  s.norm_bias = s.query_key_value_bias = s.output_bias = s.feed_forward_bias = true;
  read_activation(c, s, false, "gelu_new");
}

void read_bloom(const JsonKeys& c, TransformerShape& s) {
  read_gpt2(c, s);
  s.positions = Positions::kAlibi;
  s.embedding_norm = true;
}

void read_mpt(const JsonKeys& c, TransformerShape& s) {
  read_sizes(c, s);
  read_layers(c, s);
  s.feed_forward = s.width * c.whole_or({"expansion_ratio"}, 4, 1, 16);
  s.tied_embeddings = c.truth_or({"tie_word_embeddings"}, true);
  const bool bias = !c.truth_or({"no_bias"}, true);
  s.norm_bias = s.query_key_value_bias = s.output_bias = s.feed_forward_bias = bias;
  if (const nlohmann::json* attention = c.find({"attn_config"});
      attention != nullptr && attention->is_object() &&
      JsonKeys(*attention, c.file()).truth_or({"alibi"}, false))
    s.positions = Positions::kAlibi;
}

void read_nemotron(const JsonKeys& c, TransformerShape& s) {
  read_llama(c, s);
  s.norm = Norm::kLayer;
  s.norm_bias = true;
  read_activation(c, s, false, "relu2");
}

/// "*", "M", "E" and "-" as we write them, or a list of names.
std::string read_pattern(const JsonKeys& c) {
  const nlohmann::json* names = c.find({"layers_block_type"});
  if (names == nullptr || !names->is_array()) return c.text_or({"hybrid_override_pattern"}, "");
  std::string pattern;
  for (const nlohmann::json& name : *names)
    pattern += name == "mamba"       ? 'M'
               : name == "attention" ? '*'
               : name == "moe"       ? 'E'
               : name == "mlp"       ? '-'
                                     : '?';
  return pattern;
}

void read_nemotron_hybrid(const JsonKeys& c, TransformerShape& s) {
  read_sizes(c, s);
  s.pattern = read_pattern(c);
  s.layers = static_cast<std::uint32_t>(std::min<std::size_t>(s.pattern.size(), 1001));
  if (s.layers == 0 || s.layers > 1000)
    fail("{}: hybrid_override_pattern has {} layers (from 1 to 1000)", c.file(), s.pattern.size());
  s.positions = Positions::kNone;
  s.norm = Norm::kRms;
  s.tied_embeddings = c.truth_or({"tie_word_embeddings"}, false);
  s.feed_forward = c.whole_or({"intermediate_size"}, 0, 0, 1U << 20U);
  read_activation(c, s, false, "relu2");
  StateSpace& m = s.state_space;
  m.heads = c.whole({"mamba_num_heads"}, 1, 4096);
  m.head_width = c.whole({"mamba_head_dim"}, 1, 1U << 12U);
  m.groups = c.whole({"n_groups"}, 1, 4096);
  m.state = c.whole({"ssm_state_size"}, 1, 1U << 12U);
  m.convolution = c.whole_or({"conv_kernel"}, 4, 0, 64);
  m.chunk = c.whole_or({"chunk_size"}, 128, 1, 1U << 16U);
  Experts& e = s.experts;
  e.count = c.whole_or({"n_routed_experts"}, 0, 0, 4096);
  s.prediction_modules = c.whole_or({"num_nextn_predict_layers"}, 0, 0, 16);
  if (e.count == 0) return;
  e.active = c.whole({"num_experts_per_tok"}, 1, 4096);
  e.width = c.whole({"moe_intermediate_size"}, 1, 1U << 20U);
  e.shared_width = c.whole_or({"moe_shared_expert_intermediate_size"}, 0, 0, 1U << 20U) *
                   c.whole_or({"n_shared_experts"}, 0, 0, 64);
  e.router_bias = true;
  e.latent_width = c.whole_or({"moe_latent_size"}, 0, 0, kWidest);
}

void read_gemma(const JsonKeys& c, TransformerShape& s) {
  read_llama(c, s);
  s.tied_embeddings = c.truth_or({"tie_word_embeddings"}, true);
  read_activation(c, s, true, "gelu_pytorch_tanh");
}
void read_gemma2(const JsonKeys& c, TransformerShape& s) {
  read_gemma(c, s);
  s.sandwich_norm = true;
  s.window = c.whole_or({"sliding_window"}, 0, 1, 1U << 24U);
  s.full_every = 2;
}
void read_gemma3(const JsonKeys& c, TransformerShape& s) {
  read_gemma2(c, s);
  s.query_key_norm = true;
  s.full_every = c.whole_or({"sliding_window_pattern"}, 6, 1, 1000);
}

const std::map<std::string, Reader, std::less<>>& readers() {
  static const std::map<std::string, Reader, std::less<>> kReaders{
      {"BloomForCausalLM", read_bloom},
      {"DeepseekV2ForCausalLM", read_deepseek},
      {"DeepseekV3ForCausalLM", read_deepseek_v3},
      {"GPT2LMHeadModel", read_gpt2},
      {"Gemma2ForCausalLM", read_gemma2},
      {"Gemma3ForCausalLM", read_gemma3},
      {"GemmaForCausalLM", read_gemma},
      {"GptOssForCausalLM", read_gpt_oss},
      {"KimiK2ForCausalLM", read_deepseek_v3},
      {"LlamaForCausalLM", read_llama},
      {"MPTForCausalLM", read_mpt},
      {"MistralForCausalLM", read_mistral},
      {"MixtralForCausalLM", read_mixtral},
      {"MptForCausalLM", read_mpt},
      {"NemotronForCausalLM", read_nemotron},
      {"NemotronHForCausalLM", read_nemotron_hybrid},
      {"PanguUltraMoEForCausalLM", read_pangu_ultra_moe},
      {"Qwen2ForCausalLM", read_qwen2},
      {"Qwen2MoeForCausalLM", read_qwen2_experts},
      {"Qwen3ForCausalLM", read_qwen3},
      {"Qwen3MoeForCausalLM", read_qwen3_experts},
  };
  return kReaders;
}

const Reader& reader_of(const nlohmann::json& config, const std::string& file) {
  std::string known;
  for (const auto& [name, reader] : readers()) known += (known.empty() ? "" : ", ") + name;
  const auto list = config.find("architectures");
  if (list == config.end() || !list->is_array() || list->empty() || !list->front().is_string())
    fail("{}: it names no architecture (\"architectures\": one of {})", file, known);
  const auto reader = readers().find(list->front().get<std::string>());
  if (reader == readers().end())
    fail(
        "{}: the architecture {} is not known (known are {}; or describe the model in a .toml "
        "file, "
        "docs/MODELS.md)",
        file, json_text(list->front(), -1, JsonLetters::kAscii), known);
  return reader->second;
}

}  // namespace

TransformerModel parse_hugging_face(std::string_view text, const std::filesystem::path& path) {
  const std::string file = path.string();
  const nlohmann::json config = parse_json_strictly(quoted_infinities(text), file);
  if (!config.is_object()) fail("{}: not a config.json (it must be a JSON object)", file);
  const Reader& reader = reader_of(config, file);
  TransformerModel model;
  model.path = path;
  model.source = file;
  // "config" says nothing; the folder of a checkpoint is called after its model.
  model.name = path.stem() == "config" && path.has_parent_path()
                   ? path.parent_path().filename().string()
                   : path.stem().string();
  // Models that see and hear keep the language model's sizes apart.
  const auto inner = config.find("text_config");
  const bool nested =
      inner != config.end() && inner->is_object() && !config.contains("hidden_size");
  reader(JsonKeys(nested ? *inner : config, file), model.shape);
  check(model.shape, file);
  return model;
}

TransformerModel read_hugging_face(const std::filesystem::path& path) {
  return parse_hugging_face(read_text(path, kMostJson), path);
}

std::vector<std::string> hugging_face_architectures() {
  std::vector<std::string> names;
  for (const auto& [name, reader] : readers()) names.push_back(name);
  return names;
}

}  // namespace isobar::model
