#include "plan/step/layer_time.h"

#include <algorithm>
#include <cmath>

#include "plan/network/collectives.h"
#include "plan/step/calibrated_kernels.h"

namespace isobar::plan {
namespace {

using model::Operator;
using model::OperatorKind;
using model::Split;

constexpr double kActivationBytes = 2;

/// Passes over the routed tokens where the exchange's own kernels permute them: one, as a trace of
/// DeepSeek-V3 shows (deepseek-ai/profile-data). A stack that runs DualPipe has such kernels.
constexpr double kFusedPasses = 1;

/// FlashAttention 2, which stock frameworks call, was written for Ampere's matrix instructions;
/// what is left of FlashAttention 3's speed on later chips (Shah et al., 2024: 1.5 to 2 times
/// faster).
constexpr double kEarlierAttention = 0.6;

/// Of DualPipe's all-to-all, behind the other direction's micro-batch.
constexpr double kHiddenByDualPipe = 0.95;

/// Selective recomputation of a fused layer repeats these of its memory-bound kernels.
constexpr double kStreamsAgain = 0.7;

/// One layer, lowered operator by operator.
class Lowering {
 public:
  Lowering(const Setting& setting, const Layout& layout)
      : setting_(setting),
        layout_(layout),
        kernels_(*setting.chip, *setting.coefficients, setting.kernels),
        all_(*setting.coefficients),
        tokens_(static_cast<double>(layout.micro_batch) * layout.sequence / layout.context),
        tensor_(layout.tensor) {}

  [[nodiscard]] double tokens() const { return tokens_; }

  PassTime lower(const std::vector<Operator>& operators, bool narrow, bool in_layer) {
    begin();
    for (const Operator& op : operators) add(op, narrow);
    if (in_layer) communicate(operators);
    return finish(in_layer);
  }

 private:
  void begin() {
    time_ = {};
    core_ = {};
    latent_up_ = 0;
    operators_ = 0;
    collectives_ = 0;
    routes_ = false;
  }

  /// Tokens outside the parallel regions.
  [[nodiscard]] double outside() const {
    return layout_.sequence_parallel ? tokens_ / tensor_ : tokens_;
  }

  void add(const Operator& op, bool narrow) {
    ++operators_;
    switch (op.kind) {
      case OperatorKind::kMatmul:
        add_matmul(op, narrow);
        return;
      case OperatorKind::kAttention:
        add_attention(op);
        return;
      case OperatorKind::kScan:
        time_.forward[Part::kMatmulLoss] +=
            kernels_.attention(static_cast<double>(op.scan_flops) * tokens_ / tensor_, 64, false)
                .total();
        time_.backward[Part::kMatmulLoss] +=
            2 * kernels_.attention(static_cast<double>(op.scan_flops) * tokens_ / tensor_, 64, true)
                    .total();
        [[fallthrough]];
      case OperatorKind::kStream:
        add_stream(op);
        return;
    }
  }

  void add_product(Parts& into, double m, double n, double k, double groups, Precision precision,
                   double share = 1) {
    const Split2 time = kernels_.matmul(m, n, k, groups, precision);
    into[Part::kMatmul] += time.ideal * share;
    into[Part::kMatmulLoss] += time.more * share;
  }

  /// From a compressed query, key or value, which is all that selective recomputation keeps.
  [[nodiscard]] bool is_latent_up(const Operator& op) const {
    return setting_.shape->is_latent() && op.block == model::Block::kAttention &&
           op.split == Split::kColumns;
  }

