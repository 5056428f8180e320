// One config.json per architecture, reduced to the keys that matter, against the parameter count of
// the published checkpoint (the sum of its tensors' elements).
#include "model/file/hugging_face.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "model/transformer_counts.h"

namespace isobar::model {
namespace {

using ::testing::HasSubstr;

std::uint64_t parameters_of(const std::string& config) {
  return count_parameters(parse_hugging_face(config, "config.json").shape).total;
}
std::string error_of(const std::string& config) {
  try {
    (void)parse_hugging_face(config, "config.json");
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(HuggingFace, Gpt2) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["GPT2LMHeadModel"], "n_embd": 768, "n_head": 12,
      "n_layer": 12, "n_positions": 1024, "vocab_size": 50257, "activation_function": "gelu_new"})"),
            124'439'808U);
}

TEST(HuggingFace, InfinityIsReadWhereNobodyNeedsItAndNamedWhereItCannotBe) {
  // As Python writes it; real files of Nemotron-H hold "time_step_limit": [0.0, Infinity].
  const std::string rest = R"("n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
      "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"])";
  EXPECT_EQ(parameters_of("{\"vocab_size\": 50257, \"limit\": [0.0, Infinity, -Infinity, NaN], " +
                          rest + "}"),
            124'439'808U);
  for (const char* value : {"Infinity", "-Infinity", "NaN", "1e999"})
    EXPECT_THAT(error_of(std::string("{\"vocab_size\": ") + value + ", " + rest + "}"),
                HasSubstr("config.json: "))
        << value;
  EXPECT_THAT(error_of("{\"vocab_size\": Infinity, " + rest + "}"),
              HasSubstr("vocab_size is \"Infinity\" (it must be a whole number"));
}

TEST(HuggingFace, Bloom560m) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["BloomForCausalLM"], "n_embed": 1024,
      "hidden_size": 1024, "n_head": 16, "n_layer": 24, "vocab_size": 250880})"),
            559'214'592U);
}

TEST(HuggingFace, Llama3And31With128Heads) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 16384,
      "intermediate_size": 53248, "num_attention_heads": 128, "num_hidden_layers": 126,
      "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": false})"),
            405'853'388'800U);
}

TEST(HuggingFace, Mistral7bWithItsWindow) {
  const std::string config = R"({"architectures": ["MistralForCausalLM"], "hidden_size": 4096,
      "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32,
      "num_key_value_heads": 8, "vocab_size": 32000, "sliding_window": 4096})";
  EXPECT_EQ(parameters_of(config), 7'241'732'096U);
  EXPECT_TRUE(layer_kind(parse_hugging_face(config, "c.json").shape, 0).windowed);
}

TEST(HuggingFace, Mixtral8x7bWithoutAWindow) {
  const std::string config = R"({"architectures": ["MixtralForCausalLM"], "hidden_size": 4096,
      "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32,
      "num_key_value_heads": 8, "vocab_size": 32000, "sliding_window": null,
      "num_local_experts": 8, "num_experts_per_tok": 2})";
  EXPECT_EQ(parameters_of(config), 46'702'792'704U);
  EXPECT_EQ(parse_hugging_face(config, "c.json").shape.window, 0U);
}

TEST(HuggingFace, Qwen2HasBiasesThatItsConfigurationDoesNotMention) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["Qwen2ForCausalLM"], "hidden_size": 3584,
      "intermediate_size": 18944, "num_attention_heads": 28, "num_hidden_layers": 28,
      "num_key_value_heads": 4, "vocab_size": 152064, "use_sliding_window": false,
      "sliding_window": 131072})"),
            7'615'616'512U);
}

TEST(HuggingFace, QwenMoeWithAGatedSharedExpert) {
  // Qwen1.5-MoE-A2.7B: 14.3 B, 2.7 B activated.
  EXPECT_EQ(parameters_of(R"({"architectures": ["Qwen2MoeForCausalLM"], "hidden_size": 2048,
      "intermediate_size": 5632, "num_attention_heads": 16, "num_hidden_layers": 24,
      "num_key_value_heads": 16, "vocab_size": 151936, "num_experts": 60, "num_experts_per_tok": 4,
      "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632,
      "decoder_sparse_step": 1})"),
            14'315'784'192U);
}

