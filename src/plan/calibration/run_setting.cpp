#include "plan/calibration/run_setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"
#include "model/catalogue.h"
#include "plan/calibration/usual_batch.h"
#include "plan/step/step_time.h"

namespace isobar::plan {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The number right behind `key`, e.g. 512 for "kv_rank=" in "kv_rank=512 q_rank=1536".
std::optional<std::uint32_t> number_after(std::string_view text, std::string_view key) {
  auto at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint32_t value = 0;
  bool any = false;
  for (at += key.size();
       at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0 &&
       value < 100000000;
       ++at, any = true)
    value = value * 10 + static_cast<std::uint32_t>(text[at] - '0');
  return any ? std::optional(value) : std::nullopt;
}

/// The positive number right before `key`, e.g. 1 for " shared expert" in "1 shared expert".
std::optional<double> number_before(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  auto first = at;
  while (first > 0 &&
         (std::isdigit(static_cast<unsigned char>(text[first - 1])) != 0 || text[first - 1] == '.'))
    --first;
  if (first == at || at - first > 8) return std::nullopt;
  double value = 0;
  double scale = 1;
  bool fraction = false;
  for (const char c : text.substr(first, at - first)) {
    if (c == '.') {
      if (fraction) break;
      fraction = true;
    } else if (fraction) {
      value += (scale /= 10) * (c - '0');
    } else {
      value = value * 10 + (c - '0');
    }
  }
  return value > 0 ? std::optional(value) : std::nullopt;
}

/// A row that cannot be modelled; caught in setting_of.
struct Missing {
  std::string reason;
};

/// Larger sizes than these belong to nothing that ran; products of three of them fit 64 bits.
constexpr double kMostSize = 1 << 24;
constexpr double kMostLayers = 10000;
constexpr double kMostDegree = 1 << 20;
constexpr double kMostCount = 1e8;  // of chips, sequences, tokens

std::uint32_t whole(const std::optional<double>& value, std::string_view what,
                    double most = kMostSize) {
  if (!value) throw Missing{fmt::format("{} is not given", what)};
  if (*value != std::floor(*value))
    throw Missing{fmt::format("{} is {}, not a whole number", what, *value)};
  if (*value > most) throw Missing{fmt::format("{} is {}, above {}", what, *value, most)};
  return static_cast<std::uint32_t>(*value);
}
std::uint32_t whole_or(const std::optional<double>& value, std::uint32_t otherwise,
                       std::string_view what, double most = kMostSize) {
  return value ? whole(value, what, most) : otherwise;
}

void read_experts(const Run& run, model::TransformerShape& shape) {
  if (!run.experts) return;
  const std::string details = lower(run.moe_details);
  model::Experts& experts = shape.experts;
  experts.count = whole(run.experts, "experts");
  experts.active = whole(run.topk, "topk");
  experts.width = shape.feed_forward;
  for (const std::string_view key : {"expert_ffn=", "moe_ffn_hidden=", "moe_intermediate_size="})
    if (const auto width = number_after(details, key)) experts.width = *width;
  experts.first_dense = number_after(details, "first ").value_or(0);
  if (const auto shared = number_before(details, " shared expert"))
    experts.shared_width = whole(std::floor(*shared) * experts.width, "shared experts' width");
  if (const auto limit = number_after(details, "node-limited m=")) {
    experts.groups = 8;
    experts.active_groups = *limit;
  }
  if (has(details, "mtp depth") && !has(lower(run.model), "w/o mtp"))
    shape.prediction_modules = number_after(details, "mtp depth ").value_or(0);
}

void read_latent(const Run& run, model::TransformerShape& shape) {
  const std::string details = lower(run.moe_details);
  const auto rank = number_after(details, "kv_rank=");
  if (!rank) return;
  shape.latent.key_value_rank = *rank;
  shape.latent.query_rank = number_after(details, "q_rank=").value_or(0);
  shape.latent.rotary_width = number_after(details, "rope_dim=").value_or(64);
  shape.latent.plain_width = shape.latent.value_width = shape.head_width;
}

/// Two matrices with a width of four hidden layers are GPT's; every other ratio is a gated block's.
/// Where the number of parameters is given, it decides.
void decide_gate(const Run& run, model::TransformerShape& shape) {
  const auto with = [&](model::Activation activation) {
    shape.activation = activation;
    const auto counted = static_cast<double>(model::count_parameters(shape).total);
    return run.params_total_B ? std::abs(std::log(counted / (*run.params_total_B * 1e9))) : 0.0;
  };
  const bool classic = shape.feed_forward == 4 * shape.width && !shape.has_experts();
  const double plain = with(model::Activation::kGelu);
  const double gated = with(model::Activation::kSwiGlu);
  const bool decided = run.params_total_B.has_value() && std::abs(plain - gated) > 0.05;
  const bool is_gated = decided ? gated < plain : !classic;
  shape.activation = is_gated ? model::Activation::kSwiGlu : model::Activation::kGelu;
}

/// A row that names a published model and leaves out its sizes.
std::optional<model::TransformerShape> shape_from_name(const Run& run) {
  // A row that gives some sizes means another number of layers than the whole model's.
  if (run.layers || run.hidden || run.heads) return std::nullopt;
  const auto model = model::model_called(run.model);
  if (!model) return std::nullopt;
  if (model->shape.pattern.find('M') != std::string::npos)
    throw Missing{"state-space layers were never calibrated"};
  model::TransformerShape shape = model->shape;
  if (run.seq) shape.context = whole(run.seq, "seq", kMostCount);
  if (has(lower(run.model), "w/o mtp")) shape.prediction_modules = 0;
  return shape;
}

/// Models made after GPT-2 read as much as it does.
std::uint32_t sequence_of(const Run& run) {
  constexpr std::uint32_t kGpt2Context = 1024;
  const bool as_gpt2 = lower(run.model).starts_with("gpt2");
  return as_gpt2 ? whole_or(run.seq, kGpt2Context, "seq", kMostCount)
                 : whole(run.seq, "seq", kMostCount);
}

model::TransformerShape shape_of(const Run& run) {
  if (const auto named = shape_from_name(run)) return *named;
  model::TransformerShape shape;
  shape.layers = whole(run.layers, "layers", kMostLayers);
  shape.width = whole(run.hidden, "hidden");
  shape.heads = whole(run.heads, "heads");
  shape.context = sequence_of(run);
  shape.kv_heads = whole_or(run.kv_heads, shape.heads, "kv_heads");
  shape.feed_forward = whole_or(run.ffn_hidden, 4 * shape.width, "ffn_hidden");
  shape.vocabulary = whole_or(run.vocab, 51200, "vocab");
  const std::string details = lower(run.moe_details);
  shape.head_width = number_after(details, "head_dim=").value_or(shape.width / shape.heads);
  shape.positions = model::Positions::kRotary;
  shape.norm = model::Norm::kRms;
  shape.tied_embeddings = false;
  read_experts(run, shape);
  read_latent(run, shape);
  decide_gate(run, shape);
  if (!shape.is_gated() && shape.kv_heads == shape.heads && !shape.has_experts()) {  // GPT
    shape.positions = model::Positions::kLearned;
    shape.norm = model::Norm::kLayer;
    shape.tied_embeddings = true;
  }
  if (has(lower(run.model), "gpt oss") || has(lower(run.model), "gpt-oss")) {
    shape.window = 128;  // every second layer (its configuration)
    shape.full_every = 2;
  }
  model::check(shape, "the row");
  return shape;
}

Precision precision_of(const Run& run, const ChipFigures& chip) {
  const std::string text = lower(run.precision);
  if (text.starts_with("fp8-cs")) return Precision::kFp8Tensor;
  // Some tables say fp8 of runs whose own configuration is named after fp4.
  if (has(text, "fp4") || has(lower(run.source), "_fp4")) return Precision::kNvfp4;
  // NVIDIA announced its MLPerf 5.1 language models as trained in NVFP4 (November 2025).
  const bool round = has(lower(run.source), "training_results_v5.1 nvidia/");
  if (round && chip.peak_4 > 0) return Precision::kNvfp4;
  if (has(text, "mx")) return Precision::kMxfp8;
  if (has(text, "fp8") && (has(text, "tile") || has(text, "block"))) return Precision::kFp8Block;
  if (has(text, "fp8")) return Precision::kFp8Tensor;
  if (has(text, "fp32") || has(text, "tf32"))
    throw Missing{fmt::format("precision {} is not planned", run.precision)};
  return Precision::kBf16;
}

/// What the text beside a chip's name says about the network: "4x OmniPath 100G/node",
/// "8/node, 800 Gb/s node", "400Gb/s RoCE" (of each chip).
void read_network(const Run& run, ChipFigures& chip) {
  const std::string text = lower(run.chip);
  const double node = std::min(chip.domain, 8U);
  if (const auto rate = number_before(text, " gb/s node")) chip.nic = *rate / 8 * 1e9 / node;
  if (const auto rate = number_before(text, "g/node"))
    chip.nic = number_before(text, "x ").value_or(1) * *rate / 8 * 1e9 / node;
  if (const auto rate = number_before(text, "gb/s roce")) chip.nic = *rate / 8 * 1e9;
  if (has(text, "b300") && !has(text, "gb300")) chip.domain = 8;
}

/// Attention that keeps its scores in memory was usual until FlashAttention reached the frameworks:
/// for GPT-style models on chips up to A100, except where sequences are too long for it or FSDP in
/// bf16 dates the framework later.
bool stores_scores(const Run& run, const model::TransformerShape& shape, const ChipFigures& chip,
                   std::uint32_t zero, const Layout& layout) {
  const bool old_chip =
      chip.generation == Generation::kAmpere || chip.generation == Generation::kOther;
  const bool gpt = !shape.is_gated() && shape.kv_heads == shape.heads;
  const bool later = zero == 3 && !has(lower(run.precision), "fp16");
  return old_chip && gpt && !later && layout.sequence <= 4096;
}

std::uint32_t zero_of(const Run& run) {
  const std::string text = lower(run.zero);
  if (has(text, "zero-2")) return 2;
  if (has(text, "fsdp") || has(text, "hsdp")) return 3;
  return number_after(text, text.starts_with("zero-")  ? "zero-"
                            : text.starts_with("zero") ? "zero"
                                                       : "")
      .value_or(0);
}

/// HSDP without a size keeps a copy of the weights on the chips that share a host.
std::uint32_t shard_group_of(const Run& run, const RunSetting& setting) {
  const std::string text = lower(run.zero);
  if (!has(text, "hsdp")) return 0;
  const Layout& layout = setting.layout;
  const std::uint32_t node = std::max(1U, setting.network.node_chips / layout.tensor);
  const std::uint32_t size =
      number_after(text, has(text, "hsdp(") ? "hsdp(" : "hsdp").value_or(node);
  const std::uint32_t replicas = layout.data * layout.context;
  if (size == 0 || replicas % size != 0)
    throw Missing{
        fmt::format("HSDP over {} chips does not divide the {} replicas", size, replicas)};
  return size < replicas ? size : 0;
}

void read_recompute(const Run& run, Layout& layout, Open& open) {
  const std::string text = lower(run.recompute);
  if (text.starts_with("full")) {
    layout.recompute = Recompute::kFull;
  } else if (text.empty()) {
    open.recompute = true;
  } else if (!text.starts_with("none")) {  // "selective", or what is recomputed: norms, ...
    layout.recompute = Recompute::kSelective;
  }
  if (has(text, "+sp")) layout.sequence_parallel = true;
}

/// Year and month of the vendor's container, where the source names it: 26.06. Else 0.
double software_release(const Run& run) {
  const std::string text = lower(run.source);
  return number_before(text, " nemo container").value_or(0);
}

void read_stack(const Run& run, const model::TransformerShape& shape, const ChipFigures& chip,
                Layout& layout) {
  const bool old = stores_scores(run, shape, chip, layout.zero, layout);
  Stack& stack = layout.stack;
  stack.fused_attention = !old;
  stack.dropout = old;
  stack.overlaps_tensor =
      chip.generation != Generation::kAmpere && chip.generation != Generation::kOther;
  stack.overlaps_data = !old || layout.zero == 3;
  // ZeRO under a pipeline was DeepSpeed's engine then: every tensor rank sends the whole
  // activation.
  stack.whole_messages = old && layout.zero > 0;
  stack.one_card = old && layout.zero == 3;  // ZeRO-3 before FSDP
  stack.stock = layout.zero == 3 || has(lower(run.zero), "fsdp");
  // Routing without a round trip to the host, recorded as graphs: Megatron from mid-2026 on.
  stack.graphs = shape.has_experts() && software_release(run) >= 26.06;
  // The vendor's performance tables force balanced routing.
  if (software_release(run) > 0) stack.busiest_expert = 1;
  stack.gradient_bytes = old || layout.zero == 3 ? 2 : 4;
  if (!old && layout.tensor > 1) layout.sequence_parallel = true;
}

/// Who counts in thousands counts roughly: the nearest number of whole replicas of up to 128 chips.
std::uint32_t chips_of(const Run& run) {
  const std::uint32_t chips = whole(run.n_chips, "n_chips", kMostCount);
  return chips % 1000 == 0 ? (chips + 64) / 128 * 128 : chips;
}

/// Fewer sequences than chips need replicas of several: legal degrees to start from.
void spread_replicas(const ChipFigures& chip, Layout& layout, Open& open) {
  const std::uint32_t chips = layout.chips();
  const auto take = [&](std::uint32_t& degree, std::uint32_t most) {
    while (layout.global_batch < layout.data && degree < most && layout.data % 2 == 0) {
      degree *= 2;
      layout.data = chips / (layout.tensor * layout.pipeline * layout.context);
    }
  };
  take(layout.tensor, std::min(8U, chip.domain));
  open.context = open.context && layout.global_batch < layout.data;
  if (open.context) take(layout.context, 64);
  take(layout.pipeline, 16);
}

void read_batch(const Run& run, const ChipFigures& chip, Layout& layout, Open& open) {
  const std::uint64_t replica = std::uint64_t{layout.tensor} * layout.pipeline * layout.context;
  const std::uint32_t chips = chips_of(run);
  if (chips % replica != 0)
    throw Missing{fmt::format("{} chips do not divide into replicas of {}", chips, replica)};
  layout.data = static_cast<std::uint32_t>(
      chips / replica);  // where the row says otherwise, the chips are right
  // A rate says as much about a step of any batch: a sequence per chip keeps the bubble small.
  const bool told = run.global_batch || run.step_time_s;
  layout.global_batch = told ? whole(run.global_batch, "global_batch", kMostCount)
                             : std::max(chips, usual_batch(chips, layout.sequence));
  if (run.microbatch) {
    layout.micro_batch = whole(run.microbatch, "microbatch", kMostDegree);
  } else {
    open.micro_batch = true;
  }
  if (open.degrees) spread_replicas(chip, layout, open);
  // A last, smaller micro-batch is as long as a full one.
  const std::uint64_t share = std::uint64_t{layout.data} * layout.micro_batch;
  if (layout.global_batch % share != 0) {
    if (layout.global_batch < layout.data)
      throw Missing{fmt::format("a batch of {} is less than the {} replicas", layout.global_batch,
                                layout.data)};
    const std::uint64_t whole_shares = (layout.global_batch + share - 1) / share * share;
    layout.global_batch =
        whole(static_cast<double>(whole_shares), "a batch of whole micro-batches", 4e9);
  }
}

Layout layout_of(const Run& run, const model::TransformerShape& shape, const ChipFigures& chip,
                 Open& open) {
  Layout layout;
  layout.tensor = whole_or(run.tp, 1, "tp", kMostDegree);
  layout.pipeline = whole_or(run.pp, 1, "pp", kMostDegree);
  layout.context = whole_or(run.cp, 1, "cp", kMostDegree);
  layout.expert = shape.has_experts() ? whole_or(run.ep, 1, "ep", kMostDegree) : 1;
  layout.sequence = shape.context;
  layout.virtual_stages = layout.pipeline > 1 ? whole_or(run.vpp, 1, "vpp", kMostDegree) : 1;
  layout.zero = zero_of(run);
  layout.precision = precision_of(run, chip);
  open.degrees =
      !run.tp && !run.pp && layout.zero != 3 && whole(run.n_chips, "n_chips", kMostCount) > 1;
  if (open.degrees && run.zero.empty()) layout.zero = 1;  // it costs nothing
  open.context = open.degrees && !run.cp;
  open.experts = shape.has_experts() && !run.ep;
  read_batch(run, chip, layout, open);
  open.virtual_stages = !run.vpp && (open.degrees || (open.micro_batch && layout.pipeline > 1));
  read_recompute(run, layout, open);
  read_stack(run, shape, chip, layout);
  if (layout.virtual_stages > 1) layout.schedule = Schedule::kInterleaved;
  if (has(lower(run.notes), "dualpipe")) layout.schedule = Schedule::kDualPipe;
  return layout;
}

/// A step time and TFLOP/s that differ by more than conventions do (recomputation counts a third,
/// attention twice) cannot both be right.
void check_consistency(const Run& run, const RunSetting& setting) {
  if (!run.step_time_s || !run.tflops_per_chip) return;
  const double flops = run.global_batch.value_or(setting.layout.global_batch) *
                       setting.layout.sequence / setting.layout.chips() *
                       model::training_flops_per_token(setting.shape, setting.layout.sequence,
                                                       model::AttentionConvention::kFull);
  const double ratio = *run.tflops_per_chip * 1e12 * *run.step_time_s / flops;
  if (ratio < 0.45 || ratio > 2)
    throw Missing{fmt::format("step time and TFLOP/s contradict each other by a factor of {:.1f}",
                              ratio < 1 ? 1 / ratio : ratio)};
}

/// From whatever the row gives: the step itself, tokens per second, TFLOP/s or MFU (6 N + 12 L H Q
/// T per token; hardware FLOPs where only they are given).
double measured_seconds(const Run& run, const RunSetting& setting) {
  if (run.step_time_s) return *run.step_time_s;
  const double tokens =
      run.global_batch.value_or(setting.layout.global_batch) * setting.layout.sequence;
  if (run.tokens_per_s) return tokens / *run.tokens_per_s;
  const double per_chip = tokens / setting.layout.chips();
  if (run.tokens_per_s_per_chip) return per_chip / *run.tokens_per_s_per_chip;
  const double flops =
      per_chip * model::training_flops_per_token(setting.shape, setting.layout.sequence,
                                                 model::AttentionConvention::kFull);
  if (run.tflops_per_chip) return flops / (*run.tflops_per_chip * 1e12);
  if (run.mfu_pct) return flops / (*run.mfu_pct / 100 * setting.chip.peak_16);
  if (run.hfu_pct) {
    const double again = setting.layout.recompute == Recompute::kFull ? 4.0 / 3 : 1;
    return flops * again / (*run.hfu_pct / 100 * setting.chip.peak_16);
  }
  throw Missing{"no step time, tokens/s, TFLOP/s or MFU is given"};
}

}  // namespace