  void add_matmul(const Operator& op, bool narrow) {
    auto n = static_cast<double>(op.n);
    auto k = static_cast<double>(op.k);
    double rows = tokens_;
    double groups = 1;
    if (op.split == Split::kColumns) n /= tensor_;
    if (op.split == Split::kRows) k /= tensor_;
    if (op.split == Split::kWhole) rows = outside();
    double busy = 1;
    if (op.split == Split::kExperts) {
      groups = std::max(1.0, static_cast<double>(op.groups) / layout_.expert);
      rows = tokens_ / tensor_ * op.visits / groups;
      busy = layout_.expert > 1 ? layout_.stack.busiest_expert : 1;
    }
    const bool tiny = op.split == Split::kWhole && op.n < 1024;  // routers stay in 16 bits
    const Precision precision = narrow && !tiny ? layout_.precision : Precision::kBf16;
    const double started = time_.forward.total();
    add_product(time_.forward, rows, n, k, groups, precision);
    if (is_latent_up(op)) latent_up_ += time_.forward.total() - started;
    add_product(time_.backward, rows, k, n, groups, precision);
    const double before = time_.backward.total();
    add_product(time_.backward, k, n, rows, groups, precision);
    time_.weight_gradient += time_.backward.total() - before;
    if (busy > 1) {
      time_.forward[Part::kImbalance] +=
          (busy - 1) * kernels_.matmul(rows, n, k, groups, precision).total();
      time_.backward[Part::kImbalance] +=
          (busy - 1) * 2 * kernels_.matmul(rows, k, n, groups, precision).total();
    }
    if (precision != Precision::kBf16) add_casts(rows * groups, n, k, precision, busy);
    ++operators_;
  }

  /// Operands are read in 16 bits and written narrow, twice: as they are and transposed. Scales of
  /// blocks along the inner dimension differ between the two, so that they are two passes.
  void add_casts(double rows, double n, double k, Precision precision, double busy) {
    double bytes = 4;
    if (precision == Precision::kNvfp4) bytes = 3.5;
    if (precision == Precision::kFp8Block) bytes = 6;
    const double forward = kernels_.stream(bytes * rows * k);
    const double backward = kernels_.stream(bytes * rows * n);
    time_.forward[Part::kCast] += forward;
    time_.backward[Part::kCast] += backward;
    time_.forward[Part::kImbalance] += (busy - 1) * forward;
    time_.backward[Part::kImbalance] += (busy - 1) * backward;
  }

  void add_attention(const Operator& op) {
    const double share = 1 / tensor_ / layout_.context;
    const double heads = op.heads * share;
    const double sequences = layout_.micro_batch;
    const double sequence = layout_.sequence;
    const double widths = op.query_key_width + op.value_width;
    if (!layout_.stack.fused_attention) {
      add_stored_attention(heads * sequences, sequence, op);
      return;
    }
    const double keys =
        model::keys_per_query(layout_.sequence, op.window, model::AttentionConvention::kCausal);
    const double flops = 2 * heads * widths * keys * sequence * sequences;
    const Split2 forward = attention_time(op, flops, false);
    const Split2 backward = attention_time(op, 2 * flops, true);
    time_.forward[Part::kAttention] += forward.ideal;
    time_.forward[Part::kAttentionLoss] += forward.more;
    time_.backward[Part::kAttention] += backward.ideal;
    time_.backward[Part::kAttentionLoss] += backward.more;
    if (layout_.recompute == Recompute::kSelective) core_ = forward.total();
    add_context_exchange(op, forward.total(), backward.total());
  }

  [[nodiscard]] Split2 attention_time(const Operator& op, double flops, bool backward) const {
    const auto per_rank = [&](std::uint32_t heads) {
      return std::max(1U, static_cast<std::uint32_t>(heads / tensor_));
    };
    const AttentionKernel kernel{.sequences = layout_.micro_batch,
                                 .heads = per_rank(op.heads),
                                 .kv_heads = per_rank(op.kv_heads),
                                 .queries = layout_.sequence,
                                 .keys = layout_.sequence,
                                 .query_key_width = op.query_key_width,
                                 .value_width = op.value_width,
                                 .window = op.window,
                                 .backward = backward};
    if (const auto given = kernels_.given_attention(kernel))
      return {given->ideal / layout_.context, given->more / layout_.context};
    return kernels_.attention(flops, op.query_key_width, backward);
  }

