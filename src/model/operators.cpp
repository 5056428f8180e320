#include "model/operators.h"

namespace isobar::model {
namespace {

/// Collects the operators of one block.
class Builder {
 public:
  explicit Builder(const TransformerShape& shape) : s_(shape) {}

  Operator& matmul(std::string_view name, Block block, Split split, std::uint64_t n,
                   std::uint64_t k, bool bias, double saved_inputs) {
    Operator op;
    op.name = name;
    op.kind = OperatorKind::kMatmul;
    op.block = block;
    op.split = split;
    op.n = n;
    op.k = k;
    op.weights = op.active_weights = n * k + (bias ? n : 0);
    op.saved.matmul_inputs = saved_inputs;
    return list_.emplace_back(op);
  }
  Operator& stream(std::string_view name, Block block, Split split, double forward_read,
                   double forward_written, double backward_read, double backward_written) {
    Operator op;
    op.name = name;
    op.block = block;
    op.split = split;
    op.forward_read = forward_read;
    op.forward_written = forward_written;
    op.backward_read = backward_read;
    op.backward_written = backward_written;
    return list_.emplace_back(op);
  }
  /// The backward pass reads the input and the gradient of the output.
  Operator& norm(std::string_view name, Block block, std::uint64_t channels,
                 std::uint64_t repeated = 1) {
    const auto size = static_cast<double>(channels * repeated);
    Operator& op = stream(name, block, Split::kWhole, size, size, 2 * size, size);
    op.weights = op.active_weights = channels * (s_.norm == Norm::kLayer && s_.norm_bias ? 2 : 1);
    op.saved.activations = size;
    return op;
  }
  /// Adds a block's output to the residual stream; its dropout keeps a mask.
  void residual(std::string_view name, Block block) {
    const auto size = static_cast<double>(s_.width);
    stream(name, block, Split::kWhole, 2 * size, size, size, size).saved.masks = size;
  }
  [[nodiscard]] std::vector<Operator> take() { return std::move(list_); }

