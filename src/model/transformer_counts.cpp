#include "model/transformer_counts.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace isobar::model {
namespace {

struct Sum {
  std::uint64_t all = 0, active = 0, looked_up = 0;
  void add(const std::vector<Operator>& operators, std::uint64_t times = 1) {
    for (const Operator& op : operators) {
      add(all, times, op.weights);
      add(active, times, op.active_weights);
      if (op.looked_up) add(looked_up, times, op.weights);
    }
  }

 private:
  /// Stays at the most that fits: check() refuses such a model, and must not see it wrapped around.
  static void add(std::uint64_t& sum, std::uint64_t times, std::uint64_t weights) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(times, weights, &product) ||
        __builtin_add_overflow(sum, product, &sum))
      sum = std::numeric_limits<std::uint64_t>::max();
  }
};

double sum_flops(const std::vector<Operator>& operators, std::uint32_t sequence,
                 AttentionConvention convention) {
  double sum = 0;
  for (const Operator& op : operators) sum += forward_flops(op, sequence, convention);
  return sum;
}

}  // namespace

ParameterCounts count_parameters(const TransformerShape& shape) {
  Sum sum, prediction;
  sum.add(embedding_operators(shape));
  for (const LayerGroup& group : layer_groups(shape))
    sum.add(layer_operators(shape, group.kind), group.count);
  sum.add(head_operators(shape));
  if (shape.prediction_modules > 0) {
    prediction.add(layer_operators(shape, prediction_kind(shape)), shape.prediction_modules);
    prediction.add(prediction_operators(shape), shape.prediction_modules);
  }
  return {sum.all, sum.active, sum.looked_up, prediction.all};
}

std::uint64_t layer_parameters(const TransformerShape& shape, LayerKind kind) {
  Sum sum;
  sum.add(layer_operators(shape, kind));
  return sum.all;
}

std::uint64_t activated_layer_parameters(const TransformerShape& shape, LayerKind kind) {
  Sum sum;
  sum.add(layer_operators(shape, kind));
  return sum.active;
}

double keys_per_query(std::uint32_t sequence, std::uint32_t window,
                      AttentionConvention convention) {
  const double t = sequence;
  const double w = window == 0 ? t : std::min<double>(window, t);
  // The first w queries see w / 2 on average, the others w.
  return convention == AttentionConvention::kFull ? w : w - w * w / (2 * t);
}

double forward_flops(const Operator& op, std::uint32_t sequence, AttentionConvention convention) {
  switch (op.kind) {
    case OperatorKind::kMatmul:
      return 2.0 * static_cast<double>(op.n) * static_cast<double>(op.k) * op.visits;
    case OperatorKind::kAttention:
      return 2.0 * op.heads * (op.query_key_width + op.value_width) *
             keys_per_query(sequence, op.window, convention);
    case OperatorKind::kScan:
      return static_cast<double>(op.scan_flops);
    case OperatorKind::kStream:
      return 0;
  }
  return 0;
}

double layer_forward_flops(const TransformerShape& shape, LayerKind kind, std::uint32_t sequence,
                           AttentionConvention convention) {
  return sum_flops(layer_operators(shape, kind), sequence, convention);
}

double forward_flops_per_token(const TransformerShape& shape, std::uint32_t sequence,
                               AttentionConvention convention) {
  const double head = sum_flops(head_operators(shape), sequence, convention);
  double sum = head;
  for (const LayerGroup& group : layer_groups(shape))
    sum += group.count * layer_forward_flops(shape, group.kind, sequence, convention);
  if (shape.prediction_modules > 0)
    sum += shape.prediction_modules *
           (head + sum_flops(prediction_operators(shape), sequence, convention) +
            layer_forward_flops(shape, prediction_kind(shape), sequence, convention));
  return sum;
}

double training_flops_per_token(const TransformerShape& shape, std::uint32_t sequence,
                                AttentionConvention convention) {
  return 3 * forward_flops_per_token(shape, sequence, convention);
}

double six_n(const TransformerShape& shape) {
  const ParameterCounts counts = count_parameters(shape);
  return 6.0 * static_cast<double>(counts.activated - counts.embedding);
}

double activation_bytes_per_token(const TransformerShape& shape, LayerKind kind,
                                  std::uint32_t sequence, const ActivationSettings& settings) {
  const double whole = settings.sequence_parallel ? settings.tensor : 1;
  if (settings.recompute == Recompute::kFull)
    return shape.width * settings.activation_bytes / whole;
  double sum = 0;
  for (const Operator& op : layer_operators(shape, kind)) {
    const Saved& saved = op.saved;
    double bytes = saved.matmul_inputs * settings.matmul_input_bytes +
                   saved.activations * settings.activation_bytes +
                   (settings.dropout ? saved.masks : 0);
    if (settings.fused_attention || op.kind != OperatorKind::kAttention) bytes += 4 * saved.floats;
    const bool stores_scores = op.kind == OperatorKind::kAttention && !settings.fused_attention &&
                               settings.recompute == Recompute::kNone;
    // Softmax's output, its dropout's mask and the dropout's output; without dropout the first.
    if (stores_scores)
      bytes +=
          op.heads * static_cast<double>(sequence) *
          (settings.activation_bytes * (settings.dropout ? 2 : 1) + (settings.dropout ? 1 : 0));
    // The input of a product that ends a parallel region lies within it. Tokens that visit experts
    // have been cut among the ranks before.
    const bool within = op.split == Split::kRows || op.split == Split::kHeads;
    sum += bytes / (within ? settings.tensor : whole);
  }
  return sum;
}

}  // namespace isobar::model