  /// Scores, mask and softmax, dropout: all of them through memory, and none of them halved.
  void add_stored_attention(double heads, double sequence, const Operator& op) {
    const double scores = heads * sequence * sequence;
    Parts forward;
    add_product(forward, sequence, sequence, op.query_key_width, heads, Precision::kBf16);
    add_product(forward, sequence, op.value_width, sequence, heads, Precision::kBf16);
    // The causal half is useful.
    forward[Part::kAttentionLoss] += forward[Part::kMatmulLoss] + forward[Part::kMatmul] / 2;
    forward[Part::kAttention] = forward[Part::kMatmul] / 2;
    forward[Part::kMatmul] = forward[Part::kMatmulLoss] = 0;
    const double products = forward.total();
    const double dropout = layout_.stack.dropout ? 5 : 0;  // read, write, mask
    forward[Part::kAttentionLoss] += kernels_.stream(scores * (4 + dropout));
    Parts backward;
    backward[Part::kAttention] = 2 * forward[Part::kAttention];
    backward[Part::kAttentionLoss] =
        2 * products - backward[Part::kAttention] + kernels_.stream(scores * (6 + dropout));
    time_.forward += forward;
    time_.backward += backward;
    operators_ += 4;
    if (layout_.recompute == Recompute::kSelective) core_ = forward.total();
  }

  void add_context_exchange(const Operator& op, double forward, double backward) {
    if (layout_.context <= 1) return;
    const Group group = group_of(layout_.context, layout_.tensor, setting_.network->domain());
    const double kv_heads = std::max(1.0, op.kv_heads / tensor_);
    const double bytes =
        kActivationBytes * tokens_ * kv_heads * (op.query_key_width + op.value_width);
    double exchange = 0;
    if (layout_.exchange == ContextExchange::kRing) {
      exchange = all_gather(*setting_.network, group, bytes * layout_.context, reach());
    } else {
      const double queries = kActivationBytes * tokens_ * op.heads / tensor_ * 2 * op.value_width;
      exchange = all_to_all(*setting_.network, group, bytes + queries, reach());
      forward = backward = 0;  // nothing to hide behind
    }
    time_.forward[Part::kContext] += std::max(0.0, exchange - 0.8 * forward);
    time_.backward[Part::kContext] += std::max(0.0, 2 * exchange - 0.8 * backward);
  }

  void add_stream(const Operator& op) {
    double rows = tokens_ / tensor_;
    if (op.split == Split::kWhole) rows = outside();
    double extra = 0;
    if (layout_.stack.dropout) extra = op.saved.masks;  // one byte each
    const bool routes =
        op.block == model::Block::kExperts && op.visits > 1 && op.saved.activations == 0;
    const double passes = routes ? routing_passes() : 1;
    const double forward = kActivationBytes * (op.forward_read + op.forward_written) + extra;
    const double backward = kActivationBytes * (op.backward_read + op.backward_written) + extra;
    time_.forward[Part::kStream] += kernels_.stream(rows * forward * passes);
    time_.backward[Part::kStream] += kernels_.stream(rows * backward * passes);
  }

  [[nodiscard]] bool runs_dualpipe() const { return layout_.schedule == Schedule::kDualPipe; }

  [[nodiscard]] double routing_passes() const {
    if (runs_dualpipe()) return kFusedPasses;
    return all_.expert_traffic / 2 * (layout_.stack.graphs ? all_.expert_fused : 1);
  }

  [[nodiscard]] Reach reach() const {
    return {all_.of(setting_.chip->generation).link, all_.network};
  }

  void communicate(const std::vector<Operator>& operators) {
    unsigned regions = 0;
    const Operator* routed = nullptr;
    for (const Operator& op : operators) {
      if (op.kind == OperatorKind::kMatmul && op.split == Split::kRows) ++regions;
      if (op.kind == OperatorKind::kMatmul && op.split == Split::kExperts) routed = &op;
    }
    if (layout_.tensor > 1) add_tensor(regions);
    routes_ = routed != nullptr;
    if (routes_ && layout_.expert > 1) add_experts(*routed);
  }