TEST(HuggingFace, Qwen3MoeWithHeadsWiderThanTheirShare) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["Qwen3MoeForCausalLM"], "hidden_size": 4096,
      "intermediate_size": 12288, "num_attention_heads": 64, "num_hidden_layers": 94,
      "num_key_value_heads": 4, "head_dim": 128, "vocab_size": 151936, "num_experts": 128,
      "num_experts_per_tok": 8, "moe_intermediate_size": 1536, "mlp_only_layers": []})"),
            235'093'634'560U);
}

TEST(HuggingFace, DeepseekV2LiteWithoutCompressedQueries) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["DeepseekV2ForCausalLM"], "hidden_size": 2048,
      "intermediate_size": 10944, "num_attention_heads": 16, "num_hidden_layers": 27,
      "num_key_value_heads": 16, "vocab_size": 102400, "q_lora_rank": null, "kv_lora_rank": 512,
      "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 64,
      "n_shared_experts": 2, "num_experts_per_tok": 6, "moe_intermediate_size": 1408,
      "first_k_dense_replace": 1, "moe_layer_freq": 1, "n_group": 1, "topk_group": 1})"),
            15'706'484'224U);
}

TEST(HuggingFace, DeepseekV3IsTheShippedModelFile) {
  const TransformerModel model = parse_hugging_face(
      R"({"architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 7168,
      "intermediate_size": 18432, "num_attention_heads": 128, "num_hidden_layers": 61,
      "num_key_value_heads": 128, "vocab_size": 129280, "q_lora_rank": 1536, "kv_lora_rank": 512,
      "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 256,
      "n_shared_experts": 1, "num_experts_per_tok": 8, "moe_intermediate_size": 2048,
      "first_k_dense_replace": 3, "moe_layer_freq": 1, "n_group": 8, "topk_group": 4,
      "num_nextn_predict_layers": 1, "max_position_embeddings": 163840, "head_dim": 128})",
      "deepseek/config.json");
  EXPECT_EQ(model.name, "deepseek");
  TransformerShape shape = read_transformer(ISOBAR_SOURCE_DIR "/models/deepseek-v3.toml").shape;
  shape.context = 163840;
  EXPECT_EQ(model.shape, shape);
}

TEST(HuggingFace, GptOssWithBiasesAndSinks) {
  const std::string config = R"({"architectures": ["GptOssForCausalLM"], "hidden_size": 2880,
      "intermediate_size": 2880, "num_attention_heads": 64, "num_hidden_layers": 36,
      "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 201088, "num_local_experts": 128,
      "num_experts_per_tok": 4, "sliding_window": 128, "attention_bias": true})";
  EXPECT_EQ(parameters_of(config), 116'829'156'672U);
}

TEST(HuggingFace, GemmaTiesItsEmbeddingsBySilence) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["GemmaForCausalLM"], "hidden_size": 2048,
      "intermediate_size": 16384, "num_attention_heads": 8, "num_hidden_layers": 18,
      "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 256000, "hidden_act": "gelu"})"),
            2'506'172'416U);
  EXPECT_EQ(parameters_of(R"({"architectures": ["Gemma2ForCausalLM"], "hidden_size": 2304,
      "intermediate_size": 9216, "num_attention_heads": 8, "num_hidden_layers": 26,
      "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 256000, "sliding_window": 4096})"),
            2'614'341'888U);
  EXPECT_EQ(parameters_of(R"({"architectures": ["Gemma3ForCausalLM"], "hidden_size": 1152,
      "intermediate_size": 6912, "num_attention_heads": 4, "num_hidden_layers": 26,
      "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262144, "sliding_window": 512,
      "sliding_window_pattern": 6})"),
            999'885'952U);
}

TEST(HuggingFace, Mpt7bHasNoPositionsAndNoBiases) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["MPTForCausalLM"], "d_model": 4096, "n_heads": 32,
      "n_layers": 32, "expansion_ratio": 4, "max_seq_len": 2048, "vocab_size": 50432,
      "no_bias": true, "attn_config": {"alibi": true}})"),
            6'649'286'656U);
}