 private:
  const TransformerShape& s_;
  std::vector<Operator> list_;
};

void append_latent_projections(Builder& build, const TransformerShape& s) {
  const LatentAttention& l = s.latent;
  const std::uint64_t queries = std::uint64_t{s.heads} * s.query_key_width();
  const auto width = static_cast<double>(s.width);
  const bool bias = s.query_key_value_bias;
  if (l.query_rank > 0) {
    build.matmul("attention.query_down", Block::kAttention, Split::kWhole, l.query_rank, s.width,
                 bias, width);
    build.norm("attention.query_norm", Block::kAttention, l.query_rank);
    build.matmul("attention.query_up", Block::kAttention, Split::kColumns, queries, l.query_rank,
                 false, l.query_rank);
  } else {
    build.matmul("attention.query", Block::kAttention, Split::kColumns, queries, s.width, bias,
                 width);
  }
  // Its input is the queries' input too, which is kept already.
  build.matmul("attention.key_value_down", Block::kAttention, Split::kWhole,
               std::uint64_t{l.key_value_rank} + l.rotary_width, s.width, bias, 0);
  build.norm("attention.key_value_norm", Block::kAttention, l.key_value_rank);
  build.matmul("attention.key_value_up", Block::kAttention, Split::kColumns,
               std::uint64_t{s.heads} * (l.plain_width + l.value_width), l.key_value_rank, false,
               l.key_value_rank);
}

void append_attention_core(Builder& build, const TransformerShape& s, bool windowed) {
  const std::uint32_t kv_heads = s.is_latent() ? s.heads : s.kv_heads;
  const double queries = static_cast<double>(s.heads) * s.query_key_width();
  const double keys = static_cast<double>(kv_heads) * s.query_key_width();
  const double values = static_cast<double>(kv_heads) * s.value_width();
  if (s.query_key_norm) {
    Operator& norm = build.norm("attention.query_key_norm", Block::kAttention, s.query_key_width(),
                                s.heads + kv_heads);
    norm.split = Split::kHeads;
    norm.weights = norm.active_weights = 2 * norm.weights;  // queries and keys have their own
  }
  if (s.positions == Positions::kRotary) {
    const double share =
        s.is_latent() ? static_cast<double>(s.latent.rotary_width) / s.query_key_width() : 1;
    const double size = share * (queries + keys);
    build.stream("attention.rotary", Block::kAttention, Split::kHeads, size, size, size, size);
  }
  Operator& core =
      build.stream("attention.core", Block::kAttention, Split::kHeads, queries + keys + values,
                   static_cast<double>(s.heads) * s.value_width(), 0, 0);
  core.kind = OperatorKind::kAttention;
  core.heads = s.heads;
  core.kv_heads = kv_heads;
  core.query_key_width = s.query_key_width();
  core.value_width = s.value_width();
  core.window = windowed ? s.window : 0;
  core.weights = core.active_weights = s.attention_sinks ? s.heads : 0;
  core.saved.activations = queries + keys + values;
  core.saved.floats = s.heads;
}

void append_attention(Builder& build, const TransformerShape& s, bool windowed) {
  build.norm("attention.norm", Block::kAttention, s.width);
  if (s.is_latent()) {
    append_latent_projections(build, s);
  } else {
    const std::uint64_t heads = std::uint64_t{s.heads} + 2 * std::uint64_t{s.kv_heads};
    build.matmul("attention.query_key_value", Block::kAttention, Split::kColumns,
                 heads * s.head_width, s.width, s.query_key_value_bias, s.width);
  }
  append_attention_core(build, s, windowed);
  const std::uint64_t attended = std::uint64_t{s.heads} * s.value_width();
  build.matmul("attention.output", Block::kAttention, Split::kRows, s.width, attended,
               s.output_bias, static_cast<double>(attended));
  if (s.sandwich_norm) build.norm("attention.post_norm", Block::kAttention, s.width);
  build.residual("attention.residual", Block::kAttention);
}

/// The stream between the two halves of a feed-forward block `hidden` wide, `visits` times a token.
void append_activation(Builder& build, const TransformerShape& s, std::string_view name,
                       Block block, Split split, std::uint64_t hidden, std::uint32_t visits) {
  const double size = static_cast<double>(hidden) * visits;
  const double before = s.is_gated() ? 2 * size : size;
  Operator& op = build.stream(name, block, split, before, size, before + size, before);
  op.visits = visits;
  op.saved.activations = before;
}

void append_feed_forward(Builder& build, const TransformerShape& s, bool own_norm) {
  constexpr Block kBlock = Block::kFeedForward;
  if (own_norm) build.norm("feed_forward.norm", kBlock, s.width);
  const std::uint64_t up = (s.is_gated() ? 2 : 1) * std::uint64_t{s.feed_forward};
  build.matmul("feed_forward.up", kBlock, Split::kColumns, up, s.width, s.feed_forward_bias,
               own_norm ? s.width : 0);
  append_activation(build, s, "feed_forward.activation", kBlock, Split::kHeads, s.feed_forward, 1);
  build.matmul("feed_forward.down", kBlock, Split::kRows, s.width, s.feed_forward,
               s.feed_forward_bias, s.feed_forward);
  if (s.sandwich_norm) build.norm("feed_forward.post_norm", kBlock, s.width);
  build.residual("feed_forward.residual", kBlock);
}

void append_shared_expert(Builder& build, const TransformerShape& s) {
  const Experts& e = s.experts;
  const std::uint64_t up = (s.is_gated() ? 2 : 1) * std::uint64_t{e.shared_width};
  build.matmul("experts.shared_up", Block::kExperts, Split::kColumns, up, s.width, e.bias, 0);
  append_activation(build, s, "experts.shared_activation", Block::kExperts, Split::kHeads,
                    e.shared_width, 1);
  build.matmul("experts.shared_down", Block::kExperts, Split::kRows, s.width, e.shared_width,
               e.bias, e.shared_width);
  if (e.gated_shared)
    build.matmul("experts.shared_gate", Block::kExperts, Split::kWhole, 1, s.width, false, 0);
}

/// `op` becomes the same product in every routed expert.
void route(Operator& op, const Experts& e) {
  op.groups = e.count;
  op.visits = e.active;
  op.active_weights = op.weights * e.active;
  op.weights *= e.count;
}

void append_experts(Builder& build, const TransformerShape& s) {
  constexpr Block kBlock = Block::kExperts;
  const Experts& e = s.experts;
  const auto width = static_cast<double>(s.width);
  const std::uint32_t routed = e.latent_width > 0 ? e.latent_width : s.width;
  const double rows = static_cast<double>(e.active) * routed;
  build.norm("experts.norm", kBlock, s.width);
  build.matmul("experts.router", kBlock, Split::kWhole, e.count, s.width, e.router_bias, width);
  // Scores in, the chosen experts and their weights out.
  build.stream("experts.choose", kBlock, Split::kWhole, e.count, 2.0 * e.active, e.active, e.count)
      .saved.floats = e.count;
  if (e.latent_width > 0)
    build.matmul("experts.latent_down", kBlock, Split::kWhole, e.latent_width, s.width, false, 0);
  build.stream("experts.dispatch", kBlock, Split::kWhole, routed, rows, rows, routed).visits =
      e.active;
  route(build.matmul("experts.up", kBlock, Split::kExperts,
                     (s.is_gated() ? 2 : 1) * std::uint64_t{e.width}, routed, e.bias, rows),
        e);
  append_activation(build, s, "experts.activation", kBlock, Split::kExperts, e.width, e.active);
  // The router's weights scale the hidden channels, so that the experts' outputs need not be kept.
  route(build.matmul("experts.down", kBlock, Split::kExperts, routed, e.width, e.bias,
                     static_cast<double>(e.active) * e.width),
        e);
  build.stream("experts.combine", kBlock, Split::kWhole, rows, routed, routed, rows).visits =
      e.active;
  if (e.latent_width > 0)
    build.matmul("experts.latent_up", kBlock, Split::kWhole, s.width, e.latent_width, false,
                 e.latent_width);
  if (e.shared_width > 0) append_shared_expert(build, s);
  if (s.sandwich_norm) build.norm("experts.post_norm", kBlock, s.width);
  build.residual("experts.residual", kBlock);
}

void append_state_space(Builder& build, const TransformerShape& s) {
  constexpr Block kBlock = Block::kStateSpace;
  const StateSpace& m = s.state_space;
  const std::uint64_t inner = std::uint64_t{m.heads} * m.head_width;
  const std::uint64_t mixed =
      inner + 2 * std::uint64_t{m.groups} * m.state;  // goes through the convolution
  const auto inner_size = static_cast<double>(inner), mixed_size = static_cast<double>(mixed);
  build.norm("state_space.norm", kBlock, s.width);
  build.matmul("state_space.input", kBlock, Split::kColumns, inner + mixed + m.heads, s.width,
               false, s.width);
  Operator& convolution = build.stream("state_space.convolution", kBlock, Split::kHeads, mixed_size,
                                       mixed_size, 2 * mixed_size, mixed_size);
  convolution.weights = convolution.active_weights = mixed * (std::uint64_t{m.convolution} + 1);
  convolution.saved.activations = mixed_size;
  Operator& scan = build.stream("state_space.scan", kBlock, Split::kHeads, mixed_size + m.heads,
                                inner_size, mixed_size + 2 * inner_size, mixed_size);
  scan.kind = OperatorKind::kScan;
  scan.weights = scan.active_weights = 3 * std::uint64_t{m.heads};  // decay, skip and step bias
  // Within a chunk: C B^T per group and its product with X; between chunks: into the state, and
  // out.
  scan.scan_flops = 2 * std::uint64_t{m.chunk} * (std::uint64_t{m.groups} * m.state + inner) +
                    4 * std::uint64_t{m.state} * inner;
  scan.saved.activations = mixed_size;
  Operator& gate = build.norm("state_space.gated_norm", kBlock, inner);
  gate.split = Split::kHeads;
  gate.forward_read += inner_size;
  gate.backward_read += inner_size;
  gate.backward_written += inner_size;
  gate.saved.activations += inner_size;
  build.matmul("state_space.output", kBlock, Split::kRows, s.width, inner, false, inner_size);
  build.residual("state_space.residual", kBlock);
}

}  // namespace

std::vector<Operator> layer_operators(const TransformerShape& shape, LayerKind kind) {
  Builder build(shape);
  if (kind.attention) append_attention(build, shape, kind.windowed);
  if (kind.state_space) append_state_space(build, shape);
  if (kind.dense) append_feed_forward(build, shape, !(shape.parallel_blocks && kind.attention));
  if (kind.experts) append_experts(build, shape);
  return build.take();
}

std::vector<Operator> embedding_operators(const TransformerShape& s) {
  Builder build(s);
  const auto width = static_cast<double>(s.width);
  Operator& tokens = build.stream("embedding.tokens", Block::kEmbedding, Split::kColumns, width,
                                  width, width, width);
  tokens.weights = tokens.active_weights = std::uint64_t{s.vocabulary} * s.width;
  tokens.looked_up = !s.tied_embeddings;
  if (s.positions == Positions::kLearned) {
    Operator& positions = build.stream("embedding.positions", Block::kEmbedding, Split::kWhole,
                                       2 * width, width, width, width);
    positions.weights = positions.active_weights = std::uint64_t{s.context} * s.width;
    positions.looked_up = true;
  }
  if (s.embedding_norm) build.norm("embedding.norm", Block::kEmbedding, s.width);
  return build.take();
}

std::vector<Operator> head_operators(const TransformerShape& s) {
  Builder build(s);
  build.norm("head.norm", Block::kHead, s.width);
  Operator& logits = build.matmul("head.logits", Block::kHead, Split::kColumns, s.vocabulary,
                                  s.width, s.head_bias, s.width);
  if (s.tied_embeddings) logits.weights = logits.active_weights = s.head_bias ? s.vocabulary : 0;
  // Read for the largest and for the sum; the gradient replaces the logits.
  const double size = s.vocabulary;
  build.stream("head.cross_entropy", Block::kHead, Split::kHeads, 2 * size, 0, size, size)
      .saved.activations = size;
  return build.take();
}

std::vector<Operator> prediction_operators(const TransformerShape& s) {
  Builder build(s);
  build.norm("prediction.hidden_norm", Block::kHead, s.width);
  build.norm("prediction.embedding_norm", Block::kHead, s.width);
  build.matmul("prediction.projection", Block::kHead, Split::kWhole, s.width,
               2 * std::uint64_t{s.width}, false, 2.0 * s.width);
  build.norm("prediction.final_norm", Block::kHead, s.width);
  return build.take();
}

}  // namespace isobar::model