  void add_tensor(unsigned regions) {
    const Group group = group_of(layout_.tensor, 1, setting_.network->domain());
    const double bytes = kActivationBytes * tokens_ * setting_.shape->width;
    const double hidden = layout_.stack.overlaps_tensor ? all_.tensor_overlap : 0;
    const double one = all_reduce(*setting_.network, group, bytes, reach()) * (1 - hidden);
    const double lent = one / (1 - hidden) * hidden * all_.lent;
    for (Parts* parts : {&time_.forward, &time_.backward}) {
      (*parts)[Part::kTensor] += one * regions;
      (*parts)[Part::kLent] += lent * regions;
    }
    collectives_ += 2 * regions;
  }

  void add_experts(const Operator& routed) {
    const model::Experts& experts = setting_.shape->experts;
    const Group group = group_of(layout_.expert, 1, setting_.network->domain());
    const auto width = static_cast<double>(experts.latent_width > 0 ? experts.latent_width
                                                                    : setting_.shape->width);
    const bool narrow = layout_.precision == Precision::kFp8Block;  // dispatches in FP8
    ExpertTraffic traffic;
    traffic.tokens = tokens_ / tensor_;
    traffic.active = routed.visits;
    traffic.domain_limit = experts.groups > experts.active_groups ? experts.active_groups : 0;
    traffic.imbalance = layout_.stack.busiest_expert;
    const Reach reach{all_.expert_link, all_.expert_link};
    traffic.token_bytes = width * (narrow ? 1.03 : 2);
    const double dispatch = expert_exchange(*setting_.network, group, traffic, reach);
    traffic.token_bytes = width * 2;
    const double combine = expert_exchange(*setting_.network, group, traffic, reach);
    // It can only hide behind another micro-batch's computation.
    double hidden = layout_.virtual_stages > 1 ? all_.expert_overlap : 0;
    if (runs_dualpipe()) hidden = kHiddenByDualPipe;
    const double fused = layout_.stack.graphs ? all_.expert_fused : 1;
    const double whole = (dispatch + combine) * fused;
    for (Parts* parts : {&time_.forward, &time_.backward}) {
      (*parts)[Part::kExpert] += whole * (1 - hidden);
      if (!runs_dualpipe()) (*parts)[Part::kLent] += whole * hidden * all_.lent;
    }
    time_.hidden_exchange += 2 * whole * hidden;
    collectives_ += 4;
  }

  /// DualPipe sets cores aside for as long as it runs: DeepSeek-V3 20 of 132.
  void lend_cores(Parts& parts) const {
    const Part kComputing[] = {Part::kMatmul,        Part::kMatmulLoss, Part::kAttention,
                               Part::kAttentionLoss, Part::kStream,     Part::kCast,
                               Part::kRecompute,     Part::kImbalance};
    double computing = 0;
    for (const Part part : kComputing) computing += parts[part];
    parts[Part::kLent] += computing * all_.lent / (1 - all_.lent);
  }

  /// Adds recomputation and what the host cannot launch in time.
  PassTime finish(bool in_layer) {
    const double host_forward = host(operators_, collectives_ / 2.0);
    const double host_backward = host(1.5 * operators_, collectives_ / 2.0);
    if (layout_.stack.stock) slow_down(mine().stock);
    Parts again;
    double host_again = 0;
    if (in_layer && layout_.recompute != Recompute::kNone) {
      const double share = layout_.recompute == Recompute::kFull ? layout_.recompute_share : 0;
      const double selective = layout_.stack.fused_attention
                                   ? kStreamsAgain * time_.forward[Part::kStream] + latent_up_
                                   : core_;
      again[Part::kRecompute] = share * time_.forward.total() + (1 - share) * selective;
      host_again = share * host_forward;
    }
    if (routes_ && !layout_.stack.graphs) {
      // Meanwhile the device has the other direction's micro-batch to do.
      const double waits = all_.expert_sync * (runs_dualpipe() ? 1 - kHiddenByDualPipe : 1);
      time_.forward[Part::kHost] += waits;
      time_.backward[Part::kHost] += waits;
    }
    time_.backward += again;
    if (routes_ && runs_dualpipe())
      for (Parts* parts : {&time_.forward, &time_.backward}) lend_cores(*parts);
    time_.forward[Part::kHost] += std::max(0.0, host_forward - time_.forward.total());
    time_.backward[Part::kHost] +=
        std::max(0.0, host_backward + host_again - time_.backward.total());
    return time_;
  }