TEST(HuggingFace, TheHybridNemotron3SuperIsTheShippedModelFile) {
  const TransformerModel model = parse_hugging_face(
      R"({"architectures": ["NemotronHForCausalLM"], "hidden_size": 4096, "intermediate_size": 2688,
      "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 131072,
      "hybrid_override_pattern":
      "MEMEMEM*EMEMEMEM*EMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEM*EMEMEMEME",
      "mamba_num_heads": 128, "mamba_head_dim": 64, "n_groups": 8, "ssm_state_size": 128,
      "conv_kernel": 4, "chunk_size": 128, "n_routed_experts": 512, "n_shared_experts": 1,
      "num_experts_per_tok": 22, "moe_intermediate_size": 2688, "moe_latent_size": 1024,
      "moe_shared_expert_intermediate_size": 5376, "num_nextn_predict_layers": 1,
      "mlp_hidden_act": "relu2", "max_position_embeddings": 8192})",
      "config.json");
  EXPECT_EQ(model.shape, read_transformer(ISOBAR_SOURCE_DIR "/models/nemotron-3-super.toml").shape);
  // All tensors of the checkpoint, its module of multi-token prediction among them.
  const ParameterCounts counts = count_parameters(model.shape);
  EXPECT_EQ(counts.total + counts.prediction_modules, 123'611'033'088U);
}

TEST(HuggingFace, PanguUltraMoeNamesItsSizesInItsOwnWay) {
  const TransformerModel model = parse_hugging_face(
      R"({"architectures": ["PanguUltraMoEForCausalLM"], "hidden_size": 7680,
      "intermediate_size": 18432, "num_attention_heads": 128, "num_hidden_layers": 61,
      "num_key_value_heads": 128, "vocab_size": 153600, "attention_q_lora_dim": 1536,
      "attention_kv_lora_dim": 512, "attention_qk_dim": 128, "attention_qk_rope_dim": 64,
      "attention_v_dim": 128, "num_routed_experts": 256, "num_shared_experts": 1,
      "num_experts_per_tok": 8, "moe_intermediate_size": 2048, "num_dense_layers": 3,
      "num_mtp_layers": 1, "sandwich_norm": true, "head_dim": 128})",
      "config.json");
  EXPECT_EQ(model.shape,
            read_transformer(ISOBAR_SOURCE_DIR "/models/pangu-ultra-moe-718b.toml").shape);
}

TEST(HuggingFace, AModelThatAlsoSeesKeepsItsLanguageModelApart) {
  EXPECT_EQ(parameters_of(R"({"architectures": ["LlamaForCausalLM"], "vision_config": {},
      "text_config": {"hidden_size": 2048, "intermediate_size": 8192, "num_attention_heads": 32,
      "num_hidden_layers": 16, "num_key_value_heads": 8, "vocab_size": 128256,
      "tie_word_embeddings": true}})"),
            1'235'814'400U);
}

TEST(HuggingFace, ErrorsNameFileKeyAndRemedy) {
  EXPECT_THAT(error_of(""), HasSubstr("config.json: not JSON"));
  EXPECT_THAT(error_of(R"({"hidden_size": 1, "a": {"x": 1, "x": 2}, "hidden_size": 2})"),
              HasSubstr("config.json: the key \"x\" stands there twice (remove one)"));
  EXPECT_THAT(
      error_of(R"({"hidden_size": 1, "a": {"x": 1}, "x": {"x": "}{\"["}, "hidden_size": 2})"),
      HasSubstr("config.json: the key \"hidden_size\" stands there twice"));
  EXPECT_THAT(error_of(std::string(65, '[') + std::string(65, ']')),
              HasSubstr("nested deeper than 64"));
  EXPECT_THAT(error_of("[1]"), HasSubstr("it must be a JSON object"));
  EXPECT_THAT(error_of("{}"), HasSubstr("it names no architecture"));
  EXPECT_THAT(error_of(R"({"architectures": ["T5Model"]})"),
              HasSubstr("the architecture \"T5Model\" is not known (known are BloomForCausalLM"));
  EXPECT_THAT(error_of(R"({"architectures": ["LlamaForCausalLM"]})"),
              HasSubstr("config.json: hidden_size is missing"));
  EXPECT_THAT(error_of(R"({"architectures": ["LlamaForCausalLM"], "hidden_size": -4096})"),
              HasSubstr("hidden_size is -4096 (it must be a whole number from 1 to"));
  EXPECT_THAT(error_of(R"({"architectures": ["LlamaForCausalLM"], "hidden_size": "wide"})"),
              HasSubstr("hidden_size is \"wide\""));
  EXPECT_THAT(
      error_of(
          R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_attention_heads": 4,
          "num_key_value_heads": 3, "vocab_size": 9, "num_hidden_layers": 1, "intermediate_size": 8})"),
      HasSubstr("4 query heads cannot share 3 heads"));
}

}  // namespace
}  // namespace isobar::model
