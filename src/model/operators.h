// The operators of a transformer, one list per kind of layer: matrix products as M x N x K, the
// attention core, and everything else that streams through memory. The planner costs them, and
// every count of parameters, FLOPs and bytes is a sum over these lists, so that they cannot
// disagree.
//
// Sizes are of the whole model and per token; `split` says how tensor and expert parallelism cut an
// operator. Streams are counted unfused, as one kernel each that reads its inputs and writes its
// outputs once. State-space scans are counted as the matrix products of their chunked form.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/transformer_shape.h"

namespace isobar::model {

enum class OperatorKind : std::uint8_t {
  kMatmul,     // (tokens, k) x (k, n), with weights
  kAttention,  // softmax(Q K^T) V; no weights
  kScan,       // the state-space recurrence in chunks; no large weights
  kStream,     // bound by memory: norms, activations, residuals, lookups, routing
};

/// How the ranks of tensor parallelism share an operator.
enum class Split : std::uint8_t {
  kWhole,    // every rank holds all weights; with sequence parallelism each does its tokens
  kColumns,  // outputs are cut (n / tp): starts a parallel region
  kRows,     // inputs are cut (k / tp): ends one, and the results are summed
  kHeads,    // inside a region: attention by heads, streams by channels
  kExperts,  // by expert parallelism; within an expert, by tensor parallelism of experts
};

/// Where an operator's result is needed, for recomputation and for the ledger.
enum class Block : std::uint8_t {
  kEmbedding,
  kAttention,
  kFeedForward,
  kExperts,
  kStateSpace,
  kHead
};

/// Elements per token that must be kept from the forward to the backward pass.
struct Saved {
  double matmul_inputs = 0;  // kept in the precision of matrix products
  double activations = 0;    // in that of activations
  double masks = 0;          // one byte each
  double floats = 0;         // four bytes each: statistics of softmax
};

struct Operator {
  std::string_view name;  // "attention.output"
  OperatorKind kind = OperatorKind::kStream;
  Block block = Block::kAttention;
  Split split = Split::kWhole;

  std::uint64_t n = 0, k = 0;        // kMatmul: of one group
  std::uint32_t groups = 1;          // kMatmul: experts, each with its own weights
  std::uint32_t visits = 1;          // kMatmul, kStream of experts: rows per token, over all groups
  std::uint64_t weights = 0;         // elements, biases included, of all groups
  std::uint64_t active_weights = 0;  // those of the experts that one token visits, or all
  bool looked_up = false;            // the weights are a table that no product reads

  std::uint32_t heads = 0, kv_heads = 0;               // kAttention
  std::uint32_t query_key_width = 0, value_width = 0;  // kAttention: of a head
  std::uint32_t window = 0;                            // kAttention: 0 is none

  std::uint64_t scan_flops = 0;  // kScan: per token, forward

  // kStream and kScan, elements per token.
  double forward_read = 0, forward_written = 0, backward_read = 0, backward_written = 0;

  Saved saved;
};

/// One layer of a kind, bottom to top.
[[nodiscard]] std::vector<Operator> layer_operators(const TransformerShape& shape, LayerKind kind);
/// Token and position lookup.
[[nodiscard]] std::vector<Operator> embedding_operators(const TransformerShape& shape);
/// Final norm, output layer, cross-entropy. Tied output weights are counted at the embedding.
[[nodiscard]] std::vector<Operator> head_operators(const TransformerShape& shape);
/// One module of multi-token prediction without its layer (which is of the last layer's kind) and
/// without the embedding and output layer it shares: two norms, the projection, the final norm.
[[nodiscard]] std::vector<Operator> prediction_operators(const TransformerShape& shape);

}  // namespace isobar::model