  [[nodiscard]] const ChipCoefficients& mine() const { return all_.of(setting_.chip->generation); }

  [[nodiscard]] bool mine_is_later_than_ampere() const {
    return setting_.chip->generation == Generation::kHopper ||
           setting_.chip->generation == Generation::kBlackwell;
  }

  /// Stock kernels reach a `fraction` of the tuned ones' speed.
  void slow_down(double fraction) {
    for (Parts* parts : {&time_.forward, &time_.backward}) {
      const double more = 1 / fraction - 1;
      (*parts)[Part::kMatmulLoss] += more * ((*parts)[Part::kMatmul] + (*parts)[Part::kMatmulLoss]);
      const bool earlier = mine_is_later_than_ampere() && layout_.stack.fused_attention;
      (*parts)[Part::kAttentionLoss] +=
          (1 / fraction / (earlier ? kEarlierAttention : 1) - 1) *
          ((*parts)[Part::kAttention] + (*parts)[Part::kAttentionLoss]);
      (*parts)[Part::kStream] *= 1 / fraction;
      (*parts)[Part::kCast] *= 1 / fraction;
    }
  }

  [[nodiscard]] double host(double operators, double collectives) const {
    if (layout_.stack.graphs) return 0;
    return operators * all_.of(setting_.chip->generation).host_kernel +
           collectives * all_.host_collective;
  }

  const Setting& setting_;
  const Layout& layout_;
  CalibratedKernels kernels_;
  const Coefficients& all_;
  double tokens_;
  double tensor_;
  PassTime time_;
  double core_ = 0;       // of the attention core, forward
  double latent_up_ = 0;  // of latent attention's up-projections, forward
  unsigned operators_ = 0, collectives_ = 0;
  bool routes_ = false;
};

PassTime operator+(PassTime a, const PassTime& b) {
  a.forward += b.forward;
  a.backward += b.backward;
  a.weight_gradient += b.weight_gradient;
  a.hidden_exchange += b.hidden_exchange;
  return a;
}

}  // namespace

MicroBatchTime micro_batch_time(const Setting& setting, const Layout& layout) {
  const model::TransformerShape& shape = *setting.shape;
  Lowering lowering(setting, layout);
  MicroBatchTime time;
  time.tokens = lowering.tokens();
  std::vector<std::pair<model::LayerKind, PassTime>> kinds;
  for (const model::LayerGroup& group : model::layer_groups(shape))
    kinds.emplace_back(group.kind,
                       lowering.lower(model::layer_operators(shape, group.kind), true, true));
  time.layers_before.resize(shape.layers + 1);
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
    const model::LayerKind kind = model::layer_kind(shape, layer);
    const auto found =
        std::ranges::find(kinds, kind, &std::pair<model::LayerKind, PassTime>::first);
    time.layers_before[layer + 1] = time.layers_before[layer] + found->second;
  }
  for (const PassTime& before : time.layers_before) {
    time.forward_before.push_back(before.forward.total());
    time.backward_before.push_back(before.backward.total());
    time.weight_before.push_back(before.weight_gradient);
  }
  time.embedding = lowering.lower(model::embedding_operators(shape), false, false);
  time.head = lowering.lower(model::head_operators(shape), false, false);
  if (shape.prediction_modules > 0) {
    const PassTime one = time.head +
                         lowering.lower(model::prediction_operators(shape), true, false) +
                         kinds.back().second;
    for (std::uint32_t i = 0; i < shape.prediction_modules; ++i)
      time.prediction = time.prediction + one;
    time.head = time.head + time.prediction;
  }
  return time;
}

}  // namespace isobar::plan