std::string chip_file_name(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 26> kNames{{
      {"gb300", "gb300"},
      {"blackwell ultra", "gb300"},
      {"gb200", "gb200"},
      {"b300", "gb300"},
      {"b200", "b200"},
      {"h800", "h800"},
      {"h200", "h200"},
      {"h100", "h100"},
      {"h20", "h20"},
      {"a800", "a100-80gb"},
      {"a100-40", "a100-40gb"},
      {"a100-sxm4-40", "a100-40gb"},
      {"a100", "a100-80gb"},
      {"a40", "a40"},
      {"v100", "v100"},
      {"l40", "l40"},
      {"mi300", "mi300x"},
      {"mi250", "mi250x"},
      {"910c", "ascend-910c"},
      {"cloudmatrix", "ascend-910c"},
      {"ascend", "ascend-910b"},
      {"910b", "ascend-910b"},
      {"v5p", "tpu-v5p"},
      {"v5e", "tpu-v5e"},
      {"tpu v4", "tpu-v4"},
      {"trainium2", "trainium2"},
  }};
  const std::string plain = lower(text);
  for (const auto& [part, name] : kNames)
    if (has(plain, part)) return std::string(name);
  return {};
}

std::variant<RunSetting, Unmodelled> setting_of(const Run& run) {
  try {
    if (has(lower(run.model), "lora"))
      return Unmodelled{"fine-tuning of adapters (LoRA) is not training of the whole model"};
    RunSetting setting;
    setting.id = run.id;
    setting.family = run.family();
    const std::string chip = chip_file_name(run.chip);
    if (chip.empty()) return Unmodelled{fmt::format("no chip is known as \"{}\"", run.chip)};
    static thread_local std::map<std::string, ChipFigures> known;
    if (!known.contains(chip)) known.emplace(chip, figures_of(chip::find_datasheet(chip)));
    setting.chip = known.at(chip);
    read_network(run, setting.chip);
    setting.network = network_of(setting.chip);
    setting.shape = shape_of(run);
    if (run.precision.empty() && setting.chip.peak_8 > 0)
      return Unmodelled{"precision is not given, and the chip has several"};
    setting.layout = layout_of(run, setting.shape, setting.chip, setting.open);
    setting.layout.shard_group = shard_group_of(run, setting);
    check_consistency(run, setting);
    setting.measured = measured_seconds(run, setting);
    if (setting.chip.peak_8 <= 0 && setting.layout.precision != Precision::kBf16)
      return Unmodelled{fmt::format("{} has no FP8", setting.chip.name)};
    if (const auto rule = broken_rule(setting.layout, setting.shape, setting.chip))
      return Unmodelled{*rule};
    return setting;
  } catch (const Missing& missing) {
    return Unmodelled{missing.reason};
  } catch (const UserError& error) {
    return Unmodelled{error.what()};
  }
}

}  // namespace isobar::plan
